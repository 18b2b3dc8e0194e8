"""What a yes to a resolution does is said before it is given; a proposal stands on the page once."""

from decimal import Decimal

import pytest
from django.urls import reverse

from agenda.models import Difference
from agenda.models.differences import distance_in_words
from agenda.services.differences import board, resolutions
from tests.agenda.test_differences import Talk

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "Both, one after the other."


@pytest.fixture
def talk():
    return Talk()


def page(client, talk, member):
    client.force_login(member.user)
    url = reverse("agenda:difference", args=[talk.initiative.slug, talk.difference.pk])
    return " ".join(client.get(url).content.decode().split())


def asked(talk):
    """Both sides are asked about what the first one proposed."""
    with talk.here():
        talk.call_fair()
        proposal = board.make_proposal(actor=talk.first, difference=talk.difference, text=WORDS)
        return resolutions.propose_resolution(
            actor=talk.facilitator,
            difference=talk.difference,
            kind="merged",
            text=WORDS,
            proposal=proposal,
        )


def test_a_proposal_that_is_asked_about_stands_on_the_page_once(client, talk):
    asked(talk)
    said = page(client, talk, talk.facilitator)
    assert said.count(WORDS) == 1
    assert f"Proposed by {talk.first.organization.name}." in said
    assert "How it could be settled: merged into one view" in said


def test_the_first_yes_waits_for_the_other_side_and_says_so(client, talk):
    asked(talk)
    said = page(client, talk, talk.first)
    assert "With your yes your side has agreed." in said
    assert "one organization that holds “None” says yes as well" in said
    assert "We say yes" in said


def test_the_yes_that_decides_says_what_it_does(client, talk):
    resolution = asked(talk)
    with talk.here():
        resolutions.confirm_resolution(actor=talk.first, resolution=resolution)
        side = talk.sides()[1]
        board.take_side(actor=talk.facilitator, side=side, organization=talk.third.organization)
    said = page(client, talk, talk.second)
    assert "Your yes decides." in said
    assert "this serious difference is resolved: merged into one view." in said
    assert "You answer for the 2 organizations that hold your view" in said
    assert "Yes: resolve it like this" in said
    assert "Your yes decides." not in page(client, talk, talk.facilitator)


def test_a_yes_beside_somebody_elses_no_does_not_decide(client, talk):
    resolution = asked(talk)
    with talk.here():
        resolutions.refuse_resolution(
            actor=talk.first, resolution=resolution, kind="not_yet", reason="We ask our board."
        )
    said = page(client, talk, talk.second)
    assert f"Nothing is resolved before {talk.first.organization.name}" in said
    assert "Your yes decides." not in said


def test_how_far_answers_lie_apart_is_said_in_words():
    said = [distance_in_words(Decimal(each)) for each in ("0.83", "0.34", "0.2")]
    assert said == ["far apart", "some way apart", "close together"]
    found = Difference(divergence=Decimal("0.83"), importance=Decimal("2.75"))
    assert found.distance_in_words == "far apart"
    assert found.importance_in_words == "and it matters very much to us"


def test_a_resolution_says_that_each_side_has_to_say_yes(client, talk):
    asked(talk)
    said = page(client, talk, talk.facilitator)
    assert "Still needs a yes from one organization on each side:" in said

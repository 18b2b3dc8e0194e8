"""Differences: stated fairly by each side, settled by each side (A8), opened again by any."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection
from django.urls import reverse

from agenda.choices import DifferenceState, ResolutionState
from agenda.models import (
    Difference,
    DifferenceSide,
    Resolution,
    ResolutionConfirmation,
    ResolutionRefusal,
)
from agenda.selectors.differences import refused_before, unanswered_by, unfair_to
from agenda.services.differences import board, resolutions
from initiatives import today
from initiatives.models import Act
from initiatives.permissions import Role
from initiatives.tenancy import scope
from tests import factories
from tests.agenda import people

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def talk():
    return Talk()


class Talk:
    """A difference with one organization on each side, in an open scope when asked."""

    def __init__(self):
        self.initiative = factories.initiative()
        with self.here():
            self.facilitator = people.backbone()
            self.first, self.second, self.third = people.leads(3)
            self.difference = board.note_difference(
                actor=self.facilitator,
                kind="goal",
                title="When is it over?",
                sides=(board.Side("Rare", "Few a month."), board.Side("None", "Nobody ever.")),
            )
            for side, lead in zip(self.sides(), (self.first, self.second), strict=True):
                board.take_side(actor=lead, side=side, organization=lead.organization)

    def here(self):
        return scope(self.initiative.pk)

    def sides(self):
        return list(DifferenceSide.objects.select_related("difference").order_by("position"))

    def state(self):
        return Difference.objects.get().state

    def call_fair(self):
        for side, lead in zip(self.sides(), (self.first, self.second), strict=True):
            board.call_fair(actor=lead, side=side, version=side.version)

    def resolve(self, *leads):
        resolution = resolutions.propose_resolution(
            actor=self.facilitator, difference=self.difference, kind="merged", text="Both."
        )
        for lead in leads:
            resolutions.confirm_resolution(actor=lead, resolution=resolution)
        return resolution


def test_fairly_stated_when_each_side_says_so(talk):
    with talk.here():
        first, second = talk.sides()
        board.call_fair(actor=talk.first, side=first, version=1)
        assert talk.state() == DifferenceState.NOTICED
        with pytest.raises(ValidationError):
            board.call_fair(actor=talk.first, side=second, version=1)
        board.call_fair(actor=talk.second, side=second, version=1)
        assert talk.state() == DifferenceState.FAIRLY_STATED


def test_other_words_are_asked_about_again(talk):
    with talk.here():
        talk.call_fair()
        side = talk.sides()[0]
        board.word_side(
            actor=talk.first, side=side, label="Rare", statement="Fewer.", version=side.version
        )
        assert talk.state() == DifferenceState.NOTICED
        with pytest.raises(ValidationError):  # the words that were read are not these
            board.call_fair(actor=talk.first, side=side, version=1)
        with pytest.raises(ValidationError):
            board.word_side(actor=talk.first, side=side, label="R", statement="F", version=1)


def test_the_other_side_does_not_word_ours(talk):
    with talk.here(), pytest.raises(PermissionDenied):
        board.word_side(
            actor=talk.second, side=talk.sides()[0], label="x", statement="x", version=1
        )


def test_every_step_is_one_that_there_is(talk):
    with talk.here():
        with pytest.raises(ValidationError):
            board.move_difference(
                actor=talk.facilitator, difference=talk.difference, to="in_dialogue"
            )
        talk.call_fair()
        move = {"actor": talk.facilitator, "difference": talk.difference}
        board.move_difference(**move, to="in_dialogue")
        with pytest.raises(ValidationError):
            board.move_difference(**move, to="evidence_needed")
        board.move_difference(**move, to="evidence_needed", evidence_wanted="How many?")
        board.move_difference(**move, to="in_dialogue")
        with pytest.raises(ValidationError):
            board.move_difference(**move, to="resolved")
        with pytest.raises(PermissionDenied):
            board.move_difference(**(move | {"actor": talk.first}), to="evidence_needed")


def test_a8_the_backbone_cannot_resolve_alone(talk):
    with talk.here():
        talk.call_fair()
        resolution = talk.resolve()
        with pytest.raises(PermissionDenied):
            resolutions.confirm_resolution(actor=talk.facilitator, resolution=resolution)
        assert talk.state() == DifferenceState.PROPOSAL


@pytest.mark.parametrize("side", [0, 1])
def test_a8_one_side_is_not_enough(talk, side):
    with talk.here():
        talk.call_fair()
        talk.resolve((talk.first, talk.second)[side])
        assert talk.state() == DifferenceState.PROPOSAL
        assert Resolution.objects.get().state == ResolutionState.PROPOSED


def test_a8_a_yes_on_each_side_resolves(talk):
    with talk.here():
        talk.call_fair()
        talk.resolve(talk.first, talk.second)
        assert talk.state() == DifferenceState.RESOLVED
        assert Act.objects.filter(action="agenda.difference_resolved").count() == 1


def test_a8_who_holds_no_side_does_not_count(talk):
    with talk.here():
        talk.call_fair()
        resolution = talk.resolve(talk.first)
        with pytest.raises(ValidationError):
            resolutions.confirm_resolution(actor=talk.third, resolution=resolution)


def test_a8_the_database_holds_it_too(talk):
    with talk.here():
        talk.call_fair()
        resolution = talk.resolve(talk.first)
    with pytest.raises(IntegrityError), talk.here():
        force_resolved()
    with talk.here():
        ResolutionConfirmation.here(
            resolution=resolution,
            side=talk.sides()[1],
            organization=talk.facilitator.organization,
            user=talk.facilitator.user,
        ).save()
    with pytest.raises(IntegrityError), talk.here():
        force_resolved()


def refuse(lead, resolution, kind="no", reason="It leaves the young out."):
    resolutions.refuse_resolution(actor=lead, resolution=resolution, kind=kind, reason=reason)


@pytest.mark.parametrize("kind", ["no", "not_yet"])
def test_a8_nothing_is_settled_while_a_side_says_no(talk, kind):
    with talk.here():
        third = talk.third
        board.take_side(actor=third, side=talk.sides()[1], organization=third.organization)
        talk.call_fair()
        resolution = talk.resolve()
        refuse(third, resolution, kind)
        for lead in (talk.first, talk.second):  # each side has a yes, and one has a no
            resolutions.confirm_resolution(actor=lead, resolution=resolution)
        assert talk.state() == DifferenceState.PROPOSAL
        assert Resolution.objects.get().state == ResolutionState.PROPOSED
    with pytest.raises(IntegrityError, match="while a side says no"), talk.here():
        force_resolved()
    with talk.here():
        resolutions.confirm_resolution(actor=third, resolution=resolution)
        assert talk.state() == DifferenceState.RESOLVED


def test_a_yes_that_became_a_no_is_no_yes(talk):
    with talk.here():
        talk.call_fair()
        resolution = talk.resolve(talk.first)
        refuse(talk.first, resolution)
        resolutions.confirm_resolution(actor=talk.second, resolution=resolution)
        assert talk.state() == DifferenceState.PROPOSAL
        resolutions.confirm_resolution(actor=talk.first, resolution=resolution)
        assert talk.state() == DifferenceState.RESOLVED


def test_a_no_has_its_reason_and_is_said_by_a_side(talk):
    with talk.here():
        talk.call_fair()
        resolution = talk.resolve()
        with pytest.raises(ValidationError):
            refuse(talk.third, resolution)
        with pytest.raises(PermissionDenied):
            refuse(talk.facilitator, resolution)
        refuse(talk.first, resolution)
        refuse(talk.first, resolution)
        refuse(talk.first, resolution, "not_yet", "Ask the youth first.")
        said = Act.objects.filter(action="agenda.resolution_refused").order_by("id")
        assert [each.detail["answer"] for each in said] == ["no", "not_yet"]
        assert ResolutionRefusal.objects.get().reason == "Ask the youth first."
    with pytest.raises(IntegrityError), talk.here():
        refuse(talk.second, resolution, reason="")


def test_a_no_waits_for_who_leads_the_talk_and_for_nobody_else(talk):
    with talk.here():
        talk.call_fair()
        resolution = talk.resolve()
        assert not refused_before(talk.facilitator).exists()
        refuse(talk.first, resolution)
        assert list(refused_before(talk.facilitator)) == [talk.difference]
        assert any("said no" in each.text for each in today.waiting(talk.facilitator))
        assert not refused_before(talk.second).exists()
        assert not unanswered_by(talk.first).exists()
        resolutions.confirm_resolution(actor=talk.first, resolution=resolution)
        assert not refused_before(talk.facilitator).exists()


def test_the_page_takes_a_no_and_shows_it_with_its_reason(talk, client):
    with talk.here():
        talk.call_fair()
        resolution = talk.resolve()
    place = [talk.initiative.slug, talk.difference.pk]
    refusing = reverse("agenda:resolution_refuse", args=[*place, resolution.pk])
    client.force_login(talk.first.user)
    assert client.post(refusing, {"kind": "no", "reason": ""}).status_code == 422
    with talk.here():
        assert not ResolutionRefusal.objects.exists()
    assert client.post(refusing, {"kind": "no", "reason": "It leaves out."}).status_code == 302
    for member in (talk.first, talk.second, talk.facilitator):
        client.force_login(member.user)
        page = client.get(reverse("agenda:difference", args=place)).content.decode()
        assert "It leaves out." in page
    assert client.post(refusing, {"kind": "no", "reason": "No."}).status_code == 403


def force_resolved():
    """By hand, past every service."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE agenda_resolution SET state = 'confirmed', confirmed_at = now()")
        cursor.execute("UPDATE agenda_difference SET state = 'resolved'")


def test_any_side_opens_it_again(talk):
    with talk.here():
        talk.call_fair()
        talk.resolve(talk.first, talk.second)
        with pytest.raises(PermissionDenied):
            resolutions.reopen_difference(
                actor=talk.facilitator, difference=talk.difference, reason="No."
            )
        with pytest.raises(ValidationError):
            resolutions.reopen_difference(
                actor=talk.third, difference=talk.difference, reason="No."
            )
        resolutions.reopen_difference(
            actor=talk.second, difference=talk.difference, reason="It came back."
        )
        assert talk.state() == DifferenceState.IN_DIALOGUE
        assert Resolution.objects.get().state == ResolutionState.REOPENED
        talk.resolve(talk.first, talk.second)
        assert talk.state() == DifferenceState.RESOLVED


def test_saying_yes_twice_is_saying_it_once(talk):
    with talk.here():
        talk.call_fair()
        resolution = talk.resolve(talk.first)
        resolutions.confirm_resolution(actor=talk.first, resolution=resolution)
        assert ResolutionConfirmation.objects.count() == 1


def test_what_waits_for_whom(talk):
    with talk.here():
        assert list(unfair_to(talk.first)) == [talk.difference]
        assert not unfair_to(talk.third).exists()
        assert any("fairly" in each.text for each in today.waiting(talk.first))
        talk.call_fair()
        assert not unfair_to(talk.first).exists()
        talk.resolve(talk.first)
        assert not unanswered_by(talk.first).exists()
        assert list(unanswered_by(talk.second)) == [talk.difference]
        assert not unanswered_by(talk.facilitator).exists()


def test_the_page_from_noticed_to_resolved(talk, client):
    def post(member, name, *args, **data):
        client.force_login(member.user)
        url = reverse(f"agenda:{name}", args=[talk.initiative.slug, talk.difference.pk, *args])
        return client.post(url, data).status_code

    with talk.here():
        first, second = talk.sides()
    assert post(talk.first, "side_fair", first.pk, version=1) == 302
    assert post(talk.second, "side_fair", first.pk, version=1) == 422
    assert post(talk.second, "side_fair", second.pk, version=1) == 302
    assert post(talk.facilitator, "difference_move", to="in_dialogue") == 302
    assert post(talk.first, "difference_comment", text="Why?") == 302
    with talk.here():
        parent = Difference.objects.get().comments.get()
    assert post(talk.second, "difference_comment", text="So.", parent=parent.pk) == 302
    assert post(talk.first, "difference_comment", text="") == 422
    assert post(talk.second, "difference_propose", text="Both.") == 302
    assert post(talk.facilitator, "difference_resolve", kind="merged", text="Both.") == 302
    assert post(talk.facilitator, "difference_resolve", kind="chosen", text="One.") == 422
    with talk.here():
        resolution = Resolution.objects.get()
    assert post(talk.facilitator, "resolution_confirm", resolution.pk) == 403
    assert post(talk.first, "resolution_confirm", resolution.pk) == 302
    assert post(talk.second, "resolution_confirm", resolution.pk) == 302
    assert post(talk.first, "difference_reopen", reason="") == 422
    with talk.here():
        assert talk.state() == DifferenceState.RESOLVED
    for member in (talk.first, talk.facilitator):
        client.force_login(member.user)
        for name in ("differences", "difference"):
            args = [talk.initiative.slug] + ([talk.difference.pk] if name == "difference" else [])
            assert client.get(reverse(f"agenda:{name}", args=args)).status_code == 200


def test_pages_ask_no_more_of_a_longer_talk(talk, client):
    pages = [
        reverse("agenda:difference", args=[talk.initiative.slug, talk.difference.pk]),
        reverse("agenda:differences", args=[talk.initiative.slug]),
        reverse("agenda:overview", args=[talk.initiative.slug]),
    ]
    client.force_login(talk.first.user)

    def grow(number):
        said = {"actor": talk.first, "difference": talk.difference}
        with talk.here():
            for _ in range(number):
                board.comment_difference(**said, text="A turn")
                board.make_proposal(**said, text="Both")
                board.note_difference(
                    actor=talk.first, kind="goal", title="x", sides=(board.Side("a"),) * 2
                )

    with talk.here():
        talk.call_fair()
    grow(2)
    few = [people.queries(client, page) for page in pages]
    grow(20)
    assert [people.queries(client, page) for page in pages] == few
    assert max(few) <= 32


def test_reporters_talk_and_leads_confirm(talk):
    with talk.here():
        reporter = people.member(talk.first.organization, Role.PARTNER_REPORTER)
        board.comment_difference(actor=reporter, difference=talk.difference, text="Listen.")
        with pytest.raises(PermissionDenied):
            board.call_fair(actor=reporter, side=talk.sides()[0], version=1)


def test_a_difference_without_words_waits_for_who_leads_the_talk(talk):
    def lines(person):
        return [each.text for each in today.waiting(person) if "into words" in each.text]

    with talk.here():
        assert not lines(talk.facilitator)
        DifferenceSide.objects.filter(position=1).update(statement="")
        assert lines(talk.facilitator) == ["Put 1 difference into words that both sides call fair"]
        assert not lines(talk.first)
        Difference.objects.update(state="in_dialogue")
        assert not lines(talk.facilitator)

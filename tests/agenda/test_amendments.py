"""Other words for a statement: proposed beside it, taken up, or declined with a word."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agenda.models import AgendaVersion, Amendment
from agenda.services import amendments, ratification, versions
from agenda.services.versions import ConflictError
from initiatives.models import Act, Notice
from initiatives.today import waiting
from tests.agenda.ratifying import World, key_of, later, member, organization, refused

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "Too few of our children read with understanding."


@pytest.fixture
def world():
    made = World()
    with made.inside():
        made.agenda = versions.circulate(actor=made.pm, agenda=made.draft())
        made.rae = member(made.leads[0].organization, "partner_reporter", "rae")
    return made


def propose(world, actor, text=WORDS, kind="problem", reason="Reading aloud is not it."):
    return amendments.write_amendment(
        actor=actor,
        agenda=world.agenda,
        dimension_key=key_of(world.agenda, kind),
        to_text=text,
        reason=reason,
    )


def over(world):
    AgendaVersion.objects.filter(pk=world.agenda.pk).update(
        comments_until=timezone.now() - timedelta(minutes=1)
    )


def put_to_everyone(world):
    return ratification.open_ratification(
        actor=world.fa, agenda=world.agenda, closes_at=later(days=21)
    )


def test_words_that_are_taken_up_stand_in_the_text_and_are_read_again(world):
    with world.inside():
        over(world)
        row = propose(world, world.leads[0])
        assert row.state == "evaluating"
        with pytest.raises(ValidationError, match="wait for an answer"):
            put_to_everyone(world)
        amendments.accept_amendment(actor=world.fa, amendment=row, word="Better.")
        world.agenda.refresh_from_db()
        assert world.agenda.dimensions.get(kind="problem").text == WORDS
        assert world.agenda.state == "circulated"
        assert world.agenda.comments_until > later(days=2)
        with pytest.raises(ValidationError, match="Comments are open"):
            put_to_everyone(world)
        assert Notice.objects.filter(kind="amendment_decided").count() == 1
        told = Act.objects.filter(action__contains="amendment").values_list("action", flat=True)
        assert sorted(told) == ["agenda.amendment_accepted", "agenda.amendment_proposed"]


def test_words_are_declined_with_a_word_and_the_text_stays(world):
    with world.inside():
        row = propose(world, world.leads[0])
        with pytest.raises(ValidationError, match="Say a word"):
            amendments.decline_amendment(actor=world.pm, amendment=row, word=" ")
        amendments.decline_amendment(actor=world.pm, amendment=row, word="We count all readers.")
        row.refresh_from_db()
        assert (row.state, row.word) == ("rejected", "We count all readers.")
        assert world.agenda.dimensions.get(kind="problem").text != WORDS
        over(world)
        assert put_to_everyone(world).state == "ratifying"


def test_what_was_written_against_other_words_changes_nothing(world):
    with world.inside():
        first, second = propose(world, world.leads[0]), propose(world, world.leads[1], "Another.")
        amendments.accept_amendment(actor=world.pm, amendment=first)
        with pytest.raises(ConflictError, match="other words by now"):
            amendments.accept_amendment(actor=world.pm, amendment=second)
        amendments.decline_amendment(actor=world.pm, amendment=second, word="Org1's stand there.")
        assert world.agenda.dimensions.get(kind="problem").text == WORDS


def test_a_reporter_drafts_and_the_lead_proposes(world):
    with world.inside():
        row = propose(world, world.rae)
        assert row.is_draft
        assert not Amendment.objects.visible_to(world.leads[1]).exists()
        assert not Amendment.objects.visible_to(world.pm).exists()
        assert any("Propose other words?" in each.text for each in waiting(world.leads[0]))
        for actor in (world.rae, world.leads[1], world.pm):
            with pytest.raises(PermissionDenied):
                amendments.send_amendment(actor=actor, amendment=row)
        with pytest.raises(ValidationError, match="not proposed"):
            amendments.accept_amendment(actor=world.pm, amendment=row)
        amendments.send_amendment(actor=world.leads[0], amendment=row)
        assert Amendment.objects.visible_to(world.pm).get() == row
        assert any("for your decision" in each.text for each in waiting(world.pm))


def test_who_may_do_what(world):
    with world.inside():
        observer = member(organization("watch", "observer"), "observer")
        for actor in (world.pm, world.fa, observer):
            with pytest.raises(PermissionDenied):
                propose(world, actor)
        row = propose(world, world.leads[0])
        for actor in (world.leads[0], world.leads[1], world.rae):
            with pytest.raises(PermissionDenied):
                amendments.accept_amendment(actor=actor, amendment=row)
        for actor in (world.leads[1], world.rae, world.pm):
            with pytest.raises(PermissionDenied):
                amendments.withdraw_amendment(actor=actor, amendment=row)
        amendments.withdraw_amendment(actor=world.leads[0], amendment=row)
        assert propose(world, world.leads[0], "Again.").state == "evaluating"


def test_one_live_proposal_for_an_organization_and_statement(world):
    with world.inside():
        row = propose(world, world.leads[0])
        assert propose(world, world.leads[0]) == row
        with pytest.raises(ValidationError, match="words here already"):
            propose(world, world.leads[0], "Yet other words.")
        assert Amendment.objects.count() == 1
        copy = Amendment.objects.get()
        copy.pk = None
        refused(copy.save)
        refused(lambda: Amendment.objects.update(state="rejected", decided_at=timezone.now()))


def test_words_are_proposed_only_while_the_text_is_open(world):
    with world.inside():
        with pytest.raises(ValidationError, match="stand there already"):
            propose(world, world.leads[0], "Too few children read well.")
        row = propose(world, world.leads[0])
        versions.take_back(actor=world.pm, agenda=world.agenda)
        with pytest.raises(ValidationError, match="open for comments"):
            propose(world, world.leads[1])
        amendments.accept_amendment(actor=world.pm, amendment=row)  # while it is rewritten
        assert world.agenda.dimensions.get(kind="problem").text == WORDS


def test_the_page_from_proposal_to_answer_without_a_script(world, client):
    page = reverse("agenda:agenda_version", args=["here", world.agenda.pk])
    make = reverse("agenda:amendment_create", args=["here", world.agenda.pk])
    with world.inside():
        key = key_of(world.agenda, "problem")
    client.force_login(world.leads[0].user)
    empty = client.post(make, {"key": key, "to_text": " ", "reason": "typed in vain"})
    assert empty.status_code == 422
    assert "typed in vain" in empty.content.decode()
    assert client.post(make, {"key": key, "to_text": WORDS, "reason": "So."}).status_code == 302
    client.force_login(world.fa.user)
    shown = client.get(page).content.decode()
    assert re.search(r"<ins>.*understanding", shown)
    assert re.search(r"<del>.*well", shown)
    with world.inside():
        decide = reverse("agenda:amendment_decide", args=["here", Amendment.objects.get().pk])
    wordless = client.post(decide, {"choice": "decline", "word": " "})
    assert wordless.status_code == 422
    assert "Say a word why" in wordless.content.decode()
    client.force_login(world.leads[1].user)
    assert client.post(decide, {"choice": "accept"}).status_code == 403
    client.force_login(world.fa.user)
    assert client.post(decide, {"choice": "accept", "word": ""}).status_code == 302
    assert client.post(decide, {"choice": "accept", "word": ""}).status_code == 302
    with world.inside():
        assert world.agenda.dimensions.get(kind="problem").text == WORDS
        assert Act.objects.filter(action="agenda.amendment_accepted").count() == 1


def test_the_page_asks_as_often_for_many_proposals_as_for_few(client):
    asked = []
    for slug, partners in (("few", 1), ("many", 25)):
        world = World(partners, slug=slug)
        with world.inside():
            world.agenda = versions.circulate(actor=world.pm, agenda=world.draft())
            for lead in world.leads:
                propose(world, lead)
        client.force_login(world.pm.user)
        url = reverse("agenda:agenda_version", args=[slug, world.agenda.pk])
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]
    assert asked[1] <= 20

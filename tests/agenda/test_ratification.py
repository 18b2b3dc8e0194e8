"""The invariants of answering by their names: A1 to A5."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from agenda.models import (
    AgendaVersion,
    DimensionStance,
    Evidence,
    Party,
    Response,
)
from agenda.selectors.outcomes import sentences_of
from agenda.services import ratification, responses, versions
from agenda.services.versions import ConflictError, Written
from initiatives.models import Notice
from tests import database
from tests.agenda.ratifying import (
    ASIDE,
    DOUBT,
    NO,
    World,
    answer,
    effective,
    key_of,
    later,
    member,
    on_behalf,
    ratified,
    refused,
    sheet,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    made = World()
    with made.inside():
        yield made


# -- A1 to A14 -----------------------------------------------------------------------------------


def test_a1_only_one_version_is_ratified(world):
    first = ratified(world)
    versions.start_version(actor=world.pm)
    second = AgendaVersion.objects.under_work().get()
    ratified(world, world.opened(agenda=second))
    first.refresh_from_db()
    assert first.state == "superseded"
    with database.admin(connection.settings_dict["NAME"]) as admin:
        found = admin.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname = 'one_ratified_agenda'"
        ).fetchone()[0]
    assert "UNIQUE" in found
    assert "'ratified'" in found


def test_a2_text_is_fixed_from_ratifying_on(world):
    agenda = world.opened()
    row = agenda.dimensions.first()
    refused(lambda: agenda.dimensions.filter(pk=row.pk).update(text="Sneaked in"))
    refused(lambda: agenda.dimensions.filter(pk=row.pk).update(kind="goal"))
    refused(row.delete)
    refused(type(row).here(agenda=agenda, kind="goal", text="One more").save)
    refused(lambda: AgendaVersion.objects.update(content_hash="0" * 64))
    refused(lambda: AgendaVersion.objects.update(primary_goal_rule="lenient"))
    refused(lambda: AgendaVersion.objects.update(closes_at=later(days=1)))
    refused(agenda.delete)
    with pytest.raises(ValidationError, match="fixed"):
        versions.save_dimensions(
            actor=world.pm,
            agenda=agenda,
            written=[Written("problem", "Sneaked in")],
            version=agenda.version,
        )


@pytest.mark.django_db(transaction=True)
def test_a2_text_is_fixed_for_the_superuser_too(world):
    agenda = world.opened()
    pk, name = agenda.dimensions.first().pk, connection.settings_dict["NAME"]
    # Committed, so that another connection sees it.
    with connection.cursor() as cursor:
        cursor.execute("COMMIT")
        cursor.execute("BEGIN")
    with database.admin(name) as admin, pytest.raises(Exception, match="is fixed"):
        admin.execute("UPDATE agenda_agendadimension SET text = 'x' WHERE id = %s", [pk])


def test_a2_an_answer_holds_for_its_text_alone(world):
    agenda = world.opened()
    stale = responses.Sheet({}, "0" * 64, "form")
    with pytest.raises(ConflictError):
        responses.respond(actor=world.leads[0], agenda=agenda, sheet=stale)
    lead = world.leads[0]
    refused(
        Response.here(
            agenda=agenda,
            organization=lead.organization,
            version_hash="0" * 64,
            mandate=lead,
            user=lead.user,
            token="x",
        ).save
    )


def test_a3_all_answers_in_and_nobody_against_is_ratified_at_once(world):
    agenda = world.opened()
    for lead in world.leads[:-1]:
        answer(lead, agenda)
        agenda.refresh_from_db()
        assert agenda.state == "ratifying"
    answer(world.leads[-1], agenda, action=ASIDE, primary_goal=DOUBT)
    agenda.refresh_from_db()
    assert agenda.state == "ratified"
    assert sentences_of(agenda) == ["All 3 organizations that were asked agreed to it."]


def test_a3_the_database_refuses_a_ratification_that_is_none(world):
    agenda = world.opened()
    answer(world.leads[0], agenda)
    answer(world.leads[1], agenda, action=NO)
    now = timezone.now()
    refused(lambda: AgendaVersion.objects.update(state="ratified", decided_at=now))
    answer(world.leads[2], agenda)
    refused(lambda: AgendaVersion.objects.update(state="ratified", decided_at=now))
    refused(lambda: AgendaVersion.objects.update(state="drafting"))
    refused(lambda: AgendaVersion.objects.update(state="superseded"))


def test_a3_an_objection_or_a_silence_returns_it_at_the_close_and_says_why(world):
    agenda = world.opened()
    answer(world.leads[0], agenda, primary_goal=NO)
    answer(world.leads[1], agenda, primary_goal=ASIDE)
    assert ratification.advance_ratifications(later(days=20)) == 0
    assert ratification.advance_ratifications(later(days=22)) == 1
    agenda.refresh_from_db()
    assert agenda.state == "returned"
    said = " ".join(sentences_of(agenda))
    assert "Org1 objects to: By 2030" in said
    assert "Org2 stands aside on a primary goal" in said
    assert "Org3 did not answer. Silence is not consent." in said
    following = AgendaVersion.objects.under_work().get()
    assert (following.number, following.state) == (2, "drafting")
    assert key_of(following, "vision") == key_of(agenda, "vision")


def test_a3_stand_aside_on_a_primary_goal_counts_under_the_lenient_rule_alone(world):
    agenda = world.opened(rule="lenient")
    for lead in world.leads:
        answer(lead, agenda, primary_goal=ASIDE)
    agenda.refresh_from_db()
    assert agenda.state == "ratified"
    versions.start_version(actor=world.pm)
    strict = world.opened(agenda=AgendaVersion.objects.under_work().get())
    for lead in world.leads:
        answer(lead, strict, primary_goal=ASIDE)
    strict.refresh_from_db()
    assert strict.state == "ratifying"


def test_a3_doubts_without_a_reservation_are_refused_by_the_database(world):
    agenda = world.opened()
    response = answer(world.leads[0], agenda)
    dimension = agenda.dimensions.get(kind="action")
    for stance in ("reservation", "stand_aside"):
        refused(DimensionStance.here(response=response, dimension=dimension, stance=stance).save)
    refused(DimensionStance.here(response=response, dimension=dimension, stance="object").save)


def test_a4_ten_users_of_one_organization_make_one_answer(world):
    agenda, lead = world.opened(), world.leads[0]
    for n in range(10):
        other = member(lead.organization, "partner_lead")
        answer(other, agenda, **({"action": NO} if n % 2 else {}))
    assert effective(agenda).count() == 1
    assert effective(agenda).get().mandate == other
    assert Response.objects.filter(agenda=agenda).count() == 10
    chain = Response.objects.exclude(superseded_at=None)
    assert all(each.superseded_by_id for each in chain)


def test_a4_an_answer_needs_a_mandate(world):
    agenda = world.opened()
    reporter = member(world.leads[0].organization, "partner_reporter")
    ended = member(world.leads[0].organization, "partner_lead")
    ended.ends_on = ended.starts_on
    for actor in (reporter, ended, world.pm, world.fa):
        with pytest.raises(PermissionDenied):
            answer(actor, agenda)
    outsider = world.join("late")
    with pytest.raises(ValidationError, match="was not on the list"):
        answer(outsider, agenda)


def test_a4_the_last_answer_before_the_close_wins(world, monkeypatch):
    agenda = world.opened()
    answer(world.leads[0], agenda, action=NO)
    answer(world.leads[0], agenda, action=DOUBT)
    assert DimensionStance.objects.filter(
        response__in=effective(agenda), stance="reservation"
    ).exists()
    over = later(days=22)
    monkeypatch.setattr(timezone, "now", lambda: over)
    with pytest.raises(ValidationError, match="over"):
        answer(world.leads[0], agenda)


def test_a5_an_answer_written_down_needs_evidence_and_can_be_contested_for_seven_days(world):
    agenda, lead = world.opened(), world.leads[0]
    with pytest.raises(ValidationError, match="file"):
        responses.respond_on_behalf(
            actor=world.pm,
            agenda=agenda,
            organization=lead.organization,
            sheet=sheet(agenda),
            file=responses.File("run.exe", b"MZ"),
        )
    with pytest.raises(PermissionDenied):
        responses.respond_on_behalf(
            actor=world.fa,
            agenda=agenda,
            organization=lead.organization,
            sheet=sheet(agenda),
            file=responses.File("a.txt", b"Yes"),
        )
    response = on_behalf(world, lead, agenda)
    assert bytes(Evidence.objects.get().content) == b"We agree."
    assert Notice.objects.filter(kind="answered_for_you", recipient=lead.user.email).count() == 1
    for other in world.leads[1:]:
        answer(other, agenda)
    agenda.refresh_from_db()
    assert agenda.state == "ratifying"  # contestable: it waits
    ratification.advance_ratifications(later(days=6))
    agenda.refresh_from_db()
    assert agenda.state == "ratifying"
    responses.contest(actor=lead, response=response)
    assert not effective(agenda).filter(organization=lead.organization).exists()
    with pytest.raises(ValidationError, match="any more"):
        responses.confirm(actor=lead, response=response)


def test_a5_after_seven_days_or_when_confirmed_it_counts(world):
    agenda, lead = world.opened(days=3), world.leads[0]
    on_behalf(world, lead, agenda)
    for other in world.leads[1:]:
        answer(other, agenda)
    ratification.advance_ratifications(later(days=4))
    agenda.refresh_from_db()
    assert agenda.state == "ratifying"  # past its close, and still contestable
    ratification.advance_ratifications(later(days=8))
    agenda.refresh_from_db()
    assert agenda.state == "ratified"


def test_a5_a_confirmation_need_not_wait(world):
    agenda, lead = world.opened(), world.leads[0]
    response = on_behalf(world, lead, agenda)
    for other in world.leads[1:]:
        answer(other, agenda)
    with pytest.raises(PermissionDenied):
        responses.confirm(actor=world.pm, response=response)
    responses.confirm(actor=lead, response=response)
    agenda.refresh_from_db()
    assert agenda.state == "ratified"


def test_a5_nobody_answers_over_an_organization_and_the_backbone_has_no_answer(world):
    agenda, lead = world.opened(), world.leads[0]
    answer(lead, agenda)
    with pytest.raises(ValidationError, match="answered itself"):
        on_behalf(world, lead, agenda)
    assert not Party.objects.filter(organization=world.backbone).exists()

"""The invariants of ratification by their names (A1 to A14), and the ways of a version."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from agenda.models import (
    AgendaVersion,
    Contact,
    Difference,
    DimensionStance,
    Evidence,
    Goal,
    Party,
    Reservation,
    Response,
)
from agenda.selectors import goals
from agenda.selectors.outcomes import sentences_of
from agenda.selectors.versions import deadlocks_of
from agenda.services import parties, ratification, reservations, responses, versions
from agenda.services.versions import ConflictError, Written
from initiatives.models import Act, Notice, Organization
from tests import database
from tests.agenda.ratifying import (
    TEXTS,
    World,
    answer,
    effective,
    key_of,
    later,
    member,
    on_behalf,
    organization,
    sheet,
)

pytestmark = pytest.mark.django_db
DOUBT = ("reservation", "Only if the bus runs.")
ASIDE = ("stand_aside", "Not ours to do.")
NO = ("object", "It leaves out the parents.")


@pytest.fixture
def world():
    made = World()
    with made.inside():
        yield made


def ratified(world, agenda=None):
    agenda = agenda or world.opened()
    for lead in world.leads:
        answer(lead, agenda)
    agenda.refresh_from_db()
    assert agenda.state == "ratified"
    return agenda


def returned(world, **exceptions):
    agenda = world.opened(agenda=AgendaVersion.objects.under_work().first())
    for lead in world.leads[1:]:
        answer(lead, agenda)
    if exceptions:
        answer(world.leads[0], agenda, **exceptions)
    ratification.advance_ratifications(later(days=22))
    agenda.refresh_from_db()
    assert agenda.state == "returned"
    return agenda


def refused(work):
    """Whether the database itself refuses ``work``."""
    with pytest.raises(DatabaseError), transaction.atomic():
        work()


# -- Drafting and circulating --------------------------------------------------------------------


def test_a_draft_says_all_that_keeps_it_from_being_circulated(world):
    agenda = versions.start_version(actor=world.pm)
    with pytest.raises(ValidationError) as told:
        versions.circulate(actor=world.pm, agenda=agenda)
    said = " ".join(told.value.messages)
    assert len(told.value.messages) == 5
    for word in ("Problem", "Vision", "Approach", "Action", "primary goal"):
        assert word in said


def test_more_than_five_primary_goals_are_too_many(world):
    agenda = world.draft([*TEXTS, *(("primary_goal", f"Goal {n}") for n in range(5))])
    with pytest.raises(ValidationError, match="6 primary goals"):
        versions.circulate(actor=world.pm, agenda=agenda)


def test_a_severe_difference_is_not_passed_over(world):
    agenda = world.draft()
    difference = Difference.here(kind="cause", title="Why children do not read", severity="severe")
    difference.save()
    with pytest.raises(ValidationError, match="Why children do not read"):
        versions.circulate(actor=world.pm, agenda=agenda)
    keys = {difference.pk: key_of(agenda, "problem")}
    assert versions.reference_differences(actor=world.pm, agenda=agenda, keys=keys) == 1
    assert versions.circulate(actor=world.pm, agenda=agenda).state == "circulated"


def test_the_second_of_two_who_save_is_told(world):
    agenda = world.draft()
    written = [Written("problem", "Another problem")]
    with pytest.raises(ConflictError):
        versions.save_dimensions(
            actor=world.fa, agenda=agenda, written=written, version=agenda.version - 1
        )
    assert agenda.dimensions.count() == 5


def test_keys_stay_and_what_is_blank_goes(world):
    agenda = world.draft()
    keys = {each.key: each for each in agenda.dimensions.all()}
    problem = key_of(agenda, "problem")
    written = [
        Written(each.kind, "Changed" if key == problem else each.text, key)
        for key, each in keys.items()
        if each.kind != "vision"
    ]
    versions.save_dimensions(actor=world.pm, agenda=agenda, written=written, version=agenda.version)
    assert agenda.dimensions.get(key=problem).text == "Changed"
    assert set(agenda.dimensions.values_list("key", flat=True)) == {
        key for key, each in keys.items() if each.kind != "vision"
    }


def test_ratification_waits_for_the_comments(world):
    agenda = versions.circulate(actor=world.pm, agenda=world.draft())
    with pytest.raises(ValidationError, match="Comments are open until"):
        ratification.open_ratification(actor=world.fa, agenda=agenda, closes_at=later(days=9))


def test_one_version_is_under_work_at_a_time(world):
    world.draft()
    with pytest.raises(ValidationError, match="under work"):
        versions.start_version(actor=world.pm)
    refused(AgendaVersion.here(number=9).save)


def test_drafting_and_opening_are_for_the_backbone(world):
    agenda = world.draft()
    with pytest.raises(PermissionDenied):
        versions.circulate(actor=world.leads[0], agenda=agenda)
    with pytest.raises(PermissionDenied):
        ratification.open_ratification(actor=world.leads[0], agenda=agenda, closes_at=later(days=9))


def test_comments_are_anchored_and_threaded(world):
    agenda = world.draft()
    said = {"agenda": agenda, "dimension_key": key_of(agenda, "vision")}
    first = versions.add_comment(actor=world.leads[0], text="Too grand?", **said)
    versions.add_comment(actor=world.fa, text="It is a vision.", parent=first, **said)
    with pytest.raises(ValidationError, match="another statement"):
        versions.add_comment(
            actor=world.fa,
            agenda=agenda,
            dimension_key=key_of(agenda, "problem"),
            text="No",
            parent=first,
        )


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


def test_a6_an_open_reservation_goes_on_to_the_next_version(world):
    agenda = world.opened()
    answer(world.leads[0], agenda, action=DOUBT)
    answer(world.leads[1], agenda, vision=NO)
    ratification.advance_ratifications(later(days=22))
    old, new = Reservation.objects.order_by("id")
    assert (old.state, new.state, new.carried_from) == ("carried", "open", old)
    assert new.agenda.number == 2
    assert new.raised_in == agenda
    refused(lambda: Reservation.objects.filter(pk=old.pk).delete())
    with pytest.raises(PermissionDenied):
        reservations.lift(actor=world.leads[1], reservation=new)
    with pytest.raises(PermissionDenied):
        reservations.lift(actor=world.pm, reservation=new)
    assert reservations.lift(actor=world.leads[0], reservation=new).state == "lifted"


def test_a6_a_reservation_whose_statement_is_gone_is_overtaken_when_its_owner_says_so(world):
    agenda = world.opened()
    answer(world.leads[0], agenda, action=DOUBT)
    ratification.advance_ratifications(later(days=22))
    new = Reservation.objects.live().get()
    with pytest.raises(ValidationError, match="still there"):
        reservations.confirm_overtaken(actor=world.leads[0], reservation=new)
    new.agenda.dimensions.filter(key=new.dimension_key).delete()
    with pytest.raises(PermissionDenied):
        reservations.confirm_overtaken(actor=world.pm, reservation=new)
    done = reservations.confirm_overtaken(actor=world.leads[0], reservation=new)
    assert done.state == "overtaken"


def test_a6_consenting_later_lifts_and_keeps_the_record(world):
    agenda = world.opened()
    answer(world.leads[0], agenda, action=DOUBT)
    answer(world.leads[0], agenda)
    row = Reservation.objects.get()
    assert row.state == "lifted"
    assert [each.state for each in row.notes.all()] == ["open", "lifted"]


def test_a9_a_joiner_accedes_within_sixty_days(world):
    agenda = ratified(world)
    lead = world.join("newcomer")
    assert parties.admit_joiners() == 1
    assert parties.admit_joiners() == 0
    party = agenda.parties.get(organization=lead.organization)
    assert party.standing == "acceding"
    answer(lead, agenda, action=DOUBT)
    party.refresh_from_db()
    assert party.standing == "acceded"


def test_a9_a_joiner_that_objects_opens_a_difference_and_unseats_nothing(world):
    agenda = ratified(world)
    lead = world.join("newcomer")
    parties.admit_joiners()
    answer(lead, agenda, primary_goal=NO)
    agenda.refresh_from_db()
    assert agenda.state == "ratified"
    assert agenda.parties.get(organization=lead.organization).standing == "acceding"
    assert Difference.objects.get().dimension_key == key_of(agenda, "primary_goal")
    parties.admit_joiners(later(days=61))
    assert agenda.parties.get(organization=lead.organization).standing == "lapsed"


def test_a10_leaving_keeps_what_was_answered(world):
    agenda = ratified(world)
    left = world.leads[0].organization
    Organization.objects.filter(pk=left.pk).update(state="left", name="Renamed")
    assert agenda.parties.get(organization=left).name == "Org1"
    assert effective(agenda).filter(organization=left).exists()
    refused(lambda: Response.objects.filter(organization=left).delete())
    refused(lambda: agenda.parties.filter(organization=left).delete())


def test_a10_who_leaves_a_running_round_without_an_answer_is_still_missing(world):
    agenda = world.opened()
    for lead in world.leads[1:]:
        answer(lead, agenda)
    Organization.objects.filter(pk=world.leads[0].organization_id).update(state="left")
    ratification.advance_ratifications(later(days=22))
    agenda.refresh_from_db()
    assert agenda.state == "returned"


def test_a12_a_goal_that_nothing_measures_is_provisional_after_ninety_days(world, monkeypatch):
    ratified(world)
    goal = goals.current_goals()[0]
    monkeypatch.setattr(goals, "_sources", [])
    assert not goals.is_provisional()
    after = later(days=91)
    monkeypatch.setattr(timezone, "now", lambda: after)
    assert goals.is_provisional()
    monkeypatch.setattr(goals, "_sources", [lambda: [goal.pk]])
    assert not goals.is_provisional()


def test_a13_a_silent_organization_is_paused_for_the_next_round_only(world):
    agenda = returned(world)
    silent = world.leads[0].organization
    pause = {"actor": world.pm, "agenda": agenda, "organization": silent}
    with pytest.raises(ValidationError, match="twice"):
        parties.pause_organization(decision="Steering committee, 3 May", **pause)
    for _ in range(2):
        responses.record_contact(
            actor=world.pm, agenda=agenda, organization=silent, means="call", text="No answer."
        )
    running = world.opened(agenda=AgendaVersion.objects.under_work().get())
    parties.pause_organization(decision="Steering committee, 3 May", **pause)
    assert running.parties.filter(organization=silent).exists()
    ratification.advance_ratifications(later(days=22))
    following = world.opened(agenda=AgendaVersion.objects.under_work().get())
    assert not following.parties.filter(organization=silent).exists()


def test_a13_who_answered_is_not_paused(world):
    agenda = returned(world, action=NO)
    with pytest.raises(ValidationError, match="silent"):
        parties.pause_organization(
            actor=world.pm,
            agenda=agenda,
            organization=world.leads[0].organization,
            decision="We are tired of them",
        )


def test_a13_after_two_returned_versions_there_are_ways_out(world):
    first = returned(world, primary_goal=NO)
    second = AgendaVersion.objects.under_work().get()
    assert deadlocks_of(second) == []
    returned(world, primary_goal=NO)
    third = AgendaVersion.objects.under_work().get()
    stuck = deadlocks_of(third)
    assert [(each.key, each.organizations) for each in stuck] == [
        (key_of(first, "primary_goal"), ["Org1"])
    ]
    versions.break_deadlock(actor=world.pm, agenda=third, key=stuck[0].key, choice="demote")
    assert third.dimensions.get(key=stuck[0].key).kind == "goal"
    with pytest.raises(ValidationError, match="No two versions"):
        versions.break_deadlock(
            actor=world.pm, agenda=third, key=key_of(third, "vision"), choice="split"
        )


def test_a13_an_objector_may_move_to_observer_itself(world):
    agenda = returned(world, primary_goal=NO)
    parties.become_observer(actor=world.leads[0], reason="We watch for now.")
    following = world.opened(agenda=AgendaVersion.objects.under_work().get())
    assert agenda.parties.count() == 3
    assert following.parties.count() == 2
    with pytest.raises(PermissionDenied):
        parties.become_observer(actor=world.pm, reason="Out")


def test_a14_one_step_writes_the_whole_row(world):
    agenda = world.opened()
    response = answer(world.leads[0], agenda, action=DOUBT)
    assert response.stances.count() == 5
    assert response.stances.filter(stance="consent").count() == 4
    assert response.stances.get(stance="reservation").reservation.text == DOUBT[1]


# -- Objections, splitting, ends -----------------------------------------------------------------


def test_an_objection_opens_one_difference_with_a_side_for_each(world):
    agenda = world.opened()
    answer(world.leads[0], agenda)
    for lead in world.leads[1:]:
        answer(lead, agenda, approach=NO)
    answer(world.leads[1], agenda, approach=("object", "It leaves out the fathers."))
    difference = Difference.objects.get()
    assert (difference.severity, difference.source) == ("severe", "objection")
    assert difference.review_on == timezone.localdate() + timedelta(days=14)
    assert [side.holders.count() for side in difference.sides.all()] == [1, 1, 1]
    assert difference.sides.get(position=1).statement == "It leaves out the fathers."


def test_a_reason_is_asked_for_where_it_is_missing(world):
    agenda = world.opened()
    with pytest.raises(responses.Unanswerable) as told:
        answer(world.leads[0], agenda, action=("object", " "), vision=("reservation", ""))
    assert set(told.value.by_key) == {key_of(agenda, "action"), key_of(agenda, "vision")}
    assert not Response.objects.exists()


def test_what_is_objected_to_is_split_out_and_the_rest_ratified(world):
    agenda = world.opened(texts=[*TEXTS, ("action", "Every bus carries books.")])
    row = agenda.dimensions.get(text__startswith="Every bus")
    said = {row.key: responses.Said("object", "No buses here.")}
    for lead in world.leads[1:]:
        answer(lead, agenda)
    responses.respond(
        actor=world.leads[0],
        agenda=agenda,
        sheet=responses.Sheet(said, agenda.content_hash, "one"),
    )
    split = {"actor": world.fa, "agenda": agenda, "reason": "To be talked about."}
    with pytest.raises(ValidationError, match="primary goal"):
        ratification.split_out(dimension=agenda.dimensions.get(kind="primary_goal"), **split)
    with pytest.raises(ValidationError, match="Nobody objects"):
        ratification.split_out(dimension=agenda.dimensions.get(kind="vision"), **split)
    ratification.split_out(dimension=row, **split)
    agenda.refresh_from_db()
    assert agenda.state == "ratified"


def test_the_only_vision_is_not_split_out(world):
    agenda = world.opened()
    answer(world.leads[0], agenda, vision=NO)
    with pytest.raises(ValidationError, match="no vision"):
        ratification.split_out(
            actor=world.fa,
            agenda=agenda,
            dimension=agenda.dimensions.get(kind="vision"),
            reason="To be talked about.",
        )


def test_an_objection_lets_the_facilitator_end_it_early(world):
    agenda = world.opened()
    with pytest.raises(ValidationError, match="stands against"):
        ratification.return_version(actor=world.fa, agenda=agenda)
    answer(world.leads[0], agenda, action=NO)
    assert ratification.return_version(actor=world.fa, agenda=agenda).state == "returned"


def test_a_double_click_is_one_answer(world):
    agenda = world.opened()
    first = answer(world.leads[0], agenda, "the-form")
    assert answer(world.leads[0], agenda, "the-form") == first
    assert Response.objects.count() == 1


def test_goals_keep_their_row_over_versions(world):
    ratified(world)
    goal = Goal.objects.get()
    versions.start_version(actor=world.pm)
    agenda = AgendaVersion.objects.under_work().get()
    agenda.dimensions.filter(kind="primary_goal").update(text="By 2031 nine of ten.")
    ratified(world, world.opened(agenda=agenda))
    assert goals.current_goals() == [goal]
    goal.refresh_from_db()
    assert goal.text == "By 2031 nine of ten."


def test_reminders_go_once_to_who_is_silent(world):
    agenda = world.opened()
    answer(world.leads[0], agenda)
    for moment in (later(days=9), later(days=11, hours=1), later(days=12), later(days=16, hours=1)):
        ratification.advance_ratifications(moment)
    told = Notice.objects.filter(kind="ratification_reminder")
    assert sorted(told.values_list("occasion", "recipient")) == sorted(
        (occasion, lead.user.email)
        for lead in world.leads[1:]
        for occasion in ("10 days before", "5 days before")
    )


def test_a_short_ratification_is_not_reminded_of_days_it_never_had(world):
    world.opened(days=3)
    ratification.advance_ratifications(later(hours=1))
    assert not Notice.objects.filter(kind="ratification_reminder").exists()
    ratification.advance_ratifications(later(days=1, hours=1))
    assert Notice.objects.filter(occasion="2 days before").count() == 3


def test_reservations_come_up_again_on_their_day(world):
    agenda = world.opened()
    answer(world.leads[0], agenda, action=DOUBT)
    row = Reservation.objects.get()
    assert reservations.review_due_reservations(row.review_on - timedelta(days=6)) == 0
    assert reservations.review_due_reservations(row.review_on) == 1
    assert reservations.review_due_reservations(row.review_on) == 0
    row.refresh_from_db()
    assert row.state == "under_review"
    assert Notice.objects.filter(kind="reservation_review").count() == 1
    kept = reservations.keep(
        actor=world.leads[0],
        reservation=row,
        version=row.version,
        text=row.text,
        condition="Buses on Sundays",
        review_on=row.review_on + timedelta(days=90),
        is_shown_to_funders=True,
    )
    assert kept.state == "open"


def test_publishing_is_for_the_ratified_agenda_and_undone(world):
    agenda = world.opened()
    with pytest.raises(ValidationError, match="ratified"):
        versions.publish(actor=world.pm, agenda=agenda, is_public=True)
    ratified(world, agenda)
    assert versions.publish(actor=world.pm, agenda=agenda, is_public=True).published_at
    assert versions.publish(actor=world.pm, agenda=agenda, is_public=False).published_at is None
    with pytest.raises(PermissionDenied):
        versions.publish(actor=world.fa, agenda=agenda, is_public=True)


def test_every_decision_is_an_act(world):
    agenda = world.opened()
    answer(world.leads[0], agenda, action=NO)
    ratification.return_version(actor=world.fa, agenda=agenda)
    assert set(Act.objects.values_list("action", flat=True)) >= {
        "agenda.version_started",
        "agenda.version_saved",
        "agenda.version_circulated",
        "agenda.ratification_opened",
        "agenda.responded",
        "agenda.difference_opened",
        "agenda.version_returned",
    }
    assert Contact.objects.count() == 0
    assert organization("x").pk

"""The ways of a version: drafted, circulated, objected to, split, ended."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from agenda.models import (
    AgendaVersion,
    Contact,
    Difference,
    Goal,
    Reservation,
    Response,
)
from agenda.selectors import goals
from agenda.services import ratification, reservations, responses, versions
from agenda.services.versions import ConflictError, Written
from initiatives.models import Act, Notice
from initiatives.today import waiting
from tests.agenda.ratifying import (
    DOUBT,
    NO,
    TEXTS,
    World,
    answer,
    key_of,
    later,
    organization,
    ratified,
    refused,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    made = World()
    with made.inside():
        yield made


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


ASKED = "Read the agenda that is proposed, and say what should change"


def test_a_version_that_is_open_for_comments_waits_for_everyone_who_has_a_word(world):
    def asked(person):
        return ASKED in {each.text for each in waiting(person)}

    agenda = world.draft()
    assert not asked(world.leads[0])
    agenda = versions.circulate(actor=world.pm, agenda=agenda)
    assert [asked(each) for each in (*world.leads, world.pm, world.fa)] == [True] * 3 + [False] * 2
    said = {"agenda": agenda, "dimension_key": key_of(agenda, "vision")}
    versions.add_comment(actor=world.leads[0], text="Too grand?", **said)
    assert [asked(each) for each in world.leads] == [False, True, True]
    AgendaVersion.objects.update(comments_until=timezone.now())
    assert not asked(world.leads[1])

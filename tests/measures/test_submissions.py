"""A submission's way, and the rules it is held to."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from initiatives.models import Act, Initiative, Membership, Notice, Organization, User
from initiatives.tenancy import scope
from measures import ledger
from measures.models import (
    Assignment,
    Calendar,
    Cell,
    Entry,
    Indicator,
    IndicatorVersion,
    Observation,
    Partition,
    Period,
    Round,
    Submission,
)
from measures.services import acceptance, corrections, rounds, submissions
from measures.services.checks import findings_of, is_far
from measures.services.rounds import advance_rounds
from measures.services.setup.agreement import is_reported
from measures.services.submissions import Written

pytestmark = pytest.mark.django_db(transaction=True)


def member(email, organization, role):
    user = User.objects.create_user(email, "a long enough passphrase", name=email.split("@")[0])
    row = Membership.here(user=user, organization=organization, roles=[role])
    row.save()
    return row


class World:
    """One initiative with one partner, two indicators and an open round."""

    def __init__(self, *, overdue=False):
        now = timezone.now()
        self.initiative = Initiative.objects.create(slug="here", name="Here")
        with scope(self.initiative.pk):
            org = Organization.here(code="a", name="Alpha", state="active")
            org.save()
            other = Organization.here(code="b", name="Backbone", kind="backbone")
            other.save()
            self.org = org
            self.reporter = member("ann@example.org", org, "partner_reporter")
            self.keeper = member("dan@example.org", other, "data_manager")
            calendar = Calendar.here(code="year", name="Years")
            calendar.save()
            self.before, self.period = (
                self.row(
                    Period,
                    calendar=calendar,
                    frequency="year",
                    code=str(year),
                    name=str(year),
                    starts_on=date(year, 1, 1),
                    ends_on=date(year + 1, 1, 1),
                )
                for year in (2024, 2025)
            )
            self.count = self.indicator(calendar, "meals", "count")
            self.ratio = self.indicator(calendar, "leases", "ratio", is_within=True)
            due = now - timedelta(days=3) if overdue else now + timedelta(days=3)
            self.round = self.row(
                Round, period=self.period, opens_at=now - timedelta(days=9), due_at=due
            )
            advance_rounds()
            self.submission = Submission.objects.get()

    def row(self, model, **fields):
        row = model.here(**fields)
        row.save()
        return row

    def indicator(self, calendar, code, kind, **fields):
        row = self.row(
            Indicator,
            code=code,
            name=code.title(),
            kind=kind,
            calendar=calendar,
            frequency="year",
            **fields,
        )
        self.row(IndicatorVersion, indicator=row, effective_from=date(2020, 1, 1))
        self.row(Assignment, indicator=row, organization=self.org, starts_on=date(2020, 1, 1))
        return row

    def save(self, *written, version=None):
        self.submission = submissions.save_entries(
            actor=self.reporter,
            submission=self.submission,
            written=written,
            version=version or self.submission.version,
        )

    def submit(self, **options):
        self.submission = submissions.submit(
            actor=self.reporter,
            submission=self.submission,
            version=self.submission.version,
            **options,
        )

    def accept(self):
        accepted = acceptance.accept_submissions(actor=self.keeper, submissions=[self.submission])
        self.submission.refresh_from_db()
        return accepted


def test_a_round_that_opens_hands_out_submissions_and_writes_once():
    world = World()
    with scope(world.initiative.pk):
        assert advance_rounds() == 0
        assert Submission.objects.count() == 1
        notice = Notice.objects.get()
        assert (notice.kind, notice.recipient) == ("round_due", "ann@example.org")
        assert "/link/form/cip_" in notice.context["url"]
        assert Act.objects.filter(action="measures.round_open").count() == 1


def test_who_joins_after_a_round_opened_gets_its_letter_once():
    world = World()
    with scope(world.initiative.pk):
        assert Notice.objects.count() == 1
        member("eve@example.org", world.org, "partner_reporter")
        member("fay@example.org", world.org, "observer")
        for _each in range(2):
            advance_rounds()
        assert Notice.objects.get(recipient="eve@example.org").kind == "round_due"
        assert Notice.objects.count() == 2


def test_who_joins_gets_no_letter_for_what_is_handed_in_or_long_over():
    world = World()
    with scope(world.initiative.pk):
        world.save(Written(world.count.pk, value=Decimal(10)))
        world.submit()
        member("eve@example.org", world.org, "partner_reporter")
        advance_rounds()
        world.submission.state = "draft"
        world.submission.save()
        Round.objects.update(
            due_at=timezone.now() - timedelta(days=40),
            opens_at=world.round.opens_at - timedelta(days=90),
            state="grace",
        )
        Round.objects.update(created_at=timezone.now() - timedelta(days=90))
        advance_rounds()
        assert not Notice.objects.filter(recipient="eve@example.org").exists()


def test_many_submissions_are_handed_out_a_part_at_a_time(monkeypatch):
    world = World()
    monkeypatch.setattr(rounds, "MOST_FORMS", 2)
    with scope(world.initiative.pk):
        for number in range(3):
            org = world.row(Organization, code=f"more-{number}", name=f"More {number}")
            world.row(
                Assignment, indicator=world.count, organization=org, starts_on=date(2020, 1, 1)
            )
        for expected in (3, 4, 4):
            advance_rounds()
            assert Submission.objects.count() == expected


def test_accepting_makes_facts_and_zero_is_not_nothing():
    world = World()
    with scope(world.initiative.pk):
        world.save(Written(world.count.pk, None, value=Decimal(0)))
        world.submit()
        assert world.accept() == 1
        fact = Observation.objects.get()
        assert (fact.value, fact.is_late, fact.submission_id) == (0, False, world.submission.pk)
        assert world.accept() == 0


def test_late_is_what_was_handed_in_after_the_due_day():
    world = World(overdue=True)
    with scope(world.initiative.pk):
        world.save(Written(world.count.pk, None, value=Decimal(7)))
        world.submit()
        world.accept()
        assert Observation.objects.get().is_late


def test_two_people_get_a_conflict_and_nothing_is_lost():
    world = World()
    with scope(world.initiative.pk):
        seen = world.submission.version
        world.save(Written(world.count.pk, None, value=Decimal(5)))
        with pytest.raises(submissions.ConflictError):
            world.save(Written(world.count.pk, None, value=Decimal(6)), version=seen)
        assert Entry.objects.get().value == 5


def test_more_than_all_blocks_and_says_what_to_do():
    world = World()
    with scope(world.initiative.pk):
        world.save(Written(world.ratio.pk, None, numerator=Decimal(31), denominator=Decimal(27)))
        with pytest.raises(ValidationError, match="31 of 27 is more than all"):
            world.submit()


def test_nothing_to_report_is_handed_in_and_makes_no_fact():
    world = World()
    with scope(world.initiative.pk):
        with pytest.raises(ValidationError, match="Nothing is filled in"):
            world.submit()
        world.submit(has_nothing=True)
        world.accept()
        assert not Observation.objects.exists()
        assert world.submission.has_nothing


def test_a_note_alone_reports_nothing():
    world = World()
    with scope(world.initiative.pk):
        world.save(Written(world.count.pk, None, note="We closed in June."))
        assert Entry.objects.get().note == "We closed in June."
        with pytest.raises(ValidationError, match="Nothing is filled in"):
            world.submit()
        assert not is_reported(world.count)
        world.save(Written(world.count.pk, None, status="missing", note="We closed in June."))
        assert is_reported(world.count)
        world.submit()


def test_a_refused_write_says_who_can_open_it():
    world = World()
    with scope(world.initiative.pk):
        world.submit(has_nothing=True)
        with pytest.raises(ValidationError, match="dan can return it"):
            world.save(Written(world.count.pk, None, value=Decimal(5)))
        submissions.return_submission(
            actor=world.keeper, submission=world.submission, reason="Why?"
        )
        world.submission.refresh_from_db()
        world.save(Written(world.count.pk, None, value=Decimal(5)))
        assert world.submission.state == "returned"


def test_a_returned_submission_writes_to_its_reporters_with_the_reason():
    world = World()
    with scope(world.initiative.pk):
        world.submit(has_nothing=True)
        submissions.return_submission(
            actor=world.keeper, submission=world.submission, reason="Why?"
        )
        notice = Notice.objects.get(kind="returned")
        assert notice.recipient == "ann@example.org"
        assert notice.context["reason"] == "Why?"
        assert "/link/form/cip_" in notice.context["url"]


def test_reopening_then_accepting_again_supersedes():
    world = World()
    with scope(world.initiative.pk):
        world.save(Written(world.count.pk, None, value=Decimal(10)))
        world.submit()
        world.accept()
        until = timezone.now() + timedelta(days=1)
        world.submission = corrections.reopen_submission(
            actor=world.keeper, submission=world.submission, reason="Recount", until=until
        )
        world.save(Written(world.count.pk, None, value=Decimal(12)))
        world.submit()
        world.accept()
        assert Observation.objects.current().get().value == 12
        assert Observation.objects.count() == 2


def test_a_correction_has_a_reason_and_keeps_the_old_number():
    world = World()
    with scope(world.initiative.pk):
        world.save(Written(world.count.pk, None, value=Decimal(10)))
        world.submit()
        world.accept()
        fact, value = Observation.objects.get(), Decimal(11)
        given = {"actor": world.keeper, "fact": fact, "value": value}
        with pytest.raises(ValidationError, match="needs a reason"):
            corrections.correct_fact(**given, reason="entry", text=" ")
        corrections.correct_fact(**given, reason="entry", text="A slip")
        now = Observation.objects.current().get()
        assert (now.value, now.reason, now.reason_text) == (11, "entry", "A slip")
        assert Observation.objects.count() == 2
        told = Act.objects.get(action="measures.fact_corrected").subject_label
        assert told == f"{fact.indicator}, {fact.organization}, {fact.period}: {fact.value:.0f}"
        # Whoever read the number before that correction is told, and corrects nothing.
        with pytest.raises(ValidationError, match="corrected meanwhile"):
            corrections.correct_fact(**given | {"value": Decimal(9)}, reason="entry", text="Mine")
        assert Observation.objects.current().get().value == 11


def test_a_jump_asks_for_a_note_and_then_passes():
    assert is_far(Decimal(90), [Decimal(n) for n in (10, 11, 9, 10, 12)])
    assert not is_far(Decimal(12), [Decimal(n) for n in (10, 11, 9, 10, 12)])
    assert not is_far(Decimal(90), [Decimal(10)])
    world = World()
    with scope(world.initiative.pk):
        for year in range(2018, 2023):
            period = world.row(
                Period,
                calendar=world.count.calendar,
                frequency="year",
                code=str(year),
                name=str(year),
                starts_on=date(year, 1, 1),
                ends_on=date(year + 1, 1, 1),
            )
            value = Decimal(year % 3 + 10)
            fact = ledger.NewFact(world.count.pk, world.org.pk, period.pk, value=value)
            ledger.record([fact], user_id=None)
        world.save(Written(world.count.pk, None, value=Decimal(900)))
        assert [each.is_warning for each in findings_of(world.submission)] == [True]
        with pytest.raises(ValidationError, match="far from"):
            world.submit()
        world.save(Written(world.count.pk, None, value=Decimal(900), note="A new kitchen"))
        world.submit()
        assert world.submission.state == "submitted"


@pytest.mark.parametrize(
    ("said", "before", "agreed"),
    [
        ({"value": Decimal(-5)}, {"value": Decimal(-3)}, {"minimum": Decimal(-100)}),
        (
            {"numerator": Decimal(31), "denominator": Decimal(27)},
            {"numerator": Decimal(4), "denominator": Decimal(3)},
            {"maximum": Decimal(2)},
        ),
    ],
    ids=["below-0", "more-than-all"],
)
def test_less_than_nothing_and_more_than_all_ask_for_a_note(said, before, agreed):
    world = World()
    with scope(world.initiative.pk):
        which = world.count if "value" in said else world.ratio
        Indicator.objects.filter(pk=which.pk).update(is_within=False, unit="%")
        world.save(Written(which.pk, **said))
        (found,) = findings_of(world.submission)
        assert found.is_warning
        with pytest.raises(ValidationError, match=r"is below 0|31 of 27 is more than all"):
            world.submit()
        # Not where the range was agreed, and not where it was so before.
        Indicator.objects.filter(pk=which.pk).update(**agreed)
        assert not findings_of(world.submission)
        Indicator.objects.filter(pk=which.pk).update(**dict.fromkeys(agreed))
        fact = ledger.NewFact(which.pk, world.org.pk, world.before.pk, **before)
        ledger.record([fact], user_id=None)
        assert not findings_of(world.submission)
        world.submit()


def test_groups_that_do_not_make_the_total_are_refused():
    world = World()
    with scope(world.initiative.pk):
        partition = world.row(Partition, code="sex")
        women, men = (
            world.row(Cell, partition=partition, key=f"sex={name}", name=name)
            for name in ("Women", "Men")
        )
        world.count.partition = partition
        world.count.save()
        meals = world.count.pk
        world.save(Written(meals, women.pk, value=Decimal(3)), Written(meals, value=Decimal(9)))
        assert findings_of(world.submission) == []
        world.save(Written(meals, men.pk, value=Decimal(4)))
        with pytest.raises(ValidationError, match="add up to 7, the total says 9"):
            world.submit()


def test_what_an_import_said_is_not_taken_back_by_a_blank():
    world = World()
    with scope(world.initiative.pk):
        fact = ledger.NewFact(world.count.pk, world.org.pk, world.period.pk, value=Decimal(8))
        ledger.record([fact], user_id=None)
        world.submit(has_nothing=True)
        world.accept()
        assert Observation.objects.current().get().value == 8

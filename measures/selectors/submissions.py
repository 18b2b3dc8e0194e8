"""What a submission asks for, what is written on it, and what the organization said before."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from initiatives.models import Membership, Organization
from initiatives.permissions import Role
from measures.choices import FactStatus, IndicatorState, RoundState, SubmissionState
from measures.models import (
    Assignment,
    Cell,
    Entry,
    Indicator,
    IndicatorVersion,
    Observation,
    Round,
    Submission,
)

REPORTERS = [Role.PARTNER_LEAD, Role.PARTNER_REPORTER]
TURN = (SubmissionState.SUBMITTED, SubmissionState.RETURNED, SubmissionState.DRAFT)
OPEN_STATES = (SubmissionState.DRAFT, SubmissionState.RETURNED)
REVIEWERS = [Role.DATA_MANAGER, Role.PROJECT_MANAGER]
MOST_HISTORY = 24
MINUTES_A_NUMBER = 3
GOING = [RoundState.OPEN, RoundState.DUE, RoundState.GRACE]

AMOUNTS = ("value", "numerator", "denominator", "status", "note")

Key = tuple[int, int | None]


@dataclass
class Field:
    """One place to write a number, with what is there and what was said last."""

    indicator: Indicator
    cell: Cell | None
    entry: Entry | None = None
    before: Observation | None = None
    is_settled: bool = False  # accepted while the rest is still open: it stands

    @property
    def key(self) -> Key:
        return self.indicator.pk, self.cell.pk if self.cell else None

    @property
    def name(self) -> str:
        return f"{self.indicator.pk}-{self.cell.pk if self.cell else 0}"


def minutes_for(numbers: int) -> int:
    """How long a form of so many numbers takes, about: what Today says, the form says too."""
    return max(numbers, 1) * MINUTES_A_NUMBER


def assignments_of(round_: Round) -> Any:
    """Who is asked for what in a round: agreed, of its calendar and frequency, in its period."""
    period = round_.period
    return Assignment.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=period.starts_on),
        starts_on__lt=period.ends_on,
        indicator__in=Indicator.objects.agreed().filter(
            calendar_id=period.calendar_id, frequency=period.frequency
        ),
    )


def organizations_asked(round_: Round) -> list[Organization]:
    asked = assignments_of(round_).values("organization_id")
    return list(Organization.objects.taking_part().filter(pk__in=asked))


def indicators_asked(submission: Submission) -> list[Any]:
    """The indicators of the form, each with the ``definition`` in force in its period, and what its
    two numbers are where it is a pair.
    """
    asked = assignments_of(submission.round).filter(organization_id=submission.organization_id)
    in_force = IndicatorVersion.objects.filter(
        indicator=OuterRef("pk"), effective_from__lt=submission.round.period.ends_on
    ).order_by("-effective_from", "-id")
    rows = Indicator.objects.filter(pk__in=asked.values("indicator_id"))
    texts = {
        name: Coalesce(Subquery(in_force.values(name)[:1]), Value(""), output_field=TextField())
        for name in ("definition", "numerator_text", "denominator_text")
    }
    return list(rows.annotate(**texts))


def fields_of(submission: Submission) -> list[Field]:
    """Every field of the form in order: per indicator its leaf cells, then the total."""
    indicators = indicators_asked(submission)
    leaves: dict[int, list[Cell]] = {}
    partitions = [each.partition_id for each in indicators if each.partition_id]
    for cell in Cell.objects.filter(partition__in=partitions, is_leaf=True):
        leaves.setdefault(cell.partition_id, []).append(cell)
    entries = {(e.indicator_id, e.cell_id): e for e in written_on(submission)}
    before = facts_before(submission, indicators)
    fields = []
    is_open = submission.state != SubmissionState.ACCEPTED
    for indicator in indicators:
        cells = [*leaves.get(indicator.partition_id or 0, []), None]
        for cell in cells:
            key = (indicator.pk, cell.pk if cell else None)
            entry = entries.get(key)
            settled = is_open and entry is not None and entry.pk is None
            fields.append(Field(indicator, cell, entry, before.get(key), is_settled=settled))
    return fields


def written_on(submission: Submission) -> Iterable[Entry]:
    """What the submission says. An accepted one says its facts, however they came and were corrected."""
    if submission.state == SubmissionState.ACCEPTED:
        return entries_of_facts(submission)
    if submission.accepted_at is not None:  # opened again: its facts are written on it
        return Entry.objects.filter(submission=submission)
    return _with_accepted(submission)


def _with_accepted(submission: Submission) -> list[Entry]:
    """What is written on a submission that was never accepted as a whole, and as unsaved entries the
    numbers of it that were accepted from a file, which stand; one query.
    """
    columns = ("indicator_id", "cell_id", *AMOUNTS)
    typed = Entry.objects.filter(submission=submission).annotate(row=F("id"))
    no_row = Value(None, output_field=BigIntegerField())
    standing = Observation.objects.current().filter(submission=submission)
    facts = standing.exclude(status=FactStatus.MISSING).annotate(row=no_row)
    found: dict[Key, Entry] = {}
    parts = [each.order_by().values_list("row", *columns) for each in (typed, facts)]
    for pk, indicator_id, cell_id, *amounts in parts[0].union(parts[1], all=True):
        if pk is None or (indicator_id, cell_id) not in found:
            entry = Entry.here(submission=submission, indicator_id=indicator_id, cell_id=cell_id)
            for name, amount in zip(AMOUNTS, amounts, strict=True):
                setattr(entry, name, amount)
            entry.pk = pk
            found[indicator_id, cell_id] = entry
    return list(found.values())


def entries_of_facts(submission: Submission) -> list[Entry]:
    """The facts of a submission as unsaved entries; one that was taken back is a blank field."""
    return [
        Entry.here(
            submission=submission,
            indicator_id=fact.indicator_id,
            cell_id=fact.cell_id,
            value=fact.value,
            numerator=fact.numerator,
            denominator=fact.denominator,
            status=fact.status,
            note=fact.note,
        )
        for fact in facts_of(submission)
        if fact.status != FactStatus.MISSING
    ]


def facts_before(submission: Submission, indicators: Iterable[Indicator]) -> dict[Key, Observation]:
    """What the organization said last before the period, however long ago, with its ``period``."""
    period = submission.round.period
    facts = (
        Observation.objects.current()
        .filter(
            organization_id=submission.organization_id,
            indicator__in=[each.pk for each in indicators],
            period__calendar_id=period.calendar_id,
            period__frequency=period.frequency,
            period__starts_on__lt=period.starts_on,
        )
        .exclude(value=None, numerator=None)
        .order_by("indicator_id", "cell_id", "-period__starts_on")
        .distinct("indicator_id", "cell_id")
        .select_related("period")
    )
    return {(fact.indicator_id, fact.cell_id): fact for fact in facts}


def history_of(submission: Submission) -> dict[Key, list[Decimal]]:
    """The organization's own earlier numbers, newest first, a pair as its quotient."""
    period = submission.round.period
    facts = (
        Observation.objects.current()
        .filter(
            organization_id=submission.organization_id,
            period__calendar_id=period.calendar_id,
            period__frequency=period.frequency,
            period__starts_on__lt=period.starts_on,
        )
        .order_by("-period__starts_on")
    )
    found: dict[Key, list[Decimal]] = {}
    for fact in facts:
        amount = amount_of(fact)
        series = found.setdefault((fact.indicator_id, fact.cell_id), [])
        if amount is not None and len(series) < MOST_HISTORY:
            series.append(amount)
    return found


def amount_of(row: Any) -> Decimal | None:
    """One number for a fact or an entry: its value, or its numerator over its denominator."""
    if row.value is not None:
        return row.value
    if row.numerator is None or not row.denominator:
        return None
    return row.numerator / row.denominator


class Correction(NamedTuple):
    """A fact that was said anew: as it was, and as it then stood."""

    before: Observation
    after: Observation


def corrections_of(submission: Submission) -> list[Correction]:
    """What was said anew of a submission's numbers, latest first; one query."""
    rows = Observation.objects.filter(
        organization_id=submission.organization_id, period_id=submission.round.period_id
    ).select_related("indicator", "cell", "recorded_by")
    said: dict[Key, Observation] = {}
    found = []
    for row in rows.order_by("recorded_at", "id"):
        key = (row.indicator_id, row.cell_id)
        if key in said:
            found.append(Correction(said[key], row))
        said[key] = row
    return found[::-1]


def facts_of(submission: Submission) -> Any:
    """The current facts of a submission's organization and period."""
    return Observation.objects.current().filter(
        organization_id=submission.organization_id, period_id=submission.round.period_id
    )


def rounds_with_counts() -> Any:
    """The rounds, newest first, with how many submissions are in which state; ``lacks``: it is open
    and somebody who is asked has no form yet.
    """
    handed_in = Q(submissions__state__in=[SubmissionState.SUBMITTED, SubmissionState.ACCEPTED])
    waiting = Q(submissions__state=SubmissionState.SUBMITTED)
    never = Value(False)  # noqa: FBT003
    lacks = Case(When(state__in=GOING, then=Exists(_without_a_submission())), default=never)
    return (
        Round.objects.select_related("period")
        .annotate(
            asked=Count("submissions"),
            handed_in=Count("submissions", filter=handed_in),
            waiting=Count("submissions", filter=waiting),
            lacks=lacks,
        )
        .order_by("-period__starts_on", "-id")
    )


def _without_a_submission() -> Any:
    """Of a round: what is asked of organizations that have no form. See ``assignments_of``."""
    submissions = Submission.objects.filter(
        round=OuterRef(OuterRef("pk")), organization=OuterRef("organization_id")
    )
    return Assignment.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=OuterRef("period__starts_on")),
        ~Exists(submissions),
        starts_on__lt=OuterRef("period__ends_on"),
        indicator__state=IndicatorState.AGREED,
        indicator__calendar=OuterRef("period__calendar_id"),
        indicator__frequency=OuterRef("period__frequency"),
        organization__in=Organization.objects.taking_part(),
    )


def submissions_for(membership: Membership) -> Any:
    """The submissions a member may see, newest round first; in a round what waits, then the rest."""
    turn = Case(
        *(When(state=state, then=place) for place, state in enumerate(TURN)), default=len(TURN)
    )
    return (
        Submission.objects.visible_to(membership)
        .select_related("round__period", "organization")
        .order_by("-round__period__starts_on", turn, "organization__name", "id")
    )


def reviewers() -> str:
    """Who can open what is shut, by name."""
    return _names(REVIEWERS)


def reporters_of(organization_id: int) -> list[Membership]:
    rows = Membership.objects.current().filter(
        organization_id=organization_id, roles__overlap=REPORTERS, user__is_active=True
    )
    return list(rows.select_related("user").order_by("id"))


def is_reporter(user_id: int, submission: Submission) -> bool:
    """Whether a person may still report for the organization of a submission."""
    return user_id in {each.user_id for each in reporters_of(submission.organization_id)}


def _names(roles: list[Role]) -> str:
    rows = Membership.objects.current().filter(roles__overlap=roles, user__is_active=True)
    names = [str(each.user) for each in rows.select_related("user").order_by("id")[:3]]
    return ", ".join(dict.fromkeys(names))

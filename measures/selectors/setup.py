"""What the pages show on which measurement is laid out: the short list, rounds, calendars."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Max, Min, Q
from django.utils import timezone

from agenda.models import GlossaryTerm
from initiatives.models import Membership, Organization
from measures.choices import IndicatorState, SubmissionState
from measures.models import (
    Assignment,
    Baseline,
    Calendar,
    Category,
    Indicator,
    IndicatorVersion,
    Partition,
    Period,
    Round,
    Submission,
    Target,
)
from measures.selectors.submissions import assignments_of
from measures.selectors.terms import unsettled_terms

COLLECTED_AHEAD = timedelta(days=366)
SHORT = 15  # agreed indicators; more are a warning, not a wall
HANDED_IN = (SubmissionState.SUBMITTED, SubmissionState.ACCEPTED)


class ShortList(NamedTuple):
    """All indicators, and how many of them are agreed."""

    indicators: list[Indicator]
    agreed: int

    @property
    def is_long(self) -> bool:
        return self.agreed > SHORT


@dataclass(frozen=True)
class IndicatorSheet:
    """Everything that is laid out about one indicator."""

    indicator: Indicator
    versions: list[IndicatorVersion]
    baselines: list[Baseline]
    targets: list[Target]
    in_force: set[int]
    assignments: list[Assignment]
    ended: list[Assignment]
    categories: list[Category]
    unsettled: list[GlossaryTerm]  # of its words: they keep it from being agreed


class Asked(NamedTuple):
    """One organization in a round: how many numbers it is asked for, and its submission."""

    organization: Organization
    numbers: int
    submission: Submission | None

    @property
    def state(self) -> str:
        return self.submission.standing if self.submission else "missing"

    @property
    def is_missing(self) -> bool:
        return self.submission is None or self.submission.state not in HANDED_IN


class RoundSheet(NamedTuple):
    """A round and everybody who is asked in it."""

    round: Round
    asked: list[Asked]

    @property
    def missing(self) -> list[Asked]:
        return [each for each in self.asked if each.is_missing]


def short_list(membership: Membership) -> ShortList:
    """The indicators in their order, each with how many organizations are asked for it today."""
    today = timezone.localdate()
    open_now = Q(assignments__starts_on__lte=today) & (
        Q(assignments__ends_on=None) | Q(assignments__ends_on__gt=today)
    )
    rows = (
        Indicator.objects.visible_to(membership)
        .select_related("calendar")
        .annotate(asked=Count("assignments__organization", filter=open_now, distinct=True))
        .order_by("position", "id")
    )
    found = list(rows)
    return ShortList(found, sum(each.state == IndicatorState.AGREED for each in found))


def indicator_sheet(indicator: Indicator) -> IndicatorSheet:
    """What it means, where it started, how far it should go, and who reports it."""
    today = timezone.localdate()
    targets = list(
        Target.objects.filter(indicator=indicator)
        .select_related("period", "recorded_by")
        .order_by("-recorded_at", "-id")
    )
    newest: dict[int, int] = {}
    for each in targets:
        newest.setdefault(each.period_id, each.pk)
    assignments = list(
        Assignment.objects.filter(indicator=indicator)
        .select_related("organization")
        .order_by("organization__name", "starts_on", "id")
    )
    ended = [each for each in assignments if each.ends_on is not None and each.ends_on <= today]
    categories = Category.objects.filter(
        dimension__partitions__partition_id=indicator.partition_id or 0
    )
    return IndicatorSheet(
        indicator=indicator,
        versions=list(indicator.versions.order_by("-effective_from", "-id")),
        baselines=list(
            Baseline.objects.filter(indicator=indicator)
            .select_related("period", "recorded_by")
            .order_by("-recorded_at", "-id")
        ),
        targets=targets,
        in_force=set(newest.values()),
        assignments=[each for each in assignments if each not in ended],
        ended=ended,
        categories=list(categories.select_related("dimension")),
        unsettled=unsettled_terms(indicator),
    )


def breakdowns() -> list[tuple[Partition, str]]:
    """The partitions there are, in words."""
    found = Partition.objects.prefetch_related("dimensions__dimension").order_by("code")
    return [
        (each, " × ".join(place.dimension.name for place in each.dimensions.all()))
        for each in found
    ]


def periods_of(indicator: Indicator) -> Any:
    """The periods that an indicator is collected for."""
    return Period.objects.filter(
        calendar_id=indicator.calendar_id, frequency=indicator.frequency
    ).order_by("starts_on", "id")


def running_period(periods: list[Period], today: date) -> Period | None:
    """The one that runs today, else the last one that is over."""
    return max(
        (each for each in periods if each.starts_on <= today),
        key=lambda each: each.starts_on,
        default=None,
    )


def periods_to_collect(today: date) -> list[Period]:
    """Periods that some agreed indicator is collected for and that have no round, newest first.

    A calendar may reach far ahead: what begins in more than a year is not collected yet.
    """
    wanted = Q(pk__in=[])
    agreed = Indicator.objects.agreed().order_by()
    for calendar_id, frequency in agreed.values_list("calendar_id", "frequency").distinct():
        wanted |= Q(calendar_id=calendar_id, frequency=frequency)
    near = Period.objects.filter(wanted, rounds=None, starts_on__lte=today + COLLECTED_AHEAD)
    return list(near.select_related("calendar").order_by("-starts_on", "id"))


def usual_period(periods: list[Period], today: date) -> Period | None:
    """The one most likely meant, of those without a round: after the latest that was collected
    the last one that is over, else the one that runs, else the next.
    """
    collected = {
        (calendar_id, frequency): latest
        for calendar_id, frequency, latest in Round.objects.values_list(
            "period__calendar_id", "period__frequency"
        )
        .annotate(latest=Max("period__starts_on"))
        .order_by()
    }
    after = [
        each
        for each in periods
        if each.starts_on > collected.get((each.calendar_id, each.frequency), date.min)
    ]
    over = [each for each in after if each.ends_on <= today]
    begun = [each for each in after if each.starts_on <= today]
    return next(iter(over or begun or after[::-1] or periods), None)


def round_sheet(round_: Round) -> RoundSheet:
    """Who is asked in a round; first those who have not handed in."""
    asked = assignments_of(round_).values_list("organization_id", "indicator_id").distinct()
    numbers: dict[int, int] = {}
    for organization_id, _indicator in asked:
        numbers[organization_id] = numbers.get(organization_id, 0) + 1
    submissions = {
        each.organization_id: each
        for each in Submission.objects.filter(round=round_).select_related("organization")
    }
    organizations = Organization.objects.filter(
        Q(pk__in=Organization.objects.taking_part().filter(pk__in=numbers)) | Q(pk__in=submissions)
    )
    rows = [
        Asked(each, numbers.get(each.pk, 0), submissions.get(each.pk))
        for each in organizations.order_by("name", "id")
    ]
    return RoundSheet(round_, sorted(rows, key=lambda each: not each.is_missing))


def calendars() -> Any:
    """The calendars with how far they reach."""
    return Calendar.objects.annotate(
        first=Min("periods__starts_on"),
        last=Max("periods__ends_on"),
        used=Count("indicators", distinct=True),
    ).order_by("name", "id")

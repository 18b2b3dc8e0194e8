"""What waits for a member in shared measurement, how it begins, and what it knows of a partner."""

from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from django.db.models import Count, Exists, F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _, ngettext

from initiatives import panels, today
from initiatives.clock import zone_here
from initiatives.models import Membership, Organization
from initiatives.permissions import Permission
from measures.choices import IndicatorState, RoundState, SubmissionState
from measures.models import Assignment, Calendar, Indicator, Round, Submission
from measures.selectors.submissions import OPEN_STATES, minutes_for

SOON = timedelta(days=7)
NO_LONGER = timedelta(days=14)
MINUTES_A_FORM = 2
MOST_FORMS = 20
SHOWN = 8


def last_day(moment: datetime, zone: tzinfo) -> date:
    """The last day before a moment: what is due at midnight is due the day before."""
    return (moment - timedelta(seconds=1)).astimezone(zone).date()


def _to_review(membership: Membership) -> Any:
    """The rounds in which submissions wait, with how many."""
    if not membership.may(Permission.MEASURES_COLLECT):
        return None
    waiting = Count("submissions", filter=Q(submissions__state=SubmissionState.SUBMITTED))
    rounds = Round.objects.select_related("period").annotate(waiting=waiting)
    return rounds.filter(waiting__gt=0).order_by("due_at", "id")[:MOST_FORMS]


@today.waits.for_each(_to_review)
def submissions_to_review(membership: Membership, round_: Any) -> today.Waiting:
    """A line for each round in which submissions wait for the reviewer."""
    n = round_.waiting
    url = reverse("measures:collection", args=[membership.initiative.slug])
    return today.Waiting(
        _("Review the numbers of %(period)s") % {"period": round_.period.name},
        f"{url}?round={round_.pk}",
        note=ngettext("%(n)d form waits for you", "%(n)d forms wait for you", n) % {"n": n},
        condition="measures",
        minutes=n * MINUTES_A_FORM,
        number=n,
    )


def _closing(membership: Membership) -> Any:
    """The rounds that are due or close soon, with how many have not handed in."""
    if not membership.may(Permission.MEASURES_COLLECT):
        return None
    now = timezone.now()
    near = Q(due_at__range=(now - NO_LONGER, now + SOON)) | Q(closes_at__range=(now, now + SOON))
    missing = Count("submissions", filter=Q(submissions__state__in=OPEN_STATES))
    rows = Round.objects.filter(near, opens_at__lte=now).exclude(state=RoundState.CLOSED)
    rows = rows.annotate(missing=missing).filter(missing__gt=0)
    return rows.select_related("period").order_by("due_at", "id")


@today.waits.for_each(_closing)
def rounds_that_close(membership: Membership, round_: Any) -> today.Waiting:
    """Rounds that are due or close soon, while some have not handed in."""
    zone = zone_here()
    text = ngettext(
        "%(period)s: %(n)d organization has not handed in",
        "%(period)s: %(n)d organizations have not handed in",
        round_.missing,
    )
    note = ""
    if round_.closes_at:
        day = date_format(last_day(round_.closes_at, zone))
        note = _("The round closes on %(day)s.") % {"day": day}
    return today.Waiting(
        text % {"period": round_.period.name, "n": round_.missing},
        reverse("measures:round_setup", args=[membership.initiative.slug, round_.pk]),
        note=note,
        due_on=last_day(round_.due_at, zone),
        condition="measures",
    )


def _to_write_on(membership: Membership) -> Any:
    """The forms of the member's organization that can be written on now."""
    if not membership.may(Permission.MEASURES_SUBMIT):
        return None
    now = timezone.now()
    writable = Q(round__opens_at__lte=now) & (
        Q(round__closes_at=None) | Q(round__closes_at__gt=now)
    ) & ~Q(round__state=RoundState.CLOSED) | Q(reopened_until__gt=now)
    return (
        Submission.objects.visible_to(membership)
        .filter(writable, organization_id=membership.organization_id, state__in=OPEN_STATES)
        .select_related("round__period")
        .order_by("round__due_at", "id")[:MOST_FORMS]
    )


@today.waits.when(_to_write_on)
def forms_to_fill(membership: Membership, submissions: list[Submission]) -> list[today.Waiting]:
    """The forms of one's own organization that can be written on now."""
    asked = list(
        Assignment.objects.filter(organization_id=membership.organization_id)
        .filter(indicator__state=IndicatorState.AGREED)
        .select_related("indicator")
    )
    zone = zone_here()
    return [_to_fill(membership, each, _numbers(each, asked), zone) for each in submissions]


def _to_fill(
    membership: Membership, submission: Submission, numbers: int, zone: tzinfo
) -> today.Waiting:
    round_ = submission.round
    text = _("Report %(period)s") % {"period": round_.period.name}
    note = ngettext("%(n)d number", "%(n)d numbers", numbers) % {"n": numbers}
    if submission.state == SubmissionState.RETURNED:
        text = _("Look again at %(period)s") % {"period": round_.period.name}
        note = submission.return_reason
    elif round_.is_late:
        note = _("Late; %(note)s") % {"note": note}
    return today.Waiting(
        text,
        reverse("measures:submission", args=[membership.initiative.slug, submission.pk]),
        note=note,
        due_on=last_day(round_.due_at, zone),
        condition="measures",
        minutes=minutes_for(numbers),
    )


def _numbers(submission: Submission, asked: list[Assignment]) -> int:
    period = submission.round.period
    found = {
        each.indicator_id
        for each in asked
        if each.starts_on < period.ends_on
        and (each.ends_on is None or each.ends_on > period.starts_on)
        and each.indicator.calendar_id == period.calendar_id
        and each.indicator.frequency == period.frequency
    }
    return len(found)


@today.begins
def first_measures(membership: Membership) -> list[today.FirstStep]:
    """Indicators, who reports them, and a first round."""
    if not membership.may(Permission.MEASURES_EDIT):
        return []
    slug = membership.initiative.slug
    agreed = Indicator.objects.filter(state__in=[IndicatorState.AGREED, IndicatorState.RETIRED])
    asked = Assignment.objects.filter(Exists(agreed))
    return [
        today.FirstStep(
            8,
            _("Divide time"),
            _("Calendar, school or fiscal years: numbers are collected for their periods."),
            reverse("measures:calendars", args=[slug]),
            Calendar.objects.all(),
        ),
        today.FirstStep(
            9,
            _("Write down a first indicator"),
            _("What is counted, what it means, and how often."),
            reverse("measures:indicators", args=[slug]),
            Indicator.objects.all(),
        ),
        today.FirstStep(
            10,
            _("Agree on it, and say who reports it"),
            _("Only what is agreed is asked for."),
            reverse("measures:indicators", args=[slug]),
            asked,
        ),
        today.FirstStep(
            11,
            _("Open a first round"),
            _("Everybody who is asked then finds a form and gets a letter."),
            reverse("measures:rounds", args=[slug]),
            Round.objects.all(),
        ),
    ]


@panels.tells
def forms_of(membership: Membership, organization: Organization) -> panels.Panel | None:
    """The forms of an organization, newest first, for its own people and who collects."""
    collects = membership.may(Permission.MEASURES_COLLECT)
    own = organization.pk == membership.organization_id
    if not collects and not (own and membership.may(Permission.MEASURES_SUBMIT)):
        return None
    name = "submission_review" if collects else "submission"
    submissions: Any = (
        Submission.objects.visible_to(membership)
        .filter(organization=organization)
        .annotate(period=F("round__period__name"), due=F("round__due_at"))
        .order_by("-round__period__starts_on", "-id")[:SHOWN]
    )
    slug = membership.initiative.slug
    return panels.Panel(
        title=_("Forms"),
        lines=[
            panels.Line(
                each.period,
                reverse(f"measures:{name}", args=[slug, each.pk]),
                status=_standing(each),
            )
            for each in submissions
        ],
        empty=_("No form yet: it is asked for none."),
        condition="measures",
    )


def _standing(submission: Any) -> str:
    if submission.state in OPEN_STATES and submission.due <= timezone.now():
        return "late"
    return str(submission.standing)

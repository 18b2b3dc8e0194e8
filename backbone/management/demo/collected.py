"""Who is asked for what, and when: the demonstration's rounds, laid around today."""

from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from measures.choices import SubmissionState
from measures.models import Round, Submission
from measures.services.setup.rounds import state_at

LATE_BY = timedelta(days=9)


def assignments(figures: dict[str, Any]) -> list[dict[str, Any]]:
    """Ask each organization from the first period it is known for, until the last.

    Organizations are founded and merged away: who was not there is not missing in a period.
    Returns the ``assignments[]`` of an indicator's description.
    """
    periods_of: dict[str, set[str]] = defaultdict(set)
    for _indicator, organization, period, *_amounts in figures["values"]:
        periods_of[organization].add(period)
    first, last = min(map(min, periods_of.values())), figures["late"]
    asked: dict[tuple[str, str], list[str]] = defaultdict(list)
    for organization, periods in sorted(periods_of.items()):
        since, until = min(periods), max(periods)
        span = ("" if since == first else since, "" if until == last else until)
        asked[span].append(organization)
    return [
        {"organizations": codes, "from": since, "until": until}
        for (since, until), codes in sorted(asked.items())
    ]


def rounds(figures: dict[str, Any]) -> list[dict[str, str]]:
    """Lay the rounds around today: all but the open one take what was published for now.

    Returns the ``rounds[]`` of a description, days in the initiative's own zone.
    """
    today = timezone.localdate()

    def day(days: int) -> str:
        return (today + timedelta(days=days)).isoformat()

    past = sorted({row[2] for row in figures["values"]} - {figures["late"]})
    return [
        # Due only soon, so that what is read in now is on time; then dated back.
        *({"period": each, "opens": day(-400), "due": day(1)} for each in past),
        {"period": figures["late"], "opens": day(-60), "due": day(1), "closes": day(12)},
        {"period": figures["open"], "opens": day(-7), "due": day(21)},
    ]


def date_back(figures: dict[str, Any]) -> None:
    """Put the rounds that are over, and their forms, on the days they would have had."""
    now = timezone.now()
    over = Round.objects.exclude(period__code=figures["open"]).select_related("period")
    for each in over:
        if each.period.code == figures["late"]:
            each.due_at = now - LATE_BY
        else:
            opens = datetime.combine(each.period.ends_on, time(8), tzinfo=UTC)
            each.opens_at = min(opens, now - timedelta(days=150))
            each.due_at = each.opens_at + timedelta(days=30)
            each.closes_at = each.opens_at + timedelta(days=60)
        each.state = state_at(now, each.opens_at, each.due_at, each.closes_at)
        each.save()
        _spread(each, now)


def _spread(over: Round, now: datetime) -> None:
    """Have the accepted forms of a round handed in over its last weeks, not in one moment."""
    accepted = Submission.objects.filter(round=over, state=SubmissionState.ACCEPTED)
    forms = list(accepted.order_by("organization__name", "id"))
    for position, form in enumerate(forms):
        early = timedelta(days=position % 17 + 1, hours=position % 9)
        form.submitted_at = over.due_at - early
        form.accepted_at = min(form.submitted_at + timedelta(days=5), now)
    Submission.objects.bulk_update(forms, ["submitted_at", "accepted_at"])

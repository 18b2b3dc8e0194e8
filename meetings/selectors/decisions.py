"""The register of decisions, what one still needs, and numbers as they stood."""

from datetime import date
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from initiatives.models import Membership
from measures.choices import ScopeKind
from measures.models import Indicator, Period, Rollup
from meetings.choices import MeetingState
from meetings.models import (
    Decision,
    DecisionOption,
    DecisionResponse,
    Evidence,
    Interest,
    MeetingSeries,
    Seat,
)
from meetings.selectors.attendance import Quorum, quorum
from meetings.selectors.pre_reads import is_notice_kept

MINUTES_OUT = (MeetingState.MINUTES_CIRCULATED, MeetingState.CLOSED)


def frozen_number(
    indicator: Indicator, period: Period | None = None, *, ends_by: date | None = None
) -> dict[str, Any] | None:
    """The initiative's number as it stands, to be kept; the latest period's without ``period``,
    of those that were over by ``ends_by``.
    """
    rows = Rollup.objects.filter(
        indicator=indicator,
        scope=ScopeKind.INITIATIVE,
        cell=None,
        value__isnull=False,
        period__frequency=indicator.frequency,
    ).select_related("period")
    if period is not None:
        rows = rows.filter(period=period)
    if ends_by is not None:
        rows = rows.filter(period__ends_on__lte=ends_by)
    row = rows.order_by("-period__starts_on").first()
    if row is None:
        return None
    return {
        "indicator": indicator.name,
        "unit": indicator.unit,
        "decimals": indicator.decimals,
        "period": row.period.name,
        "period_id": row.period_id,
        "value": str(row.value),
        "expected": row.expected,
        "reported": row.reported,
        "status": row.status,
        "version_id": row.version_id,
        "computed_at": row.computed_at.isoformat(),
    }


def periods_with_numbers() -> Any:
    """The periods in which the initiative has a number, latest first."""
    rows = Rollup.objects.filter(scope=ScopeKind.INITIATIVE, cell=None, value__isnull=False).values(
        "period_id"
    )
    return Period.objects.filter(pk__in=rows).order_by("-starts_on", "frequency")


def missing_for(decision: Decision, *, rationale: str, dissent: str) -> list[str]:
    """What still stands in the way of deciding, each in plain words; nothing when it may be."""
    problems = []
    if DecisionOption.objects.filter(decision=decision).count() < 2:  # noqa: PLR2004 - two or more
        problems.append(_("A decision has two or more options."))
    evidence = Evidence.objects.filter(decision=decision).exists()
    if not evidence and not decision.evidence_waiver:
        problems.append(_("Add at least one piece of evidence, or record why there is none."))
    undeclared = Interest.objects.filter(decision=decision, is_beneficiary=True, text="")
    names = list(undeclared.values_list("organization__name", flat=True))
    if names:
        text = _("These organizations gain and have not declared how: %s.")
        problems.append(text % ", ".join(names))
    if not rationale.strip():
        problems.append(_("Say why this option."))
    if not dissent.strip():
        problems.append(_('Write down the dissent, or "none".'))
    return problems + _of_quorum(decision)


def quorum_of(decision: Decision) -> Quorum:
    """Organizations that count: those present at its meeting, or those that answered without one."""
    if decision.meeting is not None:
        return quorum(decision.meeting)
    needed = MeetingSeries.objects.running().filter(body_id=decision.body_id)
    rows = DecisionResponse.objects.filter(decision=decision)
    answered = rows.values_list("seat__organization_id", flat=True).distinct().count()
    seats = Seat.objects.current().filter(body_id=decision.body_id).count()
    return Quorum(answered, needed.aggregate(most=Max("quorum"))["most"] or 1, seats)


def _of_quorum(decision: Decision) -> list[str]:
    meeting, problems = decision.meeting, []
    if meeting is not None and meeting.is_before:
        return [_("The meeting has not begun.")]
    if meeting is not None and meeting.state in MINUTES_OUT:
        return [_("The minutes of the meeting are out. Put the question again in the next one.")]
    found = quorum_of(decision)
    if not found.is_there:
        text = (
            _("%(needed)d organizations are needed to decide; %(counted)d count now.")
            if meeting is not None
            else _("%(needed)d organizations must answer; %(counted)d did.")
        )
        problems.append(text % {"needed": found.needed, "counted": found.counted})
    if decision.item is not None and not is_notice_kept(decision.item):
        problems.append(
            _(
                "The papers came late. Every organization present must waive, or it is only discussed."
            )
        )
    return problems


def register(membership: Membership) -> Any:
    """The decisions one may see that were made, latest first."""
    rows = Decision.objects.visible_to(membership).filter(number__isnull=False)
    return rows.select_related("body", "outcome").order_by("-year", "-number")


def undecided(membership: Membership) -> Any:
    """The questions one may see that are not decided yet."""
    rows = Decision.objects.visible_to(membership).filter(number=None)
    return rows.select_related("body", "meeting__series").order_by("-created_at", "-id")

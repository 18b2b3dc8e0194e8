"""The register of decisions, what one still needs, and numbers as they stood."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Max
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from initiatives.models import Initiative, Membership, Organization
from initiatives.permissions import Permission
from measures.choices import ScopeKind
from measures.models import Indicator, Period, Rollup
from meetings.arithmetic.attendance import Verdict
from meetings.choices import IN_FORCE, DecisionState, MeetingState
from meetings.models import (
    Body,
    Decision,
    DecisionOption,
    DecisionResponse,
    Evidence,
    Interest,
    MeetingSeries,
    Seat,
)
from meetings.selectors.attendance import (
    Quorum,
    course_of,
    quorum_in,
    seats_at,
    verdicts_among,
)
from meetings.selectors.pre_reads import is_notice_kept

MINUTES_OUT = (MeetingState.MINUTES_CIRCULATED, MeetingState.CLOSED)


def frozen_number(
    indicator: Indicator, period: Period | None = None, *, ends_by: date | None = None
) -> dict[str, Any] | None:
    """The initiative's number as it stands, to be kept; without ``period`` that of the newest
    well covered one, of those that were over by ``ends_by``. Never one organization's alone.
    """
    rows = (
        Rollup.objects.of_several()
        .filter(
            indicator=indicator,
            scope=ScopeKind.INITIATIVE,
            cell=None,
            value__isnull=False,
            period__frequency=indicator.frequency,
        )
        .select_related("period")
    )
    if period is not None:
        rows = rows.filter(period=period)
    if ends_by is not None:
        rows = rows.filter(period__ends_on__lte=ends_by)
    row = rows.best_covered_first().first()
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
    rows = Rollup.objects.of_several().filter(
        scope=ScopeKind.INITIATIVE, cell=None, value__isnull=False
    )
    return Period.objects.filter(pk__in=rows.values("period_id")).order_by(
        "-starts_on", "frequency"
    )


@dataclass(frozen=True)
class Standing:
    """How far a question is: what has to be known before it may be decided."""

    options: int
    has_evidence: bool
    undeclared: list[str]  # organizations that gain and did not say how
    quorum: Quorum
    keeps_notice: bool


def missing_for(decision: Decision, *, rationale: str, dissent: str) -> list[str]:
    """What still stands in the way of deciding, each in plain words; nothing when it may be."""
    gain = Interest.objects.filter(decision=decision, is_beneficiary=True, text="")
    return missing_in(
        decision,
        Standing(
            options=DecisionOption.objects.filter(decision=decision).count(),
            has_evidence=Evidence.objects.filter(decision=decision).exists(),
            undeclared=list(gain.values_list("organization__name", flat=True)),
            quorum=quorum_of(decision),
            keeps_notice=decision.item is None or is_notice_kept(decision.item),
        ),
        rationale=rationale,
        dissent=dissent,
    )


def missing_in(decision: Decision, found: Standing, *, rationale: str, dissent: str) -> list[str]:
    """The same of what was read already."""
    problems = []
    if found.options < 2:  # noqa: PLR2004 - two or more
        problems.append(_("A decision has two or more options."))
    if not found.has_evidence and not decision.evidence_waiver:
        problems.append(_("Add at least one piece of evidence, or record why there is none."))
    if found.undeclared:
        text = _("These organizations gain and have not declared how: %s.")
        problems.append(text % ", ".join(found.undeclared))
    if not rationale.strip():
        problems.append(_("Say why this option."))
    if not dissent.strip():
        problems.append(_('Write down the dissent, or "none".'))
    return problems + _of_meeting(decision, found)


def _of_meeting(decision: Decision, found: Standing) -> list[str]:
    meeting, problems = decision.meeting, []
    if meeting is not None and meeting.is_before:
        return [_("The meeting has not begun.")]
    if meeting is not None and meeting.state in MINUTES_OUT:
        return [_("The minutes of the meeting are out. Put the question again in the next one.")]
    if not found.quorum.is_there:
        problems.append(_no_quorum(found.quorum, meets=meeting is not None))
    if not found.keeps_notice:
        problems.append(
            _(
                "The pre-reads came late. Every organization present must waive, or it is only discussed."
            )
        )
    return problems


def _no_quorum(found: Quorum, *, meets: bool) -> str:
    if not meets:
        text = _("%(needed)d organizations must answer; %(counted)d did.")
        return text % {"needed": found.needed, "counted": found.counted}
    needs = ngettext(
        "%d organization is needed to decide;",
        "%d organizations are needed to decide;",
        found.needed,
    )
    counts = ngettext(
        "%d counts towards the quorum now: those that were there for half of the time or more.",
        "%d count towards the quorum now: those that were there for half of the time or more.",
        found.counted,
    )
    return f"{needs % found.needed} {counts % found.counted}"


def quorum_of(decision: Decision) -> Quorum:
    """Organizations that count: those present at its meeting, or those that answered without one."""
    rows = DecisionResponse.objects.filter(decision=decision)
    answered = set(rows.values_list("seat__organization_id", flat=True))
    needed = max(quorum_needed(decision.body_id).values_list("most", flat=True), default=None)
    return quorum_among(decision, seats_for(decision), answered, needed)


def quorum_among(
    decision: Decision,
    seats: list[Any],
    answered: set[int],
    needed: int | None,
    verdicts: list[tuple[Seat, Verdict]] | None = None,
) -> Quorum:
    """The same of ``seats_for``, and of the organizations that ``answered``."""
    meeting = decision.meeting
    if meeting is None:
        return Quorum(len(answered), needed or 1, len(seats))
    return quorum_in(meeting, verdicts_at(decision, seats) if verdicts is None else verdicts)


def verdicts_at(decision: Decision, seats: list[Any]) -> list[tuple[Seat, Verdict]]:
    """Each of ``seats_for`` with whether it counts at the decision's meeting, if it has one."""
    meeting = decision.meeting
    if meeting is None:
        return []
    until = meeting.ended_at or timezone.now()
    return verdicts_among(meeting, seats, course_of(meeting, until), until)


def quorum_needed(body: Any) -> Any:
    """The most organizations that one of the running series of a body asks for, as one row."""
    rows = MeetingSeries.objects.running().filter(body_id=body).order_by().values("body_id")
    return rows.annotate(most=Max("quorum")).values("most")


def seats_for(decision: Decision) -> list[Any]:
    """The current seats that may answer: those of its meeting with who came, else of its body."""
    if decision.meeting is not None:
        return seats_at(decision.meeting)
    rows = Seat.objects.current().filter(body_id=decision.body_id)
    return list(rows.select_related("organization").order_by("organization__name", "id"))


def may_declare_of(membership: Membership, seat: Seat | None, named: Iterable[int]) -> bool:
    """Whether a member may declare an interest: for the ``seat`` they answer for, or, as one who
    may commit it, for an organization that was ``named`` to gain.
    """
    if seat is not None:
        return True
    return membership.may(Permission.AGENDA_RESERVE) and membership.organization_id in set(named)


@dataclass(frozen=True)
class Offered:
    """What may be chosen beside a question, as pairs of id and name."""

    indicators: list[tuple[int, str]]
    periods: list[tuple[int, str]]
    organizations: list[tuple[int, str]]


NOTHING = Offered([], [], [])


def offered_to(membership: Membership) -> Offered:
    """The indicators with numbers of ours, their periods, and who may gain; one query."""
    lists = {
        "indicators": Indicator.objects.visible_to(membership).agreed(),
        "periods": periods_with_numbers(),
        "organizations": Organization.objects.visible_to(membership).present(),
    }
    pairs = {
        name: ArraySubquery(rows.values(pair=JSONObject(id="pk", name="name")))
        for name, rows in lists.items()
    }
    rows = Initiative.objects.filter(pk=membership.initiative_id).annotate(**pairs)
    found = rows.values(*pairs).get()
    return Offered(**{n: [(each["id"], each["name"]) for each in found[n]] for n in pairs})


Pairs = list[tuple[int, str]]


def decisions_offered(membership: Membership, body: Body) -> tuple[Pairs, Pairs]:
    """From which of a body's decisions something may follow, latest first, and which of them may
    be replaced; one query.
    """
    rows = Decision.objects.visible_to(membership).filter(body=body)
    rows = rows.exclude(state__in=[DecisionState.SUPERSEDED, DecisionState.REVOKED])
    found = list(rows.order_by("-id"))
    standing = [each for each in found if each.number and each.state in IN_FORCE]
    standing.sort(key=lambda each: (each.year, each.number), reverse=True)
    follows, replaces = ([(each.pk, str(each)) for each in some] for some in (found, standing))
    return follows, replaces


def register(membership: Membership) -> Any:
    """The decisions one may see that were made, latest first."""
    rows = Decision.objects.visible_to(membership).filter(number__isnull=False)
    return rows.select_related("body", "outcome").order_by("-year", "-number")


def undecided(membership: Membership) -> Any:
    """The questions one may see that are not decided yet."""
    rows = Decision.objects.visible_to(membership).filter(number=None)
    return rows.select_related("body", "meeting__series").order_by("-created_at", "-id")

"""Decisions on evidence: framed, criteria fixed before anyone scores, answered, decided, reviewed."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives.audit import record
from initiatives.models import InitiativeProfile, Membership, Organization
from initiatives.permissions import Permission
from measures.models import Indicator, Period
from meetings.choices import DecisionState, MeetingState, ResponseKind
from meetings.models import (
    AgendaItem,
    Body,
    Criterion,
    Decision,
    DecisionOption,
    DecisionResponse,
    Evidence,
    Interest,
    Meeting,
    Score,
    Seat,
)
from meetings.selectors.attendance import quorum
from meetings.selectors.decisions import frozen_number, missing_for
from meetings.services.replies import standing_delegation
from meetings.services.series import ConflictError

FEWEST_OPTIONS = 2


def frame_decision(
    *,
    actor: Membership,
    body: Body,
    question: str,
    options: Iterable[str],
    background: str = "",
    meeting: Meeting | None = None,
    item: AgendaItem | None = None,
    supersedes: Decision | None = None,
) -> Decision:
    """Put a question with its options.

    :raises ValidationError: fewer than two options, or two alike.
    """
    _may(actor, Permission.DECISIONS_FRAME)
    found = [each.strip() for each in options if each.strip()]
    if len({each.casefold() for each in found}) < FEWEST_OPTIONS:
        raise ValidationError({"options": _("A decision has two or more options.")})
    decision = Decision.here(
        body=body,
        meeting=meeting,
        item=item,
        question=question.strip(),
        background=background,
        supersedes=supersedes,
        framed_by=actor,
        quorum_needed=meeting.series.quorum if meeting else None,
    )
    decision.save()
    for position, text in enumerate(dict.fromkeys(found)):
        DecisionOption.here(decision=decision, text=text, position=position).save()
    record(actor, "meetings.decision_framed", decision)
    return decision


def fix_criteria(
    *, actor: Membership, decision: Decision, criteria: Iterable[tuple[str, int]]
) -> Decision:
    """Say by what the options are judged, and how much each weighs. Before anyone scores; once."""
    _may(actor, Permission.DECISIONS_FRAME)
    locked = _open(decision)
    if locked.criteria_fixed_at is not None:
        raise ValidationError(_("The criteria are fixed; scoring has begun."))
    found = [(name.strip(), weight) for name, weight in criteria if name.strip()]
    if not found:
        raise ValidationError({"criteria": _("Name at least one criterion.")})
    for position, (name, weight) in enumerate(found):
        Criterion.here(decision=locked, name=name, weight=weight, position=position).save()
    locked.criteria_fixed_at = timezone.now()
    locked.state = DecisionState.OPEN
    _store(locked)
    record(actor, "meetings.criteria_fixed", locked, criteria=[name for name, _w in found])
    return locked


def score_option(
    *, actor: Membership, option: DecisionOption, criterion: Criterion, value: int
) -> Score:
    """How well an option does by a criterion, 0 to 5.

    :raises ValidationError: the criteria are not fixed yet.
    """
    _may(actor, Permission.DECISIONS_FRAME)
    locked = _open(option.decision)
    if locked.criteria_fixed_at is None:
        raise ValidationError(_("Fix the criteria before anyone scores."))
    if criterion.decision_id != locked.pk:
        raise ValidationError(_("This criterion is of another decision."))
    if value not in range(6):
        raise ValidationError({"value": _("A score is from 0 to 5.")})
    score, _is_new = Score.objects.update_or_create(
        initiative_id=locked.initiative_id,
        option=option,
        criterion=criterion,
        defaults={"value": value},
    )
    record(actor, "meetings.option_scored", locked, value=value)
    return score


def add_evidence(
    *,
    actor: Membership,
    decision: Decision,
    text: str,
    certainty: str,
    link: str = "",
    indicator: Indicator | None = None,
    period: Period | None = None,
) -> Evidence:
    """Lay evidence beside the question. A number is frozen as it stands now, and stays so."""
    _may(actor, Permission.DECISIONS_SUPPORT)
    locked = _open(decision)
    if not text.strip():
        raise ValidationError({"text": _("Say what it shows.")})
    frozen = None
    if indicator is not None:
        frozen = frozen_number(indicator, period)
        if frozen is None:
            raise ValidationError({"indicator": _("There is no number for it yet.")})
    row = Evidence.here(
        decision=locked,
        text=text.strip(),
        certainty=certainty,
        link=link,
        indicator=indicator,
        period_id=frozen["period_id"] if frozen else None,
        frozen=frozen,
        added_by=actor,
    )
    row.save()
    record(actor, "meetings.evidence_added", locked, evidence=row.text)
    return row


def waive_evidence(*, actor: Membership, decision: Decision, reason: str) -> Decision:
    """Record why this is decided without evidence."""
    _may(actor, Permission.DECISIONS_FRAME)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why there is none.")})
    locked = _open(decision)
    locked.evidence_waiver = reason.strip()
    _store(locked)
    record(actor, "meetings.evidence_waived", locked, reason=locked.evidence_waiver)
    return locked


def name_beneficiary(
    *, actor: Membership, decision: Decision, organization: Organization
) -> Interest:
    """Say that an organization gains by an option; it is asked to declare how."""
    _may(actor, Permission.DECISIONS_FRAME)
    locked = _open(decision)
    row, is_new = Interest.objects.get_or_create(
        initiative_id=locked.initiative_id, decision=locked, organization=organization
    )
    if is_new:
        record(actor, "meetings.beneficiary_named", locked, organization=organization.name)
    return row


def declare_interest(
    *, actor: Membership, decision: Decision, text: str, is_beneficiary: bool = True
) -> Interest:
    """Declare one's own organization's interest. It is printed beside the outcome, and does not
    silence anybody.
    """
    locked = _open(decision)
    _seat_of(actor, locked)
    if not text.strip():
        raise ValidationError({"text": _("Say what the interest is, or that there is none.")})
    row, _is_new = Interest.objects.update_or_create(
        initiative_id=locked.initiative_id,
        decision=locked,
        organization_id=actor.organization_id,
        defaults={
            "text": text.strip(),
            "is_beneficiary": is_beneficiary,
            "declared_by": actor,
            "declared_at": timezone.now(),
        },
    )
    record(actor, "meetings.interest_declared", locked, text=row.text)
    return row


def respond(
    *, actor: Membership, decision: Decision, kind: str, reason: str = ""
) -> DecisionResponse:
    """What a seat answers. A delegate who is not briefed is offered the briefing first.

    :raises ValidationError: no reason where one is due, or not briefed.
    """
    locked = _open(decision)
    seat = _seat_of(actor, locked)
    if kind != ResponseKind.CONSENT and not reason.strip():
        raise ValidationError({"reason": _("Say why.")})
    if locked.meeting is not None and seat.holder_id != actor.pk:
        standing = standing_delegation(locked.meeting, seat)
        if standing is None or standing.delegate_id != actor.pk:
            raise PermissionDenied
        if standing.state not in {"briefed", "served"}:
            raise ValidationError(
                _("Answer the two-minute briefing first; then your answer counts."),
                code="unbriefed",
            )
        if standing.scope == "listen":
            raise ValidationError(_("Your mandate is to listen."))
    row, _is_new = DecisionResponse.objects.update_or_create(
        initiative_id=locked.initiative_id,
        decision=locked,
        seat=seat,
        defaults={
            "kind": kind,
            "reason": reason.strip(),
            "given_by": actor,
            "given_at": timezone.now(),
        },
    )
    record(actor, "meetings.decision_answered", locked, kind=kind)
    return row


def decide(
    *,
    actor: Membership,
    decision: Decision,
    version: int,
    outcome: DecisionOption,
    rationale: str,
    dissent: str,
    review_on: date | None = None,
) -> Decision:
    """Close a decision. It gets its number, and evidence, interests and dissent stand beside it.

    :raises ValidationError: with everything that is missing, each in plain words.
    :raises ConflictError: somebody changed it since ``version``.
    """
    _may(actor, Permission.DECISIONS_CLOSE)
    locked = _open(decision)
    if locked.version != version:
        raise ConflictError(_("Somebody changed this decision since you opened it."))
    if outcome.decision_id != locked.pk:
        raise ValidationError({"outcome": _("This option is of another decision.")})
    problems = missing_for(locked, rationale=rationale, dissent=dissent)
    if problems:
        raise ValidationError(problems)
    if locked.meeting is not None:
        found = quorum(locked.meeting)
        locked.quorum_needed, locked.quorum_counted = found.needed, found.counted
    locked.outcome, locked.rationale = outcome, rationale.strip()
    locked.dissent, locked.review_on = dissent.strip(), review_on
    locked.state, locked.decided_at = DecisionState.IN_FORCE, timezone.now()
    locked.decided_by = actor
    locked.year, locked.number = _next_number(locked)
    _store(locked)
    if locked.supersedes is not None:
        Decision.objects.filter(pk=locked.supersedes_id).update(state=DecisionState.SUPERSEDED)
        record(actor, "meetings.decision_superseded", locked.supersedes, by=locked.cite)
    record(actor, "meetings.decided", locked, outcome=outcome.text)
    return locked


def review_decision(*, actor: Membership, decision: Decision, keep: bool, reason: str) -> Decision:
    """Reaffirm or revoke what was decided, with a reason."""
    _may(actor, Permission.DECISIONS_CLOSE)
    locked = _locked(decision)
    if locked.state not in {
        DecisionState.IN_FORCE,
        DecisionState.REVIEW_DUE,
        DecisionState.REAFFIRMED,
    }:
        raise ValidationError(_("This decision is not in force."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say why.")})
    locked.state = DecisionState.REAFFIRMED if keep else DecisionState.REVOKED
    locked.review_on = None
    _store(locked)
    record(actor, f"meetings.decision_{locked.state}", locked, reason=reason.strip())
    return locked


def note_reviews_due(today: date | None = None) -> int:
    """Mark the decisions whose day of review has come; how many. For the clock."""
    today = today or timezone.localdate()
    rows = Decision.objects.filter(
        state__in=[DecisionState.IN_FORCE, DecisionState.REAFFIRMED], review_on__lte=today
    )
    return int(rows.update(state=DecisionState.REVIEW_DUE))


def _next_number(decision: Decision) -> tuple[int, int]:
    """Year and running number, D-2027-014. Deciders wait for each other on the profile's row."""
    profile = InitiativeProfile.objects.select_for_update(of=("self",), no_key=True).first()
    local = timezone.localtime(decision.decided_at, profile.zone if profile else None)
    last = Decision.objects.filter(year=local.year).aggregate(last=Max("number"))["last"]
    return local.year, (last or 0) + 1


def _seat_of(actor: Membership, decision: Decision) -> Seat:
    seats = Seat.objects.current().filter(body_id=decision.body_id)
    found = seats.filter(organization_id=actor.organization_id).first()
    if found is None:
        raise PermissionDenied
    return found


def _open(decision: Decision) -> Decision:
    locked = _locked(decision)
    if locked.state not in {DecisionState.FRAMED, DecisionState.OPEN}:
        raise ValidationError(_("It is decided. A new decision can supersede it."))
    if locked.meeting is not None and locked.meeting.state == MeetingState.CANCELLED:
        raise ValidationError(_("The meeting is cancelled."))
    return locked


def _locked(decision: Decision) -> Decision:
    rows = Decision.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("body", "meeting__series", "item").get(pk=decision.pk)


def _store(decision: Decision) -> None:
    decision.version += 1
    decision.save()


def _may(actor: Membership, permission: Permission) -> None:
    if not actor.may(permission):
        raise PermissionDenied

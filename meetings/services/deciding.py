"""Decisions as they are made: interests declared, seats answer, one option decided, later reviewed."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from initiatives.audit import record
from initiatives.models import Initiative, InitiativeProfile, Membership, Organization
from initiatives.permissions import Permission
from meetings.choices import DecisionState, DelegationScope, ResponseKind
from meetings.models import Decision, DecisionOption, DecisionResponse, Interest, Seat
from meetings.selectors.attendance import briefed_at
from meetings.selectors.decisions import may_declare_of, missing_for, quorum_of, seats_for
from meetings.selectors.people import answering, may_speak_for
from meetings.selectors.rights import may_at, may_with, permit
from meetings.selectors.said import answers_in_room
from meetings.services.carrying import finish_decided
from meetings.services.decisions import (
    is_own,
    locked_decision,
    open_decision,
    store_decision,
)
from meetings.services.replies import standing_delegation
from meetings.services.series import ConflictError

CHANGED = gettext_lazy(
    "Somebody changed this decision since you opened it. What you wrote is still here: look at what "
    "changed, then decide."
)


def name_beneficiary(
    *, actor: Membership, decision: Decision, organization: Organization
) -> Interest:
    """Say that an organization gains by an option; it is asked to declare how."""
    permit(may_with(actor, Permission.DECISIONS_FRAME, decision))
    locked = open_decision(decision)
    row, is_new = Interest.objects.get_or_create(
        initiative_id=locked.initiative_id,
        decision=locked,
        organization=organization,
        defaults={"since": locked.version + 1},
    )
    if is_new:
        store_decision(locked, by=actor)
        record(actor, "meetings.beneficiary_named", locked, organization=organization.name)
    return row


def declare_interest(
    *, actor: Membership, decision: Decision, text: str, is_beneficiary: bool = True
) -> Interest:
    """Declare one's own organization's interest. It is printed beside the outcome, and does not
    silence anybody.
    """
    locked = open_decision(decision)
    permit(may_declare(actor, locked))
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
            "since": locked.version + 1,
        },
    )
    store_decision(locked, by=actor)
    record(actor, "meetings.interest_declared", locked, text=row.text)
    return row


def may_declare(actor: Membership, decision: Decision) -> bool:
    """Whoever answers for a seat of the body, and for an organization that was named to gain."""
    named = Interest.objects.filter(decision=decision)
    return may_declare_of(
        actor, seat_to_answer(actor, decision), named.values_list("organization_id", flat=True)
    )


def seat_to_answer(actor: Membership, decision: Decision) -> Seat | None:
    """The seat that the actor answers for: as its holder, its delegate, its organization's lead."""
    return answering(actor, seats_for(decision))


def respond(
    *,
    actor: Membership,
    decision: Decision,
    kind: str,
    reason: str = "",
    version: int | None = None,
) -> DecisionResponse:
    """What a seat answers. A delegate who is not briefed is offered the briefing first.

    ``version``: the decision as it was before whoever answers; what came with a later one they
    are asked to look at.

    :raises ValidationError: no reason where one is due, or not briefed.
    """
    locked = open_decision(decision)
    seat = seat_to_answer(actor, locked)
    if seat is None:
        raise PermissionDenied
    if kind != ResponseKind.CONSENT and not reason.strip():
        raise ValidationError({"reason": _("Say why.")})
    _must_be_briefed(actor, seat, locked)
    seen = min(version or locked.version, locked.version)
    row = _answer(locked, seat, kind, reason, given_by=actor, was_said=False, seen=seen)
    record(actor, "meetings.decision_answered", locked, kind=kind)
    return row


def _answer(
    decision: Decision, seat: Seat, kind: str, reason: str, **fields: Any
) -> DecisionResponse:
    said = {"kind": kind, "reason": reason.strip(), "given_at": timezone.now(), **fields}
    row, _is_new = DecisionResponse.objects.update_or_create(
        initiative_id=decision.initiative_id, decision=decision, seat=seat, defaults=said
    )
    return row


def enter_responses(
    *, actor: Membership, decision: Decision, said: Iterable[tuple[Seat, str, str]]
) -> int:
    """Write down what seats answered in the room, each with its kind and reason: those that count
    there, and have not answered themselves. It is kept as said, with who wrote it down; the seat
    answers over it while the decision is open. How many.

    :raises ValidationError: one of them does not count, answered itself, or gave no reason.
    """
    locked = open_decision(decision)
    meeting = locked.meeting
    permit(meeting is not None and may_at(actor, Permission.MEETINGS_RUN, meeting))
    standing = {each.seat.pk: each for each in answers_in_room(locked)}
    found = list(said)
    for seat, kind, reason in found:
        at = standing.get(seat.pk)
        if at is None or kind not in ResponseKind:
            raise ValidationError(_("This seat is not asked here."))
        if at.refused:
            raise ValidationError(
                f"{seat.organization}: {at.refused}", code="unbriefed" if at.is_unbriefed else None
            )
        if kind != ResponseKind.CONSENT and not reason.strip():
            raise ValidationError(_("%s: say why.") % seat.organization)
        _answer(locked, seat, kind, reason, given_by=actor, was_said=True, seen=locked.version)
        record(
            actor,
            "meetings.decision_answer_entered",
            locked,
            organization=seat.organization.name,
            kind=kind,
        )
    return len(found)


def _must_be_briefed(actor: Membership, seat: Seat, decision: Decision) -> None:
    """A delegate answers within the mandate, and on the briefing as it stands now."""
    if decision.meeting is None or may_speak_for(actor, seat):
        return
    standing = standing_delegation(decision.meeting, seat)
    if standing is None or standing.delegate_id != actor.pk:
        raise PermissionDenied
    if standing.scope in {DelegationScope.LISTEN, DelegationScope.SPEAK}:
        raise ValidationError(_("Your mandate is not to decide."), code="mandate")
    if briefed_at(decision.meeting, seat) is None:
        text = _("Answer the two-minute briefing first; then your answer counts.")
        raise ValidationError(text, code="unbriefed")


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
    permit(may_with(actor, Permission.DECISIONS_CLOSE, decision))
    locked = open_decision(decision)
    if not _is_seen(actor, locked, version):
        raise ConflictError(CHANGED)
    if outcome.decision_id != locked.pk:
        raise ValidationError({"outcome": _("This option is of another decision.")})
    problems = missing_for(locked, rationale=rationale, dissent=dissent)
    if problems:
        raise ValidationError(problems)
    found = quorum_of(locked)
    locked.quorum_needed, locked.quorum_counted = found.needed, found.counted
    locked.outcome, locked.rationale = outcome, rationale.strip()
    locked.dissent, locked.review_on = dissent.strip(), review_on
    locked.state, locked.decided_at = DecisionState.IN_FORCE, timezone.now()
    locked.decided_by, locked.draft = actor, {}
    locked.year, locked.number = _next_number(locked)
    store_decision(locked)
    if locked.supersedes is not None:
        Decision.objects.filter(pk=locked.supersedes_id).update(state=DecisionState.SUPERSEDED)
        record(actor, "meetings.decision_superseded", locked.supersedes, by=locked.cite)
    if locked.item is not None:
        finish_decided(locked.item, locked.cite)
    record(actor, "meetings.decided", locked, outcome=outcome.text)
    return locked


def keep_draft(
    *,
    actor: Membership,
    decision: Decision,
    version: int,
    outcome: DecisionOption | None = None,
    rationale: str = "",
    dissent: str = "",
    review_on: date | None = None,
) -> Decision:
    """Keep what was chosen and written where it could not be decided yet, until it is. Of what
    cannot be decided any more nothing is kept. What is kept makes a new version: whoever wrote
    beside it is told, and overwrites nothing unseen.

    :raises ConflictError: somebody changed it since ``version``.
    """
    permit(may_with(actor, Permission.DECISIONS_CLOSE, decision))
    try:
        locked = open_decision(decision)
    except ValidationError:
        return decision
    if not _is_seen(actor, locked, version):
        raise ConflictError(CHANGED)
    draft = {
        "outcome": outcome.pk if outcome and outcome.decision_id == locked.pk else None,
        "rationale": rationale,
        "dissent": dissent,
        "review_on": review_on.isoformat() if review_on else "",
    }
    if draft != {name: locked.draft.get(name) for name in draft}:
        last = locked.draft
        goes_on = is_own(actor, locked)
        locked.draft = draft | {
            "by": actor.pk,
            "at": timezone.now().isoformat(),
            "since": last["since"] if goes_on else locked.version,
            "stored_as": locked.version + 1,  # its version then
        }
        store_decision(locked)
        record(actor, "meetings.decision_drafted", locked)
    return locked


def _is_seen(actor: Membership, decision: Decision, version: int) -> bool:
    """Whether ``version`` is what stands, but for what the actor wrote down since."""
    if version == decision.version:
        return True
    return is_own(actor, decision) and version >= int(decision.draft["since"])


def review_decision(
    *,
    actor: Membership,
    decision: Decision,
    keep: bool,
    reason: str,
    review_on: date | None = None,
) -> Decision:
    """Reaffirm or revoke what was decided, with a reason, and say when to look again."""
    permit(may_with(actor, Permission.DECISIONS_CLOSE, decision))
    locked = locked_decision(decision)
    if locked.state not in {
        DecisionState.IN_FORCE,
        DecisionState.REVIEW_DUE,
        DecisionState.REAFFIRMED,
    }:
        raise ValidationError(_("This decision is not in force."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say why.")})
    locked.state = DecisionState.REAFFIRMED if keep else DecisionState.REVOKED
    locked.review_reason = reason.strip()
    locked.review_on = review_on if keep else None
    store_decision(locked)
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
    """Year and running number, D-2027-014. Deciders wait for each other."""
    Initiative.objects.select_for_update(no_key=True).get(pk=decision.initiative_id)
    profile = InitiativeProfile.objects.first()
    local = timezone.localtime(decision.decided_at, profile.zone if profile else None)
    last = Decision.objects.filter(year=local.year).aggregate(last=Max("number"))["last"]
    return local.year, (last or 0) + 1

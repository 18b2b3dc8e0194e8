"""How a difference is settled: proposed by anybody, in force by a yes on each side and no no (A8)."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agenda.choices import DifferenceState, ResolutionState
from agenda.models import (
    Difference,
    DifferenceSide,
    Proposal,
    Resolution,
    ResolutionConfirmation,
    ResolutionRefusal,
    SideMember,
)
from agenda.services.differences.board import lock, unresolved
from initiatives import jobs
from initiatives.audit import record
from initiatives.models import Membership
from initiatives.permissions import Permission

LIVE = (ResolutionState.PROPOSED, ResolutionState.CONFIRMED)


def propose_resolution(
    *,
    actor: Membership,
    difference: Difference,
    kind: str,
    text: str,
    proposal: Proposal | None = None,
    decision_ref: str = "",
    review_on: date | None = None,
) -> Resolution:
    """Put a way to settle it before the sides. One at a time."""
    if not actor.may(Permission.AGENDA_DIFFERENCE_NOTE):
        raise PermissionDenied
    with transaction.atomic():
        locked = unresolved(difference)
        if locked.state == DifferenceState.NOTICED:
            raise ValidationError(_("First each side says that its view is stated fairly."))
        if locked.resolutions.filter(state__in=LIVE).exists():
            raise ValidationError(_("Both sides are being asked about another way already."))
        if proposal and proposal.difference_id != locked.pk:
            raise ValidationError(_("This proposal belongs to another difference."))
        resolution = Resolution.here(
            difference=locked,
            proposal=proposal,
            kind=kind,
            text=text,
            decision_ref=decision_ref,
            review_on=review_on,
            user_id=actor.user_id,
        )
        resolution.save()
        locked.state = DifferenceState.PROPOSAL
        locked.version += 1
        locked.save()
        record(actor, "agenda.resolution_proposed", locked, kind=kind)
        jobs.enqueue("agenda.find_uses")
    return resolution


def confirm_resolution(*, actor: Membership, resolution: Resolution) -> Resolution:
    """Say yes for one's organization, which takes back its no.

    With a yes on each side, and a no from nobody who holds one, the difference is resolved.
    """
    with transaction.atomic():
        difference, locked, held = _asked(actor, resolution)
        refused = locked.refusals.filter(organization_id=actor.organization_id, taken_back_at=None)
        is_changed = bool(refused.update(taken_back_at=timezone.now()))
        _yes, is_new = ResolutionConfirmation.objects.get_or_create(
            initiative_id=difference.initiative_id,
            resolution=locked,
            organization_id=actor.organization_id,
            defaults={"side_id": held.side_id, "user_id": actor.user_id},
        )
        if is_new or is_changed:
            record(actor, "agenda.resolution_confirmed", difference, kind=locked.kind)
        refusals = ResolutionRefusal.objects.standing().filter(resolution=locked)
        if not sides_without(locked) and not refusals.exists():
            _settle(difference, locked)
    return locked


def refuse_resolution(
    *, actor: Membership, resolution: Resolution, kind: str, reason: str
) -> ResolutionRefusal:
    """Say no, or not yet, for one's organization, and why; it does not hold while this stands."""
    with transaction.atomic():
        difference, locked, held = _asked(actor, resolution)
        said = {"side_id": held.side_id, "kind": kind, "reason": reason}
        refusal, is_new = ResolutionRefusal.objects.get_or_create(
            initiative_id=difference.initiative_id,
            resolution=locked,
            organization_id=actor.organization_id,
            defaults=said | {"user_id": actor.user_id},
        )
        if (
            not is_new
            and refusal.taken_back_at is None
            and (refusal.kind, refusal.reason)
            == (
                kind,
                reason,
            )
        ):
            return refusal
        if not is_new:
            for name, value in said.items():
                setattr(refusal, name, value)
            refusal.user_id, refusal.at, refusal.taken_back_at = actor.user_id, timezone.now(), None
            refusal.save()
        record(actor, "agenda.resolution_refused", difference, answer=kind, reason=reason)
    return refusal


def _asked(actor: Membership, resolution: Resolution) -> tuple[Difference, Resolution, SideMember]:
    """What is up for an answer, held, and the side on which the organization is asked."""
    if not actor.may(Permission.AGENDA_DIFFERENCE_CONFIRM):
        raise PermissionDenied
    difference = unresolved(resolution.difference)
    locked = Resolution.objects.get(pk=resolution.pk)
    if locked.state != ResolutionState.PROPOSED:
        raise ValidationError(_("This resolution is not up for an answer any more."))
    held = SideMember.objects.filter(
        difference=difference, organization_id=actor.organization_id
    ).first()
    if held is None:
        raise ValidationError(_("Only organizations that hold one of the views answer it."))
    return difference, locked, held


def sides_without(resolution: Resolution) -> list[DifferenceSide]:
    """The sides on which nobody has said yes yet."""
    said = {(each.side_id, each.organization_id) for each in resolution.confirmations.all()}
    sides = DifferenceSide.objects.filter(difference=resolution.difference_id)
    return [
        side
        for side in sides.prefetch_related("holders")
        if not any((side.pk, each.organization_id) in said for each in side.holders.all())
    ]


def _settle(difference: Difference, resolution: Resolution) -> None:
    resolution.state, resolution.confirmed_at = ResolutionState.CONFIRMED, timezone.now()
    resolution.save()
    difference.state = DifferenceState.RESOLVED
    difference.review_on = resolution.review_on
    difference.version += 1
    difference.save()
    record(None, "agenda.difference_resolved", difference, kind=resolution.kind)


def withdraw_resolution(*, actor: Membership, resolution: Resolution) -> None:
    """Take a proposed resolution back, to talk on: who put it there, or the facilitator."""
    with transaction.atomic():
        difference = unresolved(resolution.difference)
        locked = Resolution.objects.get(pk=resolution.pk)
        facilitates = actor.may(Permission.AGENDA_DIFFERENCE_FACILITATE)
        if not (facilitates or locked.user_id == actor.user_id):
            raise PermissionDenied
        if locked.state != ResolutionState.PROPOSED:
            raise ValidationError(_("This resolution is not up for an answer any more."))
        locked.state = ResolutionState.WITHDRAWN
        locked.save()
        difference.state = DifferenceState.IN_DIALOGUE
        difference.version += 1
        difference.save()
        record(actor, "agenda.resolution_withdrawn", difference)


def reopen_difference(*, actor: Membership, difference: Difference, reason: str) -> Difference:
    """Open a resolved difference again: any side may, with a reason."""
    if not actor.may(Permission.AGENDA_DIFFERENCE_CONFIRM):
        raise PermissionDenied
    with transaction.atomic():
        locked = lock(difference)
        if not locked.is_resolved:
            raise ValidationError(_("This difference is open already."))
        if not locked.holders.filter(organization_id=actor.organization_id).exists():
            raise ValidationError(_("Only organizations that hold one of the views open it again."))
        locked.resolutions.filter(state=ResolutionState.CONFIRMED).update(
            state=ResolutionState.REOPENED, reopened_because=reason
        )
        locked.state = DifferenceState.IN_DIALOGUE
        locked.version += 1
        locked.save()
        record(actor, "agenda.difference_reopened", locked, reason=reason)
    return locked

"""Differences move: noticed, fairly stated, in dialogue, evidence needed, and back."""

from datetime import date
from typing import NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agenda.choices import DifferenceState, Severity
from agenda.models import (
    Difference,
    DifferenceComment,
    DifferenceSide,
    FairStatement,
    Proposal,
    SideMember,
)
from initiatives import jobs
from initiatives.audit import record
from initiatives.models import Membership, Organization
from initiatives.permissions import Permission

# What a facilitator moves by hand; the rest follows from what the sides say.
MOVES = {
    (DifferenceState.FAIRLY_STATED, DifferenceState.IN_DIALOGUE),
    (DifferenceState.IN_DIALOGUE, DifferenceState.EVIDENCE_NEEDED),
    (DifferenceState.EVIDENCE_NEEDED, DifferenceState.IN_DIALOGUE),
    (DifferenceState.PROPOSAL, DifferenceState.IN_DIALOGUE),
}


class Side(NamedTuple):
    """A view in the words of who notes it."""

    label: str
    statement: str = ""


def note_difference(
    *,
    actor: Membership,
    kind: str,
    title: str,
    sides: tuple[Side, Side],
    severity: str = Severity.SERIOUS,
) -> Difference:
    """Note that something is seen in two ways."""
    with transaction.atomic():
        difference = Difference.here(
            kind=kind, title=title, severity=severity, noted_by_id=actor.user_id
        )
        difference.save()
        for number, each in enumerate(sides):
            DifferenceSide.here(
                difference=difference,
                position=number,
                label=each.label,
                statement=each.statement,
            ).save()
        record(actor, "agenda.difference_noted", difference)
    return difference


def take_side(*, actor: Membership, side: DifferenceSide, organization: Organization) -> SideMember:
    """An organization says which view it holds; a facilitator may say it for one to confirm."""
    if organization.pk == actor.organization_id:
        _require(actor, Permission.AGENDA_DIFFERENCE_CONFIRM)
    else:
        _require(actor, Permission.AGENDA_DIFFERENCE_FACILITATE)
    with transaction.atomic():
        difference = unresolved(side.difference)
        if organization.kind == "backbone":
            raise ValidationError(_("The backbone holds no side."))
        member, _made = SideMember.objects.update_or_create(
            initiative_id=difference.initiative_id,
            difference=difference,
            organization=organization,
            defaults={"side": side},
        )
        record(actor, "agenda.side_taken", difference, side=side.label)
        _restate(difference)
    return member


def word_side(
    *, actor: Membership, side: DifferenceSide, label: str, statement: str, version: int
) -> DifferenceSide:
    """Put a view into other words; who called the old ones fair is asked again.

    :raises ValidationError: somebody else did so since ``version``.
    """
    with transaction.atomic():
        difference = unresolved(side.difference)
        locked: DifferenceSide = DifferenceSide.objects.select_for_update(
            of=("self",), no_key=True
        ).get(pk=side.pk)
        if not may_word(actor, locked):
            raise PermissionDenied
        if locked.version != version:
            raise ValidationError(_("Somebody else changed these words meanwhile. Look again."))
        if (locked.label, locked.statement) == (label, statement):
            return locked
        locked.label, locked.statement = label, statement
        locked.version += 1
        locked.save()
        record(actor, "agenda.side_worded", difference, side=label)
        jobs.enqueue("agenda.find_uses")
        _restate(difference)
    return locked


def may_word(actor: Membership, side: DifferenceSide) -> bool:
    """Those who hold a view, and the facilitator."""
    if actor.may(Permission.AGENDA_DIFFERENCE_FACILITATE):
        return True
    holds = side.holders.filter(organization_id=actor.organization_id)
    return actor.may(Permission.AGENDA_DIFFERENCE_NOTE) and holds.exists()


def call_fair(*, actor: Membership, side: DifferenceSide, version: int) -> None:
    """Say for one's organization: this states our view fairly."""
    _require(actor, Permission.AGENDA_DIFFERENCE_CONFIRM)
    with transaction.atomic():
        difference = unresolved(side.difference)
        held = side.holders.filter(organization_id=actor.organization_id)
        if not held.exists():
            raise ValidationError(_("Your organization does not hold this view."))
        current = DifferenceSide.objects.get(pk=side.pk)
        if current.version != version:
            raise ValidationError(_("The words have changed meanwhile. Read them again."))
        if not current.statement:
            raise ValidationError(_("This view is not put into words yet."))
        _fair, is_new = FairStatement.objects.get_or_create(
            initiative_id=difference.initiative_id,
            side=current,
            organization_id=actor.organization_id,
            side_version=current.version,
            defaults={"user_id": actor.user_id},
        )
        if is_new:
            record(actor, "agenda.side_called_fair", difference, side=current.label)
            _restate(difference)


def move_difference(
    *, actor: Membership, difference: Difference, to: str, evidence_wanted: str = ""
) -> Difference:
    """Take a difference on, or back to the talk."""
    _require(actor, Permission.AGENDA_DIFFERENCE_FACILITATE)
    with transaction.atomic():
        locked = unresolved(difference)
        if (locked.state, to) not in MOVES:
            raise ValidationError(_("This step cannot be taken from here."))
        if to == DifferenceState.EVIDENCE_NEEDED:
            if not evidence_wanted:
                raise ValidationError(_("Say what would help to know."))
            locked.evidence_wanted = evidence_wanted
        _step(actor, locked, to)
    return locked


def arrange_difference(
    *,
    actor: Membership,
    difference: Difference,
    severity: str,
    facilitator: Membership | None,
    review_on: date | None,
) -> Difference:
    """Say how severe it is, who leads the talk, when to look again."""
    _require(actor, Permission.AGENDA_DIFFERENCE_FACILITATE)
    with transaction.atomic():
        locked = lock(difference)
        locked.severity, locked.review_on = severity, review_on
        locked.facilitator = facilitator
        locked.version += 1
        locked.save()
        record(actor, "agenda.difference_arranged", locked, severity=severity)
    return locked


def comment_difference(
    *,
    actor: Membership,
    difference: Difference,
    text: str,
    parent: DifferenceComment | None = None,
) -> DifferenceComment:
    """Say something about a difference, or answer somebody."""
    _require(actor, Permission.AGENDA_DIFFERENCE_NOTE)
    with transaction.atomic():
        if parent and parent.difference_id != difference.pk:
            raise ValidationError(_("This belongs to another talk."))
        comment = DifferenceComment.here(
            difference=difference,
            parent=parent,
            organization_id=actor.organization_id,
            user_id=actor.user_id,
            text=text,
        )
        comment.save()
        record(actor, "agenda.difference_commented", difference)
    return comment


def make_proposal(*, actor: Membership, difference: Difference, text: str) -> Proposal:
    """Propose how to settle it."""
    _require(actor, Permission.AGENDA_DIFFERENCE_NOTE)
    with transaction.atomic():
        locked = unresolved(difference)
        if locked.state == DifferenceState.NOTICED:
            raise ValidationError(_("First each side says that its view is stated fairly."))
        proposal = Proposal.here(
            difference=locked,
            text=text,
            organization_id=actor.organization_id,
            user_id=actor.user_id,
        )
        proposal.save()
        record(actor, "agenda.proposal_made", locked)
        if locked.state != DifferenceState.PROPOSAL:
            _step(actor, locked, DifferenceState.PROPOSAL)
    return proposal


def lock(difference: Difference) -> Difference:
    """The row, held against everybody else who decides on it."""
    found: Difference = Difference.objects.select_for_update(of=("self",), no_key=True).get(
        pk=difference.pk
    )
    return found


def unresolved(difference: Difference) -> Difference:
    """The row, held, if it is still open."""
    locked = lock(difference)
    if locked.is_resolved:
        raise ValidationError(_("This difference is resolved. A side can open it again."))
    return locked


def sides_fair(difference: Difference) -> bool:
    """Whether on each side an organization calls the present words fair."""
    sides = list(difference.sides.prefetch_related("fair", "holders"))
    return all(
        {fair.organization_id for fair in side.fair.all() if fair.side_version == side.version}
        & {holder.organization_id for holder in side.holders.all()}
        for side in sides
    )


def _restate(difference: Difference) -> None:
    """Noticed becomes fairly stated when each side says so, and back when words change."""
    is_fair = sides_fair(difference)
    if is_fair and difference.state == DifferenceState.NOTICED:
        _step(None, difference, DifferenceState.FAIRLY_STATED)
    elif not is_fair and difference.state == DifferenceState.FAIRLY_STATED:
        _step(None, difference, DifferenceState.NOTICED)


def _step(actor: Membership | None, difference: Difference, to: str) -> None:
    before, difference.state = difference.state, to
    difference.version += 1
    difference.save()
    record(actor, f"agenda.difference_{to}", difference, before=before)


def _require(actor: Membership, permission: Permission) -> None:
    if not actor.may(permission):
        raise PermissionDenied

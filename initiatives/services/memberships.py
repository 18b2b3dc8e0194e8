"""What members are, and when they stop being it."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from initiatives import audit, links
from initiatives.adapters import end_sessions
from initiatives.models import Invitation, Membership
from initiatives.permissions import Role
from initiatives.querysets import world_day
from initiatives.services.invitations import close_invitation
from initiatives.services.ranks import check_manages, check_roles
from initiatives.tenancy import as_person


def change_roles(
    *, actor: Membership, membership: Membership, roles: Sequence[str], version: int | None = None
) -> Membership:
    """Give a member other roles.

    :raises ValidationError: out of reach, above the actor, or changed meanwhile.
    """
    with transaction.atomic():
        membership = _current(membership)
        check_manages(actor, membership)
        check_roles(actor, membership.organization, roles)
        if version is not None and version != membership.version:
            raise ValidationError(_("Somebody else changed this meanwhile. Look again."))
        if Role.PROJECT_MANAGER not in roles:
            _keep_a_manager(membership)
        before = membership.roles
        membership.roles = sorted({str(role) for role in roles})
        membership.version += 1
        membership.save(update_fields=["roles", "version"])
        audit.record(
            actor, "initiatives.roles_changed", membership, before=before, after=membership.roles
        )
    return membership


def end_membership(*, actor: Membership, membership: Membership) -> None:
    """End a membership now: the next request of this person finds no door.

    Their links and open invitations into this initiative are closed too. What they may do is asked
    of the membership on every request, so their sessions keep nothing of it; with the last
    membership anywhere they end.
    """
    with transaction.atomic():
        membership = _current(membership)
        if membership.user_id != actor.user_id:
            check_manages(actor, membership)
        _keep_a_manager(membership)
        closed = close_membership(membership)
        for invitation in Invitation.objects.pending().filter(email__iexact=membership.user.email):
            close_invitation(invitation)
        audit.record(actor, "initiatives.membership_ended", membership, links_closed=closed)
        if not _is_member_anywhere(membership.user_id):
            end_sessions(membership.user_id)


def close_membership(membership: Membership) -> int:
    """Write the end of a membership, now, and close the person's links; how many."""
    today = world_day()
    membership.starts_on = min(membership.starts_on, today)
    membership.ends_on = today
    membership.version += 1
    membership.save(update_fields=["starts_on", "ends_on", "version"])
    return links.revoke_of_user(membership.user)


def _current(membership: Membership) -> Membership:
    found: Membership = Membership.objects.select_for_update(of=["self"]).get(pk=membership.pk)
    if not found.is_current:
        raise ValidationError(_("This membership has ended."))
    return found


def _is_member_anywhere(user_id: int) -> bool:
    with as_person(user_id):
        return bool(Membership.objects.current().filter(user_id=user_id).exists())


def _keep_a_manager(membership: Membership) -> None:
    """An initiative without a project manager could never get one again."""
    if Role.PROJECT_MANAGER not in membership.roles:
        return
    others = Membership.objects.current().filter(roles__contains=[Role.PROJECT_MANAGER])
    if not others.exclude(pk=membership.pk).exists():
        raise ValidationError(_("An initiative needs a project manager: name another one first."))

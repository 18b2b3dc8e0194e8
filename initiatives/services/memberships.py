"""What members are, and when they stop being it."""

from collections.abc import Sequence

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from initiatives import audit, links
from initiatives.models import Initiative, Invitation, Membership, Organization
from initiatives.permissions import Role
from initiatives.querysets import world_day
from initiatives.services.invitations import close_invitation
from initiatives.services.ranks import check_manages, check_roles, could_send
from initiatives.sessions import end_sessions
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
        if Role.PARTNER_LEAD not in roles:
            _keep_a_lead(actor, membership)
        before = membership.roles
        membership.roles = sorted({str(role) for role in roles})
        membership.version += 1
        membership.save(update_fields=["roles", "version"])
        audit.record(
            actor, "initiatives.roles_changed", membership, before=before, after=membership.roles
        )
        for invitation in _sent_without_right(membership):
            close_invitation(invitation)
    return membership


def end_membership(*, actor: Membership, membership: Membership) -> None:
    """End a membership now: the next request of this person finds no door.

    Their links are closed too, and the open invitations to them and by them: whoever they let in
    would come in on the word of somebody who is out. What they may do is asked
    of the membership on every request, so their sessions keep nothing of it; with the last
    membership anywhere they end.
    """
    with transaction.atomic():
        membership = _current(membership)
        if membership.user_id != actor.user_id:
            check_manages(actor, membership)
        _keep_a_manager(membership)
        _keep_a_lead(actor, membership)
        closed = close_membership(membership)
        uninvited = _close_invitations(membership)
        audit.record(
            actor,
            "initiatives.membership_ended",
            membership,
            links_closed=closed,
            invitations_closed=uninvited,
        )
        close_sessions(membership.user_id)


def leave_for_good(membership: Membership) -> None:
    """End the membership of somebody who is forgotten, and the invitations to them and by them.

    :raises ValidationError: nobody else manages the initiative.
    """
    _keep_a_manager(membership)
    close_membership(membership)
    _close_invitations(membership)


def close_membership(membership: Membership) -> int:
    """Write the end of a membership, now, and close the person's links; how many."""
    today = world_day()
    membership.starts_on = min(membership.starts_on, today)
    membership.ends_on = today
    membership.version += 1
    membership.save(update_fields=["starts_on", "ends_on", "version"])
    return links.revoke_of_user(membership.user)


def close_sessions(user_id: int) -> None:
    """End the sessions of somebody who is a member nowhere any more."""
    with as_person(user_id):
        if Membership.objects.current().filter(user_id=user_id).exists():
            return
    end_sessions(user_id)


def _close_invitations(membership: Membership) -> int:
    """Close what a person who leaves is invited to, and whom they invited; how many."""
    user = membership.user
    addresses = EmailAddress.objects.filter(user=user, verified=True).values_list(
        "email", flat=True
    )
    known = {each.lower() for each in (user.email, *addresses)}
    waiting = {each.pk: each for each in _sent_without_right(membership)}
    to_them = Invitation.objects.pending().annotate(address=Lower("email"))
    waiting |= {each.pk: each for each in to_them.filter(address__in=known)}
    for each in waiting.values():
        close_invitation(each)
    return len(waiting)


def _sent_without_right(membership: Membership) -> list[Invitation]:
    """Open invitations by somebody who could not send them any more, in any of their capacities."""
    mine = list(Membership.objects.current().filter(user_id=membership.user_id))
    sent = Invitation.objects.pending().filter(invited_by_id=membership.user_id)
    return [each for each in sent if not any(could_send(one, each) for one in mine)]


def _current(membership: Membership) -> Membership:
    found: Membership = Membership.objects.select_for_update(of=["self"]).get(pk=membership.pk)
    if not found.is_current:
        raise ValidationError(_("This membership has ended."))
    return found


def _keep_a_lead(actor: Membership, membership: Membership) -> None:
    """Nobody steps down as the only lead of their organization: it could answer for nothing.

    The backbone may take the role from them, and give it to somebody else.
    """
    if Role.PARTNER_LEAD not in membership.roles or membership.user_id != actor.user_id:
        return
    # Of two leads who step down at once the second is told.
    own = Organization.objects.select_for_update(of=("self",), no_key=True)
    organization = own.get(pk=membership.organization_id)
    others = Membership.objects.current().filter(
        organization=organization, roles__contains=[Role.PARTNER_LEAD], user__is_active=True
    )
    if not others.exclude(pk=membership.pk).exists():
        message = _(
            "You are the only lead of %(name)s: name another one first, or ask the project manager."
        )
        raise ValidationError(message, params={"name": organization.name})


def _keep_a_manager(membership: Membership) -> None:
    """An initiative without a project manager could never get one again."""
    if Role.PROJECT_MANAGER not in membership.roles:
        return
    # Of two managers who end each other at once the second is told.
    Initiative.objects.select_for_update(no_key=True).get(pk=membership.initiative_id)
    others = Membership.objects.current().filter(
        roles__contains=[Role.PROJECT_MANAGER], user__is_active=True
    )
    if not others.exclude(pk=membership.pk).exists():
        raise ValidationError(_("An initiative needs a project manager: name another one first."))

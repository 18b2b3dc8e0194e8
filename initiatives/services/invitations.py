"""Invitations: sent, sent again, taken back, accepted."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from initiatives import audit, links, quotas
from initiatives.choices import LinkPurpose, Means, OrganizationState
from initiatives.models import Invitation, Membership, Notice, Organization, SignedLink, User
from initiatives.notices import cancel, notify
from initiatives.permissions import Permission, Role
from initiatives.services.organizations import create_organization
from initiatives.services.ranks import check_roles, fits

LASTS = timedelta(days=14)
TASKS = (
    (Role.PARTNER_LEAD, "speak"),
    (Role.PARTNER_REPORTER, "report"),
    (Role.FUNDER, "read"),
    (Role.OBSERVER, "read"),
)
# Else a role that only others may give, or another organization's word, is taken and not given.
_OWN_INVITATION = _("Nobody invites themselves: ask somebody else to invite you.")


class Line(NamedTuple):
    """One pasted line: who is invited for which organization."""

    number: int
    organization: str
    name: str
    email: str


def invite(
    *,
    actor: Membership,
    organization: Organization,
    email: str,
    roles: Sequence[str],
    name: str = "",
) -> Invitation:
    """Invite somebody by mail to speak for ``organization``.

    :raises ValidationError: the roles are above the actor's, or the person is invited, in, or the
        actor.
    """
    if not actor.may(Permission.INVITATIONS_MANAGE):
        raise PermissionDenied
    if not actor.is_backbone and organization.pk != actor.organization_id:
        raise ValidationError(_("You can invite people to your own organization."))
    check_roles(actor, organization, roles)
    _check_quotas(actor)
    email = email.strip().lower()
    owner = owner_of(email)
    if owner and owner.pk == actor.user_id:
        raise ValidationError(_OWN_INVITATION)
    with transaction.atomic():
        _make_room(organization, email, owner)
        invitation = Invitation.here(
            organization=organization,
            email=email,
            name=name,
            roles=[str(role) for role in roles],
            invited_by_id=actor.user_id,
            expires_at=timezone.now() + LASTS,
        )
        invitation.save()
        audit.record(actor, "initiatives.invitation_sent", invitation, roles=invitation.roles)
        _send(invitation, actor)
    return invitation


def invite_lines(
    *, actor: Membership, lines: Sequence[Line], roles: Sequence[str]
) -> list[Invitation]:
    """Invite everyone of a pasted list, or nobody.

    :raises ValidationError: with one message per line that cannot be.
    """
    problems: list[ValidationError] = []
    invited: list[Invitation] = []
    with transaction.atomic():
        for line in lines:
            try:
                organization = _organization(actor, line.organization)
                invited.append(
                    invite(
                        actor=actor,
                        organization=organization,
                        email=line.email,
                        name=line.name,
                        roles=roles,
                    )
                )
            except ValidationError as error:
                problems += [
                    ValidationError(
                        _("Line %(number)s: %(text)s"),
                        params={"number": line.number, "text": text},
                    )
                    for text in error.messages
                ]
        if problems:
            raise ValidationError(problems)
    return invited


def resend_invitation(*, actor: Membership, invitation: Invitation) -> None:
    """Send the invitation again, with a new link; the old one stops working."""
    with transaction.atomic():
        invitation = _open(invitation)
        check_roles(actor, invitation.organization, invitation.roles)
        letters = Notice.objects.filter(
            subject_type=invitation._meta.label_lower,
            subject_id=invitation.pk,
            created_at__gt=quotas.a_day_ago(),
        )
        quotas.check("invitation_letters", letters.count)
        links.revoke(LinkPurpose.INVITATION, invitation.pk)
        cancel(invitation)
        invitation.sent_count += 1
        invitation.expires_at = timezone.now() + LASTS
        invitation.save(update_fields=["sent_count", "expires_at"])
        audit.record(actor, "initiatives.invitation_resent", invitation)
        _send(invitation, actor)


def revoke_invitation(*, actor: Membership, invitation: Invitation) -> None:
    """Take an invitation back; its link stops working at once."""
    with transaction.atomic():
        invitation = _open(invitation)
        check_roles(actor, invitation.organization, invitation.roles)
        close_invitation(invitation)
        audit.record(actor, "initiatives.invitation_revoked", invitation)


def close_invitation(invitation: Invitation) -> None:
    """Make an invitation and its links worthless."""
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    links.revoke(LinkPurpose.INVITATION, invitation.pk)
    cancel(invitation)


def accept_invitation(*, link: SignedLink, user: User) -> Membership:
    """Become a member by the link of an invitation, which is spent.

    :raises ValidationError: the invitation is for another address, or no longer open.
    """
    with transaction.atomic():
        invitation = _open(Invitation.objects.get(pk=link.object_id))
        is_late = invitation.expires_at <= timezone.now()
        if is_late or not fits(invitation) or not links.use_up(link):
            raise ValidationError(_("This invitation is no longer open."))
        if not is_for(invitation, user):
            raise ValidationError(_("This invitation is for another e-mail address."))
        if invitation.invited_by_id == user.pk:  # by an address that became theirs since
            raise ValidationError(_OWN_INVITATION)
        membership = _membership(invitation, user)
        invitation.accepted_at, invitation.accepted_by = timezone.now(), user
        invitation.save(update_fields=["accepted_at", "accepted_by"])
        organization = invitation.organization
        if organization.state == OrganizationState.INVITED:
            organization.state = OrganizationState.ACTIVE
            organization.save(update_fields=["state"])
        audit.record(membership, "initiatives.invitation_accepted", invitation, means=Means.LINK)
    return membership


def join_by_invitation(*, link: SignedLink, name: str, password: str) -> Membership:
    """Make the invited person's account and accept; the mail with the link proved the address.

    An account that somebody began with this address and never proved becomes this person's.
    """
    with transaction.atomic():
        invitation = _open(Invitation.objects.get(pk=link.object_id))
        if owner_of(invitation.email):
            raise ValidationError(_("There is an account with this e-mail address: sign in."))
        validate_password(password, User(email=invitation.email, name=name))
        user = _unproven().filter(email__lower=invitation.email.lower()).first()
        if user is None:
            user = User.objects.create_user(invitation.email, password, name=name)
        else:
            user.name = name
            user.set_password(password)
            user.save(update_fields=["name", "password"])
            EmailAddress.objects.filter(user=user).delete()
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return accept_invitation(link=link, user=user)


def owner_of(email: str) -> User | None:
    """Who has an account with this address, as their first one or as another one of theirs."""
    email = email.lower()
    known = EmailAddress.objects.filter(email__lower=email, verified=True)
    mine = Q(email__lower=email) & ~Q(pk__in=_unproven()) | Q(pk__in=known.values("user_id"))
    owner: User | None = User.objects.filter(mine).first()
    return owner


def person_of(email: str) -> User:
    """Who has an account with this address, proven or not.

    :raises User.DoesNotExist: nobody has.
    """
    found = owner_of(email) or User.objects.filter(email__lower=email.lower()).first()
    if found is None:
        raise User.DoesNotExist(f"Nobody has the address {email}.")
    return found


def _unproven() -> Any:
    """Accounts that somebody began and nobody came into: whose address it is was never shown.

    Without this whoever signs up first with another one's address chooses the password for it.
    """
    theirs = EmailAddress.objects.filter(user=OuterRef("pk"))
    return User.objects.filter(
        Exists(theirs), ~Exists(theirs.filter(verified=True)), last_login=None
    )


def is_for(invitation: Invitation, user: User) -> bool:
    """Whether a person owns the address that was invited."""
    if user.email.lower() == invitation.email.lower():
        return True
    return EmailAddress.objects.filter(
        user_id=user.pk, email__lower=invitation.email.lower(), verified=True
    ).exists()


def _open(invitation: Invitation) -> Invitation:
    found: Invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if found.accepted_at or found.revoked_at:
        raise ValidationError(_("This invitation is no longer open."))
    return found


def _membership(invitation: Invitation, user: User) -> Membership:
    """The person's membership for the organization: a new one, or the old one with new roles."""
    membership: Membership | None = (
        Membership.objects.select_for_update()
        .filter(user_id=user.pk, organization_id=invitation.organization_id)
        .first()
    )
    if membership is None:
        membership = Membership.here(
            user=user,
            organization=invitation.organization,
            roles=invitation.roles,
            level=invitation.level,
        )
    else:
        kept = membership.roles if membership.is_current else []
        membership.roles = sorted({*kept, *invitation.roles})
        membership.ends_on = None
        membership.version += 1
    membership.save()
    return membership


def _check_quotas(actor: Membership) -> None:
    recent = Invitation.objects.filter(created_at__gt=quotas.a_day_ago())
    quotas.check("invitations", recent.count)
    quotas.check("invitations_by_person", recent.filter(invited_by=actor.user_id).count)


def _organization(actor: Membership, name: str) -> Organization:
    found: Organization | None = (
        Organization.objects.visible_to(actor).present().filter(name__iexact=name).first()
    )
    if found:
        return found
    if not actor.may(Permission.ORGANIZATIONS_MANAGE):
        raise ValidationError(_("There is no organization of this name."))
    return create_organization(actor=actor, name=name)


def _make_room(organization: Organization, email: str, owner: User | None) -> None:
    """Refuse who is in or invited already; close an invitation that ran out."""
    there = Membership.objects.current().filter(organization=organization, user=owner)
    if owner and there.exists():
        raise ValidationError(_("%(email)s is a member already."), params={"email": email})
    for old in Invitation.objects.filter(
        organization=organization, email__lower=email.lower(), accepted_at=None, revoked_at=None
    ):
        if old.state == "pending":
            raise ValidationError(_("%(email)s is invited already."), params={"email": email})
        close_invitation(old)


def _task(roles: Sequence[str]) -> str:
    """What the letter says somebody is invited to do, by their highest role."""
    return next((task for role, task in TASKS if role in roles), "take part")


def _send(invitation: Invitation, actor: Membership) -> None:
    token, _link = links.issue(
        LinkPurpose.INVITATION, invitation.pk, expires_at=invitation.expires_at
    )
    notify(
        "invitation",
        invitation,
        occasion=f"sent-{invitation.sent_count}",
        recipient=invitation.email,
        url=links.address("initiatives:invitation_accept", token),
        inviter=str(actor.user),
        name=invitation.name,
        task=_task(invitation.roles),
        roles=", ".join(str(Role(each).label) for each in invitation.roles),
        organization=invitation.organization.name,
        expires=date_format(invitation.expires_at, "DATE_FORMAT"),
    )

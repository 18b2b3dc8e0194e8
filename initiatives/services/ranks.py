"""Who may give which roles to whom: nobody above their own rank."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from initiatives.choices import OrganizationKind, OrganizationState
from initiatives.models import Invitation, Membership, Organization
from initiatives.permissions import BACKBONE_ROLES, Permission, Role, rank


def check_roles(actor: Membership, organization: Organization, roles: Sequence[str]) -> None:
    """Refuse roles that ``actor`` may not give, or that do not belong in ``organization``."""
    if not roles or not set(roles) <= set(Role.values):
        raise ValidationError(_("Choose at least one role."))
    if rank(list(roles)) > actor.rank:
        raise ValidationError(_("You cannot give a role above your own."))
    if BACKBONE_ROLES.intersection(roles) and organization.kind != OrganizationKind.BACKBONE:
        raise ValidationError(_("This role is for people of the backbone organization."))


def check_manages(actor: Membership, membership: Membership) -> None:
    """Refuse changes to somebody out of reach of ``actor``, or above them."""
    if not Membership.objects.manageable_by(actor).filter(pk=membership.pk).exists():
        raise ValidationError(_("You cannot change people of another organization."))
    if membership.rank > actor.rank:
        raise ValidationError(_("You cannot change somebody with a role above your own."))


def could_send(actor: Membership, invitation: Invitation) -> bool:
    """Whether ``actor`` could invite to these roles of this organization now."""
    is_in_reach = actor.is_backbone or invitation.organization_id == actor.organization_id
    may = actor.may(Permission.INVITATIONS_MANAGE)
    return may and is_in_reach and rank(invitation.roles) <= actor.rank


def fits(invitation: Invitation) -> bool:
    """Whether the organization is still there, and of a kind in which these roles are held."""
    organization = invitation.organization
    if organization.state == OrganizationState.LEFT:
        return False
    needs_backbone = bool(BACKBONE_ROLES.intersection(invitation.roles))
    return not needs_backbone or organization.kind == OrganizationKind.BACKBONE

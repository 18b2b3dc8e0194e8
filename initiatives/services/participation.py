"""What an organization is in the initiative: changed, paused, back, or gone."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from initiatives import audit
from initiatives.choices import OrganizationKind, OrganizationState
from initiatives.models import Invitation, Membership, Organization, Place
from initiatives.permissions import BACKBONE_ROLES
from initiatives.services.invitations import close_invitation
from initiatives.services.memberships import close_membership, close_sessions
from initiatives.services.organizations import check_may_manage, place, tell_of
from initiatives.versions import check_version, version_of


def version_of_organization(organization: Organization) -> str:
    """Of everything that its form shows."""
    return version_of(organization, *_place_ids(organization))


@transaction.atomic
def update_organization(
    *,
    actor: Membership,
    organization: Organization,
    places: Collection[Place],
    version: str | None = None,
    decision: str = "",
    **fields: Any,
) -> Organization:
    """Say anew what the organization is. ``state`` *left* closes its doors at once.

    Whoever would be asked no more is taken off the list by a recorded decision alone (A13 of the
    agenda's rules); lists that were written before, of a round or a ratification, stay as they are.

    :param decision: who decided it, when and why; needed where the organization stops taking part.
    :raises ValidationError: the decision is missing, the code is another one's, or the backbone
        would be lost.
    """
    check_may_manage(actor)
    locked = Organization.objects.select_for_update(of=("self",), no_key=True)
    organization = locked.get(pk=organization.pk)
    check_version(version, organization, *_place_ids(organization))
    _check(organization, **fields)
    was_asked = organization.is_asked
    before = {name: getattr(organization, name) for name in fields}
    for name, value in fields.items():
        setattr(organization, name, value)
    stops = was_asked and not organization.is_asked
    if stops and not decision.strip():
        raise ValidationError(
            {"decision": _("Write down who decided it, when and why: it is recorded.")}
        )
    organization.save(update_fields=list(fields))
    changed = [name for name, value in fields.items() if before[name] != value]
    if place(organization, places):
        changed.append("places")
    closed = 0
    if "state" in changed and organization.state == OrganizationState.LEFT:
        closed = _close_doors(organization)
    if {"places", "state"}.intersection(changed):
        tell_of(organization)
    if changed:
        told: dict[str, Any] = {"changed": changed, "state": organization.state}
        if stops:
            told["decision"] = decision.strip()
        audit.record(
            actor,
            "initiatives.organization_updated",
            organization,
            memberships_ended=closed,
            **told,
        )
    return organization


def _check(organization: Organization, **fields: Any) -> None:
    code = fields.get("code", organization.code)
    others = Organization.objects.exclude(pk=organization.pk)
    if others.filter(code=code).exists():
        raise ValidationError({"code": _("Another organization has this code.")})
    if organization.kind != OrganizationKind.BACKBONE:
        return
    if fields.get("state") == OrganizationState.LEFT:
        raise ValidationError(
            {"state": _("The backbone cannot leave: nobody could let anyone in again.")}
        )
    staff = Membership.objects.current().filter(
        organization=organization, roles__overlap=list(BACKBONE_ROLES)
    )
    if fields.get("kind", organization.kind) != organization.kind and staff.exists():
        raise ValidationError(
            {"kind": _("People of the backbone hold roles here that only the backbone gives.")}
        )


def _close_doors(organization: Organization) -> int:
    """End every membership and invitation of the organization now; how many memberships."""
    closed = 0
    for membership in Membership.objects.current().filter(organization=organization):
        close_membership(membership)
        close_sessions(membership.user_id)
        closed += 1
    for invitation in Invitation.objects.pending().filter(organization=organization):
        close_invitation(invitation)
    return closed


def _place_ids(organization: Organization) -> list[int]:
    return list(organization.homes.order_by("place_id").values_list("place_id", flat=True))

"""Organizations come into an initiative."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from initiatives import audit, jobs
from initiatives.choices import OrganizationState
from initiatives.models import Membership, Organization, OrganizationPlace, Place
from initiatives.permissions import Permission


@transaction.atomic
def create_organization(
    *,
    actor: Membership,
    name: str,
    code: str = "",
    state: str = OrganizationState.INVITED,
    places: Iterable[Place] = (),
    **fields: str,
) -> Organization:
    """A new organization: a partner that is invited, if nothing else is said.

    :raises ValidationError: the name or the code is another one's.
    """
    check_may_manage(actor)
    if Organization.objects.present().filter(name__iexact=name).exists():
        raise ValidationError({"name": _("There is an organization of this name.")})
    if code and Organization.objects.filter(code=code).exists():
        raise ValidationError({"code": _("Another organization has this code.")})
    organization = Organization.here(code=code or free_code(name), name=name, state=state, **fields)
    organization.save()
    place(organization, places)
    audit.record(actor, "initiatives.organization_created", organization)
    return organization


def check_may_manage(actor: Membership) -> None:
    if not actor.may(Permission.ORGANIZATIONS_MANAGE):
        raise PermissionDenied


def place(organization: Organization, places: Iterable[Place]) -> bool:
    """Let the organization work in exactly these places; whether that was a change."""
    wanted = {each.pk for each in places}
    homes = OrganizationPlace.objects.filter(organization=organization)
    there = set(homes.values_list("place_id", flat=True))
    homes.exclude(place_id__in=wanted).delete()
    OrganizationPlace.objects.bulk_create(
        OrganizationPlace.here(organization=organization, place_id=each)
        for each in sorted(wanted - there)
    )
    return wanted != there


def tell_of(organization: Organization) -> None:
    """Have the sums over places and partners follow the organization, right after this commit."""
    jobs.enqueue(
        "measures.follow_organization",
        key=f"organization-{organization.pk}",
        organization_id=organization.pk,
    )


def free_code(name: str) -> str:
    """A code for an organization that no other of the initiative has."""
    base = slugify(name)[:32].strip("-") or "organization"
    code, number = base, 1
    while Organization.objects.filter(code=code).exists():
        number += 1
        code = f"{base}-{number}"
    return code

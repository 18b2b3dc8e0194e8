"""Organizations come into an initiative."""

from django.utils.text import slugify

from initiatives import audit
from initiatives.models import Membership, Organization


def create_organization(*, actor: Membership, name: str) -> Organization:
    """A new partner, invited."""
    organization = Organization.here(code=free_code(name), name=name)
    organization.save()
    audit.record(actor, "initiatives.organization_created", organization)
    return organization


def free_code(name: str) -> str:
    """A code for an organization that no other of the initiative has."""
    base = slugify(name)[:32].strip("-") or "organization"
    code, number = base, 1
    while Organization.objects.filter(code=code).exists():
        number += 1
        code = f"{base}-{number}"
    return code

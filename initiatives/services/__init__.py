"""What is decided about an initiative and its people."""

from initiatives.services.initiatives import create_initiative, update_initiative
from initiatives.services.invitations import (
    Line,
    accept_invitation,
    invite,
    invite_lines,
    join_by_invitation,
    resend_invitation,
    revoke_invitation,
)
from initiatives.services.memberships import change_roles, end_membership
from initiatives.services.organizations import create_organization
from initiatives.services.participation import update_organization, version_of_organization
from initiatives.services.people import update_person
from initiatives.services.places import create_place, update_place
from initiatives.services.repairs import retry_job, retry_notice

__all__ = [
    "Line",
    "accept_invitation",
    "change_roles",
    "create_initiative",
    "create_organization",
    "create_place",
    "end_membership",
    "invite",
    "invite_lines",
    "join_by_invitation",
    "resend_invitation",
    "retry_job",
    "retry_notice",
    "revoke_invitation",
    "update_initiative",
    "update_organization",
    "update_person",
    "update_place",
    "version_of_organization",
]

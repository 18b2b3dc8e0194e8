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

__all__ = [
    "Line",
    "accept_invitation",
    "change_roles",
    "create_initiative",
    "end_membership",
    "invite",
    "invite_lines",
    "join_by_invitation",
    "resend_invitation",
    "revoke_invitation",
    "update_initiative",
]

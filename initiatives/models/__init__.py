"""The rows of the ground, by noun."""

from initiatives.models.acts import Act, ActSeal
from initiatives.models.initiatives import (
    Initiative,
    InitiativeProfile,
    Organization,
    OrganizationPlace,
    Place,
)
from initiatives.models.memberships import Invitation, Membership
from initiatives.models.outbox import AnsweredForm, Job, Notice, SignedLink
from initiatives.models.people import User

__all__ = [
    "Act",
    "ActSeal",
    "AnsweredForm",
    "Initiative",
    "InitiativeProfile",
    "Invitation",
    "Job",
    "Membership",
    "Notice",
    "Organization",
    "OrganizationPlace",
    "Place",
    "SignedLink",
    "User",
]

"""Who may do what. The one table to read, and the one to change."""

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """Named ``<app>:<action>``; kept in alphabetical order.

    A permission says what a role may do at all; on whose rows is ``visible_to``'s business.
    """

    ACTIONS_ASSIGN = "meetings:assign_actions"
    ACTS_VIEW = "initiatives:view_acts"
    ANNOUNCEMENTS_SEND = "meetings:send_announcements"
    ANNOUNCEMENTS_WRITE = "meetings:write_announcements"
    ATTENDANCE_COMPARE = "meetings:compare_attendance"  # the heat map with every organization
    DECISIONS_CLOSE = "meetings:close_decisions"
    DECISIONS_FRAME = "meetings:frame_decisions"
    DECISIONS_SUPPORT = "meetings:support_decisions"  # evidence
    INITIATIVE_EDIT = "initiatives:edit"
    INITIATIVE_VIEW = "initiatives:view"
    INVITATIONS_MANAGE = "initiatives:manage_invitations"
    MEASURES_COLLECT = "measures:collect"  # rounds, accepting, returning, correcting, reopening
    MEASURES_EDIT = "measures:edit"  # indicators, targets, assignments
    MEASURES_SHARE = "measures:share"  # links for readers without an account
    MEASURES_SUBMIT = "measures:submit"
    MEASURES_VIEW = "measures:view"
    MEETINGS_AGENDA = "meetings:set_agendas"  # accept and order items
    MEETINGS_EDIT = "meetings:edit"  # bodies, seats, series, moving and cancelling
    MEETINGS_MINUTE = "meetings:approve_minutes"
    MEETINGS_PROPOSE = "meetings:propose"
    MEETINGS_RUN = "meetings:run"  # attendance, notes, minutes in draft
    MEETINGS_SEAT = "meetings:fill_seats"  # of one's own organization
    MEETINGS_VIEW = "meetings:view"
    MEETINGS_VIEW_ALL = "meetings:view_all"  # also bodies in which one has no seat
    MEMBERS_MANAGE = "initiatives:manage_members"
    MEMBERS_VIEW = "initiatives:view_members"
    ORGANIZATIONS_MANAGE = "initiatives:manage_organizations"
    ORGANIZATIONS_VIEW = "initiatives:view_organizations"


class Role(TextChoices):
    PROJECT_MANAGER = "project_manager", _("Project manager")
    DATA_MANAGER = "data_manager", _("Data manager")
    EDUCATION_COORDINATOR = "education_coordinator", _("Education coordinator")
    FACILITATOR = "facilitator", _("Facilitator")
    PARTNER_LEAD = "partner_lead", _("Partner lead")
    PARTNER_REPORTER = "partner_reporter", _("Partner reporter")
    FUNDER = "funder", _("Funder")
    OBSERVER = "observer", _("Observer")


BACKBONE_ROLES = frozenset(
    {Role.PROJECT_MANAGER, Role.DATA_MANAGER, Role.EDUCATION_COORDINATOR, Role.FACILITATOR}
)

_EVERYONE = frozenset(
    {Permission.INITIATIVE_VIEW, Permission.MEASURES_VIEW, Permission.MEETINGS_VIEW}
)
_MEMBER = _EVERYONE | {
    Permission.ACTIONS_ASSIGN,
    Permission.MEETINGS_PROPOSE,
    Permission.MEETINGS_VIEW_ALL,
    Permission.MEMBERS_VIEW,
    Permission.ORGANIZATIONS_VIEW,
}
_BACKBONE = _MEMBER | {Permission.ACTS_VIEW, Permission.ATTENDANCE_COMPARE}

GRANTS: dict[str, frozenset[Permission]] = {
    Role.PROJECT_MANAGER: frozenset(Permission)
    - {
        Permission.DECISIONS_CLOSE,
        Permission.MEASURES_SUBMIT,
        Permission.MEETINGS_MINUTE,
        Permission.MEETINGS_SEAT,
    },
    Role.DATA_MANAGER: _BACKBONE
    | {
        Permission.DECISIONS_SUPPORT,
        Permission.INVITATIONS_MANAGE,
        Permission.MEASURES_COLLECT,
        Permission.MEASURES_EDIT,
        Permission.MEASURES_SHARE,
        Permission.ORGANIZATIONS_MANAGE,
    },
    Role.EDUCATION_COORDINATOR: _BACKBONE | {Permission.ANNOUNCEMENTS_WRITE},
    Role.FACILITATOR: _BACKBONE
    | {
        Permission.DECISIONS_CLOSE,
        Permission.DECISIONS_FRAME,
        Permission.DECISIONS_SUPPORT,
        Permission.MEETINGS_AGENDA,
        Permission.MEETINGS_EDIT,
        Permission.MEETINGS_MINUTE,
        Permission.MEETINGS_RUN,
    },
    Role.PARTNER_LEAD: _MEMBER
    | {
        Permission.INVITATIONS_MANAGE,
        Permission.MEASURES_SUBMIT,
        Permission.MEETINGS_SEAT,
        Permission.MEMBERS_MANAGE,
    },
    Role.PARTNER_REPORTER: _MEMBER | {Permission.MEASURES_SUBMIT},
    Role.FUNDER: _EVERYONE | {Permission.ORGANIZATIONS_VIEW},
    Role.OBSERVER: _EVERYONE,
}

# Nobody gives a role above their own, nor changes a member who holds one.
RANKS: dict[str, int] = {
    Role.OBSERVER: 0,
    Role.FUNDER: 1,
    Role.PARTNER_REPORTER: 1,
    Role.PARTNER_LEAD: 2,
    Role.EDUCATION_COORDINATOR: 3,
    Role.FACILITATOR: 3,
    Role.DATA_MANAGER: 3,
    Role.PROJECT_MANAGER: 4,
}


def granted(roles: list[str]) -> frozenset[Permission]:
    """Everything that holding these roles allows."""
    return frozenset().union(*(GRANTS[role] for role in roles))


def rank(roles: list[str]) -> int:
    """The highest rank among ``roles``; below every role when there are none."""
    return max((RANKS[role] for role in roles), default=-1)

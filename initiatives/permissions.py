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
    AGENDA_AMEND = "agenda:amend"  # propose another text for a dimension, for one's organization
    AGENDA_COMMENT = "agenda:comment"  # suggest and comment on a draft
    AGENDA_DIFFERENCE_CONFIRM = "agenda:confirm_difference"  # for one's own side
    AGENDA_DIFFERENCE_FACILITATE = "agenda:facilitate_difference"
    AGENDA_DIFFERENCE_NOTE = "agenda:note_difference"  # and talk about one
    AGENDA_DRAFT = "agenda:draft"  # the texts of a version
    AGENDA_GLOSSARY_AGREE = "agenda:agree_glossary"  # say how one's organization uses a word
    AGENDA_GLOSSARY_EDIT = "agenda:edit_glossary"  # definitions, and what state a term is in
    AGENDA_GLOSSARY_PROPOSE = "agenda:propose_glossary"
    AGENDA_LISTEN = "agenda:listen"  # open listening rounds
    AGENDA_POSITIONS_VIEW = "agenda:view_positions"  # rounds, and what they revealed
    AGENDA_POSITION_DRAFT = "agenda:draft_position"
    AGENDA_POSITION_SUBMIT = "agenda:submit_position"
    AGENDA_PUBLISH = "agenda:publish"  # let everyone read the ratified agenda
    AGENDA_RATIFICATION_OPEN = "agenda:open_ratification"
    AGENDA_RESERVATION_DRAFT = "agenda:draft_reservation"
    AGENDA_RESERVE = "agenda:reserve"  # write and lift reservations of one's organization
    AGENDA_RESERVERS_VIEW = "agenda:view_reservers"  # who reserved what
    AGENDA_RESPOND = "agenda:respond"
    AGENDA_RESPOND_ON_BEHALF = "agenda:respond_on_behalf"
    AGENDA_VIEW = "agenda:view"  # the ratified agenda and the glossary
    ANNOUNCEMENTS_SEND = "meetings:send_announcements"
    ANNOUNCEMENTS_WRITE = "meetings:write_announcements"
    ATTENDANCE_COMPARE = "meetings:compare_attendance"  # the heat map with every organization
    DECISIONS_CLOSE = "meetings:close_decisions"
    DECISIONS_FRAME = "meetings:frame_decisions"
    DECISIONS_SUPPORT = "meetings:support_decisions"  # evidence
    FAIRNESS_COMPARE = "meetings:compare_fairness"  # whose proposals get through, by organization
    FAIRNESS_SECTORS = "meetings:view_fairness_by_sector"
    FAIRNESS_VIEW = "meetings:view_fairness"  # of one's own organization
    INITIATIVE_EDIT = "initiatives:edit"
    INITIATIVE_VIEW = "initiatives:view"
    INVITATIONS_MANAGE = "initiatives:manage_invitations"
    MEASURES_COLLECT = "measures:collect"  # rounds, accepting, returning, correcting, reopening
    MEASURES_EDIT = "measures:edit"  # indicators, targets, assignments
    MEASURES_IMPORT = "measures:import"  # files of values: all, or one's own organization's
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
    SERIES_FACILITATOR = "series_facilitator", _("Facilitator of single series")
    PARTNER_LEAD = "partner_lead", _("Partner lead")
    PARTNER_REPORTER = "partner_reporter", _("Partner reporter")
    FUNDER = "funder", _("Funder")
    OBSERVER = "observer", _("Observer")


BACKBONE_ROLES = frozenset(
    {Role.PROJECT_MANAGER, Role.DATA_MANAGER, Role.EDUCATION_COORDINATOR, Role.FACILITATOR}
)

# Those who only read: a page set like print is for them, without the rail.
READING_ROLES = frozenset({Role.FUNDER, Role.OBSERVER})
# Who changes much or reads everything proves it with a second factor (where it is asked), and
# who manages signs in again after some hours.
SECOND_FACTOR_ROLES = frozenset({Role.PROJECT_MANAGER, Role.FUNDER})
SHORT_SESSION_ROLES = frozenset({Role.PROJECT_MANAGER})

_EVERYONE = frozenset(
    {
        Permission.AGENDA_VIEW,
        Permission.INITIATIVE_VIEW,
        Permission.MEASURES_VIEW,
        Permission.MEETINGS_VIEW,
    }
)
_MEMBER = _EVERYONE | {
    Permission.ACTIONS_ASSIGN,
    Permission.AGENDA_DIFFERENCE_NOTE,
    Permission.AGENDA_GLOSSARY_PROPOSE,
    Permission.AGENDA_POSITIONS_VIEW,
    Permission.AGENDA_RESERVERS_VIEW,
    Permission.MEETINGS_PROPOSE,
    Permission.MEETINGS_VIEW_ALL,
    Permission.MEMBERS_VIEW,
    Permission.ORGANIZATIONS_VIEW,
}
_BACKBONE = _MEMBER | {Permission.ACTS_VIEW, Permission.ATTENDANCE_COMPARE}
# Whose proposals get through: by sector for all who decide, in detail for oneself.
_FAIRNESS_BY_SECTOR = frozenset({Permission.FAIRNESS_SECTORS, Permission.FAIRNESS_VIEW})
_FAIRNESS = _FAIRNESS_BY_SECTOR | {Permission.FAIRNESS_COMPARE}
# What an organization says in the agenda, it says itself: nobody of the backbone says it instead.
_AGENDA_OWN = frozenset(
    {
        Permission.AGENDA_AMEND,
        Permission.AGENDA_DIFFERENCE_CONFIRM,
        Permission.AGENDA_GLOSSARY_AGREE,
        Permission.AGENDA_POSITION_DRAFT,
        Permission.AGENDA_POSITION_SUBMIT,
        Permission.AGENDA_RESERVATION_DRAFT,
        Permission.AGENDA_RESERVE,
        Permission.AGENDA_RESPOND,
    }
)
# A funder has a word for an organization that funds, like any partner's lead for theirs.
_AGENDA_LEAD = _AGENDA_OWN | {Permission.AGENDA_COMMENT}

GRANTS: dict[str, frozenset[Permission]] = {
    Role.PROJECT_MANAGER: frozenset(Permission)
    - _AGENDA_OWN
    - {
        Permission.DECISIONS_CLOSE,
        Permission.MEASURES_SUBMIT,
        Permission.MEETINGS_MINUTE,
        Permission.MEETINGS_SEAT,
    },
    Role.DATA_MANAGER: _BACKBONE
    | _FAIRNESS
    | {
        Permission.AGENDA_GLOSSARY_EDIT,
        Permission.DECISIONS_SUPPORT,
        Permission.INVITATIONS_MANAGE,
        Permission.MEASURES_COLLECT,
        Permission.MEASURES_EDIT,
        Permission.MEASURES_IMPORT,
        Permission.MEASURES_SHARE,
        Permission.ORGANIZATIONS_MANAGE,
    },
    Role.EDUCATION_COORDINATOR: _BACKBONE | {Permission.ANNOUNCEMENTS_WRITE},
    Role.FACILITATOR: _BACKBONE
    | _FAIRNESS
    | {
        Permission.AGENDA_COMMENT,
        Permission.AGENDA_DIFFERENCE_FACILITATE,
        Permission.AGENDA_DRAFT,
        Permission.AGENDA_GLOSSARY_EDIT,
        Permission.AGENDA_LISTEN,
        Permission.AGENDA_RATIFICATION_OPEN,
        Permission.DECISIONS_CLOSE,
        Permission.DECISIONS_FRAME,
        Permission.DECISIONS_SUPPORT,
        Permission.MEETINGS_AGENDA,
        Permission.MEETINGS_EDIT,
        Permission.MEETINGS_MINUTE,
        Permission.MEETINGS_RUN,
    },
    Role.SERIES_FACILITATOR: _EVERYONE | {Permission.MEMBERS_VIEW, Permission.ORGANIZATIONS_VIEW},
    Role.PARTNER_LEAD: _MEMBER
    | _AGENDA_LEAD
    | _FAIRNESS_BY_SECTOR
    | {
        Permission.INVITATIONS_MANAGE,
        Permission.MEASURES_IMPORT,
        Permission.MEASURES_SUBMIT,
        Permission.MEETINGS_SEAT,
        Permission.MEMBERS_MANAGE,
    },
    Role.PARTNER_REPORTER: _MEMBER
    | {
        Permission.AGENDA_COMMENT,
        Permission.AGENDA_POSITION_DRAFT,
        Permission.AGENDA_RESERVATION_DRAFT,
        Permission.FAIRNESS_VIEW,
        Permission.MEASURES_IMPORT,
        Permission.MEASURES_SUBMIT,
    },
    Role.FUNDER: _EVERYONE
    | _AGENDA_LEAD
    | _FAIRNESS_BY_SECTOR
    | {
        Permission.AGENDA_DIFFERENCE_NOTE,
        Permission.AGENDA_POSITIONS_VIEW,
        Permission.ORGANIZATIONS_VIEW,
    },
    Role.OBSERVER: _EVERYONE,
}

# What a role may do only with what was given to its holder by name, from a day until a day. The app
# that knows these things says which they are; a door lets such a permission in where it is told to.
GIVEN: dict[str, frozenset[Permission]] = {
    Role.SERIES_FACILITATOR: frozenset(
        {
            Permission.ACTIONS_ASSIGN,
            Permission.DECISIONS_CLOSE,
            Permission.DECISIONS_FRAME,
            Permission.DECISIONS_SUPPORT,
            Permission.MEETINGS_AGENDA,
            Permission.MEETINGS_EDIT,
            Permission.MEETINGS_MINUTE,
            Permission.MEETINGS_PROPOSE,
            Permission.MEETINGS_RUN,
            Permission.MEETINGS_VIEW_ALL,
        }
    ),
}

# Nobody gives a role above their own, nor changes a member who holds one.
RANKS: dict[str, int] = {
    Role.OBSERVER: 0,
    Role.FUNDER: 1,
    Role.PARTNER_REPORTER: 1,
    Role.PARTNER_LEAD: 2,
    Role.SERIES_FACILITATOR: 3,
    Role.EDUCATION_COORDINATOR: 3,
    Role.FACILITATOR: 3,
    Role.DATA_MANAGER: 3,
    Role.PROJECT_MANAGER: 4,
}


def granted(roles: list[str]) -> frozenset[Permission]:
    """Everything that holding these roles allows."""
    return frozenset().union(*(GRANTS[role] for role in roles))


def given(roles: list[str]) -> frozenset[Permission]:
    """Everything that these roles allow with what was given by name."""
    return frozenset().union(*(GIVEN.get(role, frozenset()) for role in roles))


def granted_looking_on(roles: list[str]) -> frozenset[Permission]:
    """What roles with a funder's allow in an organization that does not fund: the funder looks on,
    and speaks for nobody.
    """
    found = granted([role for role in roles if role != Role.FUNDER])
    return found | (GRANTS[Role.FUNDER] - _AGENDA_OWN)


def rank(roles: list[str]) -> int:
    """The highest rank among ``roles``; below every role when there are none."""
    return max((RANKS[role] for role in roles), default=-1)

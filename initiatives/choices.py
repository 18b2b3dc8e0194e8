"""The closed lists of the ground."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PlaceLevel(TextChoices):
    COMMUNITY = "community", _("Community")
    COUNTY = "county", _("County")
    STATE = "state", _("State")
    NATION = "nation", _("Nation")


class OrganizationKind(TextChoices):
    PARTNER = "partner", _("Partner")
    LEAD = "lead", _("Lead")
    FUNDER = "funder", _("Funder")
    OBSERVER = "observer", _("Observer")
    BACKBONE = "backbone", _("Backbone")


class Sector(TextChoices):
    GOVERNMENT = "government", _("Government")
    BUSINESS = "business", _("Business")
    PHILANTHROPY = "philanthropy", _("Philanthropy")
    NONPROFIT = "nonprofit", _("Nonprofit")
    CITIZENS = "citizens", _("Citizens")


def sector_label(sector: str) -> str:
    """The sector in words, also where nobody said which."""
    return str(Sector(sector).label if sector else _("Sector not said"))


class OrganizationState(TextChoices):
    INVITED = "invited", _("Invited")
    ONBOARDING = "onboarding", _("Onboarding")
    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Paused")
    LEFT = "left", _("Left")


class MemberLevel(TextChoices):
    GOVERNING = "governing", _("Governing")
    EXECUTIVE = "executive", _("Executive")
    MANAGEMENT = "management", _("Management")
    FRONTLINE = "frontline", _("Frontline")
    LIVED_EXPERIENCE = "lived_experience", _("Lived experience")


class Means(TextChoices):
    """By which means something was done."""

    WEB = "web", _("in the browser")
    LINK = "link", _("through a signed link")
    IMPORT = "import", _("by import")
    COMMAND = "command", _("by an operator's command")
    CLOCK = "clock", _("by the clock")


class LinkPurpose(TextChoices):
    """What a signed link lets its holder do; nothing else."""

    INVITATION = "invitation", _("accept an invitation")
    SUBMISSION = "submission", _("fill in one submission")
    DASHBOARD = "dashboard", _("read a dashboard")
    POSITION = "position", _("say what an organization thinks")
    RATIFICATION = "ratification", _("answer to an agenda")
    CALENDAR = "calendar", _("subscribe to one's meetings")
    SEAT = "seat", _("answer for a seat before a meeting")
    WEEKLY = "weekly", _("end the weekly mail")


class JobState(TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    DEAD = "dead", _("Given up")


class NoticeState(TextChoices):
    WAITING = "waiting", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")

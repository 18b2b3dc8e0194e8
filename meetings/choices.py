"""The closed lists of continuous communication."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class DelegatePolicy(TextChoices):
    BRIEFED = "briefed", _("Delegates count when they are briefed")
    NONE = "none", _("Only the holder of a seat counts")


class MeetingState(TextChoices):
    PLANNED = "planned", _("Planned")
    AGENDA_OPEN = "agenda_open", _("Agenda open")
    AGENDA_AGREED = "agenda_agreed", _("Agenda agreed")
    IN_PROGRESS = "in_progress", _("In progress")
    MINUTES_DRAFT = "minutes_draft", _("Minutes in draft")
    MINUTES_CIRCULATED = "minutes_circulated", _("Minutes circulated")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled")


# In these a meeting has not begun: it may be moved and cancelled, and its agenda changed.
BEFORE = (MeetingState.PLANNED, MeetingState.AGENDA_OPEN, MeetingState.AGENDA_AGREED)
# In these it was held.
HELD = (
    MeetingState.IN_PROGRESS,
    MeetingState.MINUTES_DRAFT,
    MeetingState.MINUTES_CIRCULATED,
    MeetingState.CLOSED,
)


class ItemPurpose(TextChoices):
    INFORM = "inform", _("Inform")
    LEARN = "learn", _("Learn")
    DISCUSS = "discuss", _("Discuss")
    DECIDE = "decide", _("Decide")


class ItemState(TextChoices):
    PROPOSED = "proposed", _("Proposed")
    ACCEPTED = "accepted", _("Accepted")
    SCHEDULED = "scheduled", _("Scheduled")
    DEALT_WITH = "dealt_with", _("Dealt with")
    CARRIED = "carried", _("Carried over")
    DECLINED = "declined", _("Declined")

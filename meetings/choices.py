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


class AgendaAnswerKind(TextChoices):
    AGREE = "agree", _("Agree")
    CHANGE = "change", _("Request a change")


class ReplyKind(TextChoices):
    """Will the seat be there?"""

    YES = "yes", _("Yes")
    NO = "no", _("No")
    MAYBE = "maybe", _("Perhaps")
    DELEGATE = "delegate", _("A delegate comes")


class DelegationScope(TextChoices):
    LISTEN = "listen", _("Listen")
    SPEAK = "speak", _("Speak")
    DECIDE = "decide", _("Decide")
    DECIDE_WITHIN = "decide_within", _("Decide within the mandate")


class DelegationState(TextChoices):
    NAMED = "named", _("Named")
    NOTIFIED = "notified", _("Notified")
    BRIEFED = "briefed", _("Briefed")
    SERVED = "served", _("Served")
    LAPSED = "lapsed", _("Lapsed: the holder came")
    VOID = "void", _("Void: not briefed")


class BriefingLine(TextChoices):
    """What a seat says on an item to decide."""

    CONSENT = "consent", _("We consent")
    ASK = "ask", _("We have a question")
    NO_POSITION = "no_position", _("We have no position")


class AttendanceMode(TextChoices):
    ROOM = "room", _("In the room")
    REMOTE = "remote", _("Remote")
    PHONE = "phone", _("By phone")


class DecisionState(TextChoices):
    FRAMED = "framed", _("Framed")
    OPEN = "open", _("Open")
    DECIDED = "decided", _("Decided")
    IN_FORCE = "in_force", _("In force")
    REVIEW_DUE = "review_due", _("Review due")
    REAFFIRMED = "reaffirmed", _("Reaffirmed")
    SUPERSEDED = "superseded", _("Superseded")
    REVOKED = "revoked", _("Revoked")


# In these a decision stands.
IN_FORCE = (
    DecisionState.DECIDED,
    DecisionState.IN_FORCE,
    DecisionState.REVIEW_DUE,
    DecisionState.REAFFIRMED,
)


class Certainty(TextChoices):
    HIGH = "high", _("High")
    MODERATE = "moderate", _("Moderate")
    LOW = "low", _("Low")
    VERY_LOW = "very_low", _("Very low")


class ResponseKind(TextChoices):
    CONSENT = "consent", _("Consent")
    RESERVATION = "reservation", _("Consent with reservation")
    STAND_ASIDE = "stand_aside", _("Stand aside")
    OBJECT = "object", _("Object")


class ActionState(TextChoices):
    OPEN = "open", _("Open")
    CLAIMED_DONE = "claimed_done", _("Said to be done")
    ACCEPTED = "accepted", _("Done")
    DROPPED = "dropped", _("Dropped")


class MinutesState(TextChoices):
    DRAFT = "draft", _("Draft")
    CIRCULATED = "circulated", _("Circulated")
    APPROVED = "approved", _("Approved")


class CorrectionState(TextChoices):
    PROPOSED = "proposed", _("Proposed")
    TAKEN = "taken", _("Taken up")
    DECLINED = "declined", _("Declined")
    ADDENDUM = "addendum", _("Addendum")


class EnvelopeMethod(TextChoices):
    REQUEST = "REQUEST", _("Invitation")
    CANCEL = "CANCEL", _("Cancellation")


class AnnouncementState(TextChoices):
    DRAFT = "draft", _("Draft")
    SENT = "sent", _("Sent")


class AnnouncementClass(TextChoices):
    """News waits for the weekly mail; a request asks for somebody's minutes."""

    NEWS = "news", _("News")
    REQUEST = "request", _("Request")

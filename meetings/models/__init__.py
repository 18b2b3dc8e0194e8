"""The rows of continuous communication, by noun."""

from meetings.models.actions import ActionItem
from meetings.models.agendas import (
    Acknowledgement,
    AgendaAnswer,
    AgendaItem,
    PreRead,
    PreReadWaiver,
)
from meetings.models.attendance import (
    Attendance,
    Briefing,
    BriefingAnswer,
    Delegation,
    Reply,
    SeatCount,
    SeatLink,
)
from meetings.models.bodies import Body, Seat
from meetings.models.decisions import (
    Criterion,
    Decision,
    DecisionOption,
    DecisionResponse,
    Evidence,
    Interest,
    Score,
)
from meetings.models.facilitations import Facilitation
from meetings.models.letters import (
    Announcement,
    AskedMinutes,
    CalendarEnvelope,
    CalendarFeed,
    DigestEntry,
    MinutesCeiling,
    QuietSetting,
    RequestAnswer,
)
from meetings.models.minutes import Confirmation, Correction, ItemClock, Minutes, Note
from meetings.models.series import Meeting, MeetingSeries
from meetings.models.weekly import WeeklyChoice, WeeklyMail

__all__ = [
    "Acknowledgement",
    "ActionItem",
    "AgendaAnswer",
    "AgendaItem",
    "Announcement",
    "AskedMinutes",
    "Attendance",
    "Body",
    "Briefing",
    "BriefingAnswer",
    "CalendarEnvelope",
    "CalendarFeed",
    "Confirmation",
    "Correction",
    "Criterion",
    "Decision",
    "DecisionOption",
    "DecisionResponse",
    "Delegation",
    "DigestEntry",
    "Evidence",
    "Facilitation",
    "Interest",
    "ItemClock",
    "Meeting",
    "MeetingSeries",
    "Minutes",
    "MinutesCeiling",
    "Note",
    "PreRead",
    "PreReadWaiver",
    "QuietSetting",
    "Reply",
    "RequestAnswer",
    "Score",
    "Seat",
    "SeatCount",
    "SeatLink",
    "WeeklyChoice",
    "WeeklyMail",
]

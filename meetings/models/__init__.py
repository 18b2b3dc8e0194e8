"""The rows of continuous communication, by noun."""

from meetings.models.agendas import AgendaItem
from meetings.models.bodies import Body, Seat
from meetings.models.series import Meeting, MeetingSeries

__all__ = ["AgendaItem", "Body", "Meeting", "MeetingSeries", "Seat"]

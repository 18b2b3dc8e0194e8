"""When an agenda is agreed: a state that follows from the answers, never set by hand."""

from initiatives.audit import record
from initiatives.choices import Means
from meetings.choices import MeetingState
from meetings.models import Meeting
from meetings.selectors.agendas import agreement_of


def settle(meeting: Meeting) -> None:
    """Agreed when two thirds of the organizations with a seat agree and no request is open."""
    agreed = agreement_of(meeting).is_agreed
    state = MeetingState.AGENDA_AGREED if agreed else MeetingState.AGENDA_OPEN
    if meeting.is_before and meeting.state != state:
        meeting.state = state
        meeting.save(update_fields=["state"])
        if agreed:
            record(None, "meetings.agenda_agreed", meeting, means=Means.CLOCK)

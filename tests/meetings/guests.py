"""Meetings beside those that somebody from outside was given."""

from meetings.services import agendas, decisions
from meetings.services.series import open_meeting
from tests.meetings.days import START


def held(meets, series):
    """The first meeting of a series, with an item and a question on it."""
    meeting = open_meeting(actor=meets.manager, series=series, day=START)
    item = agendas.add_item(
        actor=meets.facilitator, body=series.body, meeting=meeting, title=f"Item of {series.pk}"
    )
    decision = decisions.frame_decision(
        actor=meets.facilitator,
        body=series.body,
        meeting=meeting,
        question=f"Question of {series.pk}?",
        options=["Yes", "No"],
    )
    return meeting, item, decision

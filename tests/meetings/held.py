"""A meeting that runs, with whoever is wanted there."""

from datetime import timedelta

from django.utils import timezone

from meetings.models import Attendance, Meeting
from meetings.services.agendas import accept_item, propose_item
from meetings.services.attendance import mark_present
from meetings.services.decisions import frame_decision
from meetings.services.running import start_meeting
from meetings.services.series import open_meeting
from tests.meetings.days import START

OPTIONS = ["Buy it", "Leave it"]


def opened(meets, weeks=0):
    day = START + timedelta(weeks=weeks)
    return open_meeting(actor=meets.manager, series=meets.series, day=day)


def scheduled(meets, meeting, title="Budget", **fields):
    item = propose_item(actor=meets.leads[0], body=meets.body, title=title, **fields)
    return accept_item(actor=meets.facilitator, item=item, meeting=meeting)


def running(meets, *present, weeks=0, items=(), since=10, **fields):
    """Started ``since`` minutes ago, with these people there from the beginning."""
    meeting = opened(meets, weeks)
    for title in items:
        scheduled(meets, meeting, title, **fields)
    meeting = start_meeting(actor=meets.facilitator, meeting=meeting)
    for person in present:
        mark_present(actor=meets.facilitator, meeting=meeting, person=person)
    begun = timezone.now() - timedelta(minutes=since)
    Meeting.objects.filter(pk=meeting.pk).update(started_at=begun)
    Attendance.objects.filter(meeting=meeting).update(came_at=begun)
    meeting.refresh_from_db()
    return meeting


def framed(meets, meeting=None, **fields):
    fields = {"question": "Do we buy the van?", "options": OPTIONS} | fields
    return frame_decision(actor=meets.facilitator, body=meets.body, meeting=meeting, **fields)

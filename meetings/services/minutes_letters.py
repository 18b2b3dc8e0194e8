"""Minutes on their way to every seat."""

from django.conf import settings
from django.urls import reverse

from initiatives.notices import notify
from meetings.models import Minutes
from meetings.selectors.people import concerned_by_meeting
from meetings.services.envelopes import when


def write_circulated(minutes: Minutes) -> int:
    """Tell everyone concerned where the minutes are; once, however often it is asked."""
    meeting, written = minutes.meeting, 0
    for each in concerned_by_meeting(meeting):
        slug = each.membership.initiative.slug
        notice = notify(
            "minutes_circulated",
            minutes,
            occasion="circulated",
            recipient=each.membership.user.email,
            user=each.membership.user,
            url=settings.SITE_URL + reverse("meetings:minutes", args=[slug, meeting.pk]),
            name=meeting.series.name,
            when=when(meeting),
        )
        written += notice is not None
    return written

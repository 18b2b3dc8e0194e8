"""The address at which somebody answers for a seat before one meeting, without signing in."""

from datetime import datetime, timedelta

from django.utils import timezone

from initiatives import links
from initiatives.choices import LinkPurpose
from initiatives.models import Membership
from meetings.models import Meeting, Seat, SeatLink

AFTERWARDS = timedelta(days=14)


def seat_address(meeting: Meeting, seat: Seat, membership: Membership) -> str:
    """A new signed link for one person, one seat, one meeting; it lasts a while after the meeting,
    for what is told then.
    """
    row, _is_new = SeatLink.objects.get_or_create(
        initiative_id=meeting.initiative_id, meeting=meeting, seat=seat, membership=membership
    )
    token, _link = links.issue(
        LinkPurpose.SEAT, row.pk, user=membership.user, expires_at=_until(meeting)
    )
    return links.address("seat_link", token)


def keep_open(meeting: Meeting) -> int:
    """Let the links to a meeting that was moved last as long as they would have; how many."""
    own = SeatLink.objects.filter(meeting=meeting).values_list("pk", flat=True)
    return links.prolong(LinkPurpose.SEAT, *own, until=_until(meeting))


def _until(meeting: Meeting) -> datetime:
    return max(meeting.ends_at, timezone.now()) + AFTERWARDS

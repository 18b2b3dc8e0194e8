"""The address at which somebody answers for a seat before one meeting, without signing in."""

from datetime import datetime, timedelta

from django.utils import timezone

from initiatives import links
from initiatives.choices import LinkPurpose
from initiatives.models import Membership
from meetings.models import Delegation, Meeting, Seat, SeatLink
from meetings.selectors.seats import LAPSES

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


def outsider_address(delegation: Delegation) -> str:
    """The same for a delegate without an account; it lapses soon after the meeting."""
    meeting = delegation.meeting
    row, _is_new = SeatLink.objects.get_or_create(
        initiative_id=delegation.initiative_id,
        delegation=delegation,
        defaults={"meeting": meeting, "seat_id": delegation.seat_id},
    )
    until = max(meeting.ends_at, timezone.now()) + LAPSES
    token, _link = links.issue(LinkPurpose.SEAT, row.pk, expires_at=until)
    return links.address("seat_link", token)


def close_outsider(delegation: Delegation) -> int:
    """Close the links of a delegate without an account; how many."""
    rows = SeatLink.objects.filter(delegation=delegation)
    return links.revoke(LinkPurpose.SEAT, *rows.values_list("pk", flat=True))


def keep_open(meeting: Meeting) -> int:
    """Let the links to a meeting that was moved last as long as they would have; how many."""
    rows = SeatLink.objects.filter(meeting=meeting)
    own = rows.filter(delegation=None).values_list("pk", flat=True)
    outside = rows.filter(delegation__isnull=False).values_list("pk", flat=True)
    kept = links.prolong(LinkPurpose.SEAT, *own, until=_until(meeting))
    until = meeting.ends_at + LAPSES
    return kept + links.prolong(LinkPurpose.SEAT, *outside, until=until)


def _until(meeting: Meeting) -> datetime:
    return max(meeting.ends_at, timezone.now()) + AFTERWARDS

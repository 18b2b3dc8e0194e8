"""The address at which somebody answers for a seat before one meeting, without signing in."""

from initiatives import links
from initiatives.choices import LinkPurpose
from initiatives.models import Membership
from meetings.models import Meeting, Seat, SeatLink


def seat_address(meeting: Meeting, seat: Seat, membership: Membership) -> str:
    """A new signed link for one person, one seat, one meeting; it ends with the meeting's day."""
    row, _is_new = SeatLink.objects.get_or_create(
        initiative_id=meeting.initiative_id, meeting=meeting, seat=seat, membership=membership
    )
    token, _link = links.issue(
        LinkPurpose.SEAT, row.pk, user=membership.user, expires_at=meeting.ends_at
    )
    return links.address("seat_link", token)

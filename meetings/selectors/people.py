"""Whom a series and a meeting concern."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Q
from django.utils import timezone

from initiatives.choices import NoticeState, OrganizationState
from initiatives.models import Membership, Notice
from meetings.choices import DelegationState
from meetings.models import Delegation, Meeting, MeetingSeries, Seat


class Concerned(NamedTuple):
    """One person and the seat that they are concerned for."""

    seat: Seat
    membership: Membership
    is_delegate: bool = False


def holders(bodies: Iterable[int]) -> list[Concerned]:
    """The current holders of the current seats of these bodies, who may still be written to."""
    today = timezone.localdate()
    present = Q(holder__starts_on__lte=today) & (
        Q(holder__ends_on=None) | Q(holder__ends_on__gt=today)
    )
    seats = (
        Seat.objects.current()
        .filter(present, body__in=list(bodies), holder__user__is_active=True)
        .exclude(organization__state=OrganizationState.LEFT)
        .select_related("holder__user", "holder__initiative", "organization", "body")
        .order_by("id")
    )
    return [Concerned(seat, seat.holder) for seat in seats]


def concerned_by_series(series: MeetingSeries) -> list[Concerned]:
    """Whoever holds a seat in the body that meets."""
    return holders([series.body_id])


def concerned_by_meeting(meeting: Meeting) -> list[Concerned]:
    """The holders, and the delegates who come for one of them."""
    return [*holders([meeting.series.body_id]), *delegates([meeting.pk])]


def delegates(meetings: Iterable[int]) -> list[Concerned]:
    """Delegates of these meetings whose membership still counts."""
    gone = [DelegationState.LAPSED, DelegationState.VOID]
    rows = (
        Delegation.objects.filter(
            meeting__in=list(meetings),
            delegate__in=Membership.objects.current().filter(user__is_active=True),
        )
        .exclude(state__in=gone)
        .select_related("seat__organization", "delegate__user", "delegate__initiative")
        .order_by("id")
    )
    return [Concerned(each.seat, each.delegate, is_delegate=True) for each in rows]


ASKED = "agenda_opened"  # the letter that asks a seat before a meeting


def asked_as(each: Concerned) -> str:
    """What names the letter of a seat among those about a meeting."""
    return f"seat {each.seat.pk}"


def not_asked(meeting: Meeting) -> list[Concerned]:
    """The holders of seats who have no letter about this meeting."""
    rows = Notice.objects.filter(
        kind=ASKED, subject_type=Meeting._meta.label_lower, subject_id=meeting.pk
    )
    standing = rows.exclude(state=NoticeState.CANCELLED)
    known = set(standing.values_list("occasion", "recipient"))
    return [
        each
        for each in holders([meeting.series.body_id])
        if (asked_as(each), each.membership.user.email.lower()) not in known
    ]

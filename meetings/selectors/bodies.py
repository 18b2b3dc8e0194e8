"""Bodies with their seats and series."""

from typing import Any

from django.db.models import Count, Prefetch, Q
from django.utils import timezone

from initiatives.models import Membership
from meetings.models import Body, MeetingSeries, Seat


def bodies_for(membership: Membership) -> Any:
    """The bodies a member may see, with how many seats each has, and its series."""
    today = timezone.localdate()
    current = Q(seats__starts_on__lte=today) & (
        Q(seats__ends_on=None) | Q(seats__ends_on__gt=today)
    )
    series = Prefetch("series", MeetingSeries.objects.visible_to(membership), to_attr="shown")
    return (
        Body.objects.visible_to(membership)
        .annotate(seat_count=Count("seats", filter=current, distinct=True))
        .prefetch_related(series)
    )


def seats_of(body: Body) -> Any:
    """The current seats with organization and holder."""
    return (
        Seat.objects.current()
        .filter(body=body)
        .select_related("organization", "holder__user")
        .order_by("organization__name", "id")
    )

"""How far a permission reaches: everywhere by role, or in the series that one was given.

Each answer is asked of the database, with the days of the facilitation: nothing of it is kept.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils import timezone

from initiatives.models import Membership
from initiatives.permissions import Permission
from meetings.models import Facilitation, Meeting, MeetingSeries


def given_to(membership: Membership, permission: Permission) -> frozenset[int]:
    """The ids of the series in which a member has ``permission`` because they were given to them."""
    if not membership.may_where_given(permission):
        return frozenset()
    return frozenset(_given(membership).values_list("series_id", flat=True))


def _given(membership: Membership) -> Any:
    return Facilitation.objects.current().filter(membership=membership)


def reach(membership: Membership, permission: Permission, series: str = "meeting__series") -> Q:
    """The rows with which a member has ``permission``; ``series`` is the way to their series."""
    if membership.may(permission):
        return Q(pk__isnull=False)
    if not membership.may_where_given(permission):
        return Q(pk__in=[])
    # Within the query that it narrows, so that it is asked in the same moment.
    return Q(**{f"{series}__in": _given(membership).values("series_id")})


def may_in_series(membership: Membership, permission: Permission, series: int) -> bool:
    """``series``: an id."""
    return membership.may(permission) or series in given_to(membership, permission)


def may_at(membership: Membership, permission: Permission, meeting: Meeting) -> bool:
    """The same of one of a series' meetings."""
    return may_in_series(membership, permission, meeting.series_id)


def may_in_body(membership: Membership, permission: Permission, body: int) -> bool:
    """What concerns a body as a whole takes all the series it meets for. ``body``: an id."""
    if membership.may(permission):
        return True
    given = given_to(membership, permission)
    if not given:
        return False
    rows = MeetingSeries.objects.running().filter(body=body)
    running = frozenset(rows.values_list("pk", flat=True))
    return bool(running) and running <= given


def may_with(membership: Membership, permission: Permission, row: Any) -> bool:
    """Of an item, a decision or an action: by its meeting's series, or else by its body."""
    if membership.may(permission):
        return True
    if not membership.may_where_given(permission):
        return False
    if row.meeting is not None:
        return may_at(membership, permission, row.meeting)
    return may_in_body(membership, permission, row.body_id)


def permit(is_allowed: bool) -> None:
    """Refuse what is not allowed.

    :raises PermissionDenied: it is not.
    """
    if not is_allowed:
        raise PermissionDenied


def facilitated_by(membership: Membership) -> list[Facilitation]:
    """What a member was given to facilitate, and has or will have; with the days."""
    if not membership.may_where_given(Permission.MEETINGS_RUN):
        return []
    rows = Facilitation.objects.unended().filter(membership=membership)
    return list(rows.select_related("series__body").order_by("series__name", "id"))


def facilitators_of(series: MeetingSeries) -> list[Facilitation]:
    """To whom a series was given to facilitate; those whose days are over come last."""
    rows = Facilitation.objects.filter(series=series)
    found = rows.select_related("membership__user", "membership__organization")
    today = timezone.localdate()
    return sorted(found, key=lambda each: bool(each.ends_on and each.ends_on <= today))

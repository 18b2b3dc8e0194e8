"""Which rows, in words: adjectives and participles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db.models import Q, QuerySet
from django.utils import timezone

from initiatives.permissions import Permission
from meetings.choices import (
    HELD,
    IN_FORCE,
    ActionState,
    AnnouncementClass,
    AnnouncementState,
    ItemState,
    MeetingState,
)

if TYPE_CHECKING:
    from initiatives.models import Membership


class SeatQuerySet(QuerySet[Any]):
    def current(self) -> Self:
        """Seats that count today."""
        today = timezone.localdate()
        return self.filter(Q(starts_on__lte=today), Q(ends_on=None) | Q(ends_on__gt=today))

    def own(self, membership: Membership) -> Self:
        """Seats the member holds, or, as a lead, those of the organization."""
        held = Q(holder=membership)
        if membership.may(Permission.MEETINGS_SEAT):
            held |= Q(organization_id=membership.organization_id)
        return self.filter(held)

    def visible_to(self, membership: Membership) -> Self:
        """Who sits where is no secret inside an initiative."""
        if membership.may(Permission.MEETINGS_VIEW_ALL):
            return self
        given = self.filter(_given(membership, "body__series"))
        return (self.own(membership) | given).distinct()


def _seated(membership: Membership, seats: str) -> Q:
    """The member's organization has a seat today; ``seats`` is the way to them."""
    today = timezone.localdate()
    lasts = Q(**{f"{seats}__ends_on": None}) | Q(**{f"{seats}__ends_on__gt": today})
    own = {f"{seats}__organization_id": membership.organization_id}
    return Q(lasts, **own, **{f"{seats}__starts_on__lte": today})


def _given(membership: Membership, series: str) -> Q:
    """The member facilitates a series today; ``series`` is the way to it."""
    if not membership.may_where_given(Permission.MEETINGS_VIEW_ALL):
        return Q(pk__in=[])
    today, way = timezone.localdate(), f"{series}__facilitations".removeprefix("__")
    lasts = Q(**{f"{way}__ends_on": None}) | Q(**{f"{way}__ends_on__gt": today})
    return Q(lasts, **{f"{way}__membership": membership, f"{way}__starts_on__lte": today})


class FacilitationQuerySet(QuerySet[Any]):
    def current(self) -> Self:
        """Those that give a right today."""
        return self.unended().filter(starts_on__lte=timezone.localdate())

    def unended(self) -> Self:
        """Those that give one today or will."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=timezone.localdate()))


class BodyQuerySet(QuerySet[Any]):
    def visible_to(self, membership: Membership) -> Self:
        """All bodies for members; for others those in which their organization sits today, or of
        which they facilitate a series.
        """
        if membership.may(Permission.MEETINGS_VIEW_ALL):
            return self
        seen = _seated(membership, "seats") | _given(membership, "series")
        return self.filter(seen).distinct()


class OfBodyQuerySet(QuerySet[Any]):
    """Rows seen by whoever sees the body; ``to_body`` is the way there. Who facilitates a series
    sees what is of it, and of its body what is of no series; ``to_series`` is the way.
    """

    to_body = "body"
    to_series = "meeting__series"

    def visible_to(self, membership: Membership) -> Self:
        if membership.may(Permission.MEETINGS_VIEW_ALL):
            return self
        seen = _seated(membership, f"{self.to_body}__seats") | self._given(membership)
        return self.filter(seen).distinct()

    def _given(self, membership: Membership) -> Q:
        return _given(membership, self.to_series)


class OfBodyAloneQuerySet(OfBodyQuerySet):
    """Rows of a body that may be of one of its meetings, or of none."""

    def _given(self, membership: Membership) -> Q:
        return super()._given(membership) | Q(_given(membership, "body__series"), meeting=None)


class SeriesQuerySet(OfBodyQuerySet):
    to_series = ""

    def running(self) -> Self:
        today = timezone.localdate()
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=today))


class MeetingQuerySet(OfBodyQuerySet):
    to_body = "series__body"
    to_series = "series"

    def upcoming(self) -> Self:
        return self.filter(ends_at__gt=timezone.now()).exclude(state=MeetingState.CANCELLED)

    def held(self) -> Self:
        return self.filter(state__in=HELD)


class ItemQuerySet(OfBodyAloneQuerySet):
    def unfinished(self) -> Self:
        return self.filter(state__in=[ItemState.ACCEPTED, ItemState.SCHEDULED])

    def still_open(self) -> Self:
        """Something is still to become of them."""
        return self.unfinished() | self.filter(state=ItemState.PROPOSED)


class OfMeetingQuerySet(OfBodyQuerySet):
    """What belongs to a meeting is seen with it."""

    to_body = "meeting__series__body"


class OfSeatQuerySet(QuerySet[Any]):
    """What a seat says of itself: its organization's, and the backbone's to read; who facilitates
    a series reads what is said for its meetings.
    """

    def visible_to(self, membership: Membership) -> Self:
        if membership.is_backbone:
            return self
        own = Q(seat__organization_id=membership.organization_id)
        return self.filter(own | _given(membership, "meeting__series")).distinct()


class DecisionQuerySet(OfBodyAloneQuerySet):
    def in_force(self) -> Self:
        return self.filter(state__in=IN_FORCE)


class ActionQuerySet(OfBodyAloneQuerySet):
    def pending(self) -> Self:
        """Not done, not dropped."""
        return self.filter(state__in=[ActionState.OPEN, ActionState.CLAIMED_DONE])


class MinutesQuerySet(OfMeetingQuerySet):
    pass


class AnnouncementQuerySet(QuerySet[Any]):
    def visible_to(self, membership: Membership) -> Self:
        """What was sent to the member; all, drafts too, for who writes them."""
        if membership.may(Permission.ANNOUNCEMENTS_WRITE):
            return self
        return self.sent().to_member(membership)

    def to_member(self, membership: Membership) -> Self:
        """To everyone, to the member's sector, or to a body in which the member sits."""
        today = timezone.localdate()
        seated = Q(body__seats__holder=membership, body__seats__starts_on__lte=today) & (
            Q(body__seats__ends_on=None) | Q(body__seats__ends_on__gt=today)
        )
        sector = Q(body=None, sector__in=["", membership.organization.sector])
        return self.filter(sector | seated).distinct()

    def sent(self) -> Self:
        return self.filter(state=AnnouncementState.SENT)

    def drafted(self) -> Self:
        return self.filter(state=AnnouncementState.DRAFT)

    def news(self) -> Self:
        return self.filter(kind=AnnouncementClass.NEWS)

    def requests(self) -> Self:
        return self.filter(kind=AnnouncementClass.REQUEST)


class RequestAnswerQuerySet(QuerySet[Any]):
    def visible_to(self, membership: Membership) -> Self:
        """One's own; those to what one wrote; all for who sends announcements."""
        if membership.may(Permission.ANNOUNCEMENTS_SEND):
            return self
        own = Q(membership__user_id=membership.user_id)
        return self.filter(own | Q(announcement__written_by__user_id=membership.user_id))

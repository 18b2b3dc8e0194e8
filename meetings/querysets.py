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
        return self if membership.may(Permission.MEETINGS_VIEW_ALL) else self.own(membership)


def _seated(membership: Membership, seats: str) -> Q:
    """The member's organization has a seat today; ``seats`` is the way to them."""
    today = timezone.localdate()
    lasts = Q(**{f"{seats}__ends_on": None}) | Q(**{f"{seats}__ends_on__gt": today})
    own = {f"{seats}__organization_id": membership.organization_id}
    return Q(lasts, **own, **{f"{seats}__starts_on__lte": today})


class BodyQuerySet(QuerySet[Any]):
    def visible_to(self, membership: Membership) -> Self:
        """All bodies for members; for others those in which their organization sits today."""
        if membership.may(Permission.MEETINGS_VIEW_ALL):
            return self
        return self.filter(_seated(membership, "seats")).distinct()


class OfBodyQuerySet(QuerySet[Any]):
    """Rows seen by whoever sees the body; ``to_body`` is the way there."""

    to_body = "body"

    def visible_to(self, membership: Membership) -> Self:
        if membership.may(Permission.MEETINGS_VIEW_ALL):
            return self
        return self.filter(_seated(membership, f"{self.to_body}__seats")).distinct()


class SeriesQuerySet(OfBodyQuerySet):
    def running(self) -> Self:
        today = timezone.localdate()
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=today))


class MeetingQuerySet(OfBodyQuerySet):
    to_body = "series__body"

    def upcoming(self) -> Self:
        return self.filter(ends_at__gt=timezone.now()).exclude(state=MeetingState.CANCELLED)

    def held(self) -> Self:
        return self.filter(state__in=HELD)


class ItemQuerySet(OfBodyQuerySet):
    to_body = "body"

    def unfinished(self) -> Self:
        return self.filter(state__in=[ItemState.ACCEPTED, ItemState.SCHEDULED])

    def still_open(self) -> Self:
        """Something is still to become of them."""
        return self.unfinished() | self.filter(state=ItemState.PROPOSED)


class OfMeetingQuerySet(OfBodyQuerySet):
    """What belongs to a meeting is seen with it."""

    to_body = "meeting__series__body"


class OfSeatQuerySet(QuerySet[Any]):
    """What a seat says of itself: its organization's, and the backbone's to read."""

    def visible_to(self, membership: Membership) -> Self:
        if membership.is_backbone:
            return self
        return self.filter(seat__organization_id=membership.organization_id)


class DecisionQuerySet(OfBodyQuerySet):
    to_body = "body"

    def in_force(self) -> Self:
        return self.filter(state__in=IN_FORCE)


class ActionQuerySet(OfBodyQuerySet):
    to_body = "body"

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

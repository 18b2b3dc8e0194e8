"""Who says they come, who comes for whom, who came."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from initiatives.choices import MemberLevel
from initiatives.models import Membership
from initiatives.tenancy import ScopedManager, TenantForeignKey, TenantModel
from meetings.choices import (
    AttendanceMode,
    BriefingLine,
    DelegationScope,
    DelegationState,
    ReplyKind,
)
from meetings.models.agendas import AgendaItem
from meetings.models.bodies import Seat
from meetings.models.series import Meeting
from meetings.querysets import OfSeatQuerySet


class Reply(TenantModel):
    """Whether a seat will be there. It belongs to one meeting, never to the series."""

    meeting = TenantForeignKey(Meeting, models.CASCADE, related_name="replies")
    seat = TenantForeignKey(Seat, models.PROTECT, related_name="replies")
    kind = models.CharField(max_length=8, choices=ReplyKind)
    note = models.CharField(_("note"), max_length=300, blank=True)
    replied_by = TenantForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    replied_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = ScopedManager.from_queryset(OfSeatQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "meeting", "seat"], name="one_reply_per_seat"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat.organization}, {self.meeting}: {self.get_kind_display()}"


class Delegation(TenantModel):
    """Somebody else for a seat at one meeting, with what they may do there: a member of its
    organization, or somebody from outside, who is known here by name and address alone.
    """

    meeting = TenantForeignKey(Meeting, models.CASCADE, related_name="delegations")
    seat = TenantForeignKey(Seat, models.PROTECT, related_name="delegations")
    delegate = TenantForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="delegations"
    )
    outside_name = models.CharField(_("name"), max_length=150, blank=True)
    outside_email = models.EmailField(_("e-mail address"), blank=True)  # forgotten afterwards
    outside_level = models.CharField(max_length=16, choices=MemberLevel, blank=True)
    named_by = TenantForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    mandate = models.CharField(_("mandate in one line"), max_length=300, blank=True)
    scope = models.CharField(max_length=13, choices=DelegationScope, default=DelegationScope.DECIDE)
    state = models.CharField(max_length=8, choices=DelegationState, default=DelegationState.NAMED)
    answer = models.CharField(max_length=8, choices=ReplyKind, blank=True)  # whether they come
    debrief = models.TextField(_("what I said for us"), blank=True)
    named_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[Any] = ScopedManager.from_queryset(OfSeatQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "meeting", "seat"],
                condition=~Q(state__in=[DelegationState.LAPSED, DelegationState.VOID]),
                name="one_delegate_per_seat",
            ),
            models.CheckConstraint(
                condition=Q(delegate__isnull=False, outside_name="", outside_email="")
                | (Q(delegate=None) & ~Q(outside_name="") & ~Q(outside_level="")),
                name="delegate_is_a_member_or_named",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delegate or self.outside_name}, {self.meeting}"

    @property
    def is_outside(self) -> bool:
        """The delegate has no account here, and comes in by their link alone."""
        return self.delegate_id is None

    @property
    def called(self) -> str:
        """What the delegate is called: from outside, as whoever named them did."""
        return self.outside_name if self.delegate is None else str(self.delegate.user)


class Briefing(TenantModel):
    """The pack for a seat before a meeting, as it was assembled; a change makes a new one."""

    meeting = TenantForeignKey(Meeting, models.CASCADE, related_name="briefings")
    seat = TenantForeignKey(Seat, models.PROTECT, related_name="briefings")
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    assembled_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = ScopedManager.from_queryset(OfSeatQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["-assembled_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "meeting", "seat", "digest"], name="one_briefing_per_content"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat.organization}, {self.meeting}"


class BriefingAnswer(TenantModel):
    """What a seat says on one item to decide, before it counts."""

    briefing = TenantForeignKey(Briefing, models.CASCADE, related_name="answers")
    item = TenantForeignKey(AgendaItem, models.CASCADE, related_name="+")
    line = models.CharField(max_length=11, choices=BriefingLine)
    note = models.CharField(max_length=300, blank=True)
    answered_by = TenantForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "briefing", "item"], name="one_line_per_item"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.line}"


class Attendance(TenantModel):
    """Somebody was there, from when to when; for a seat, or as a guest. Who is there by a
    ``delegation`` has no membership.
    """

    meeting = TenantForeignKey(Meeting, models.CASCADE, related_name="attendances")
    seat = TenantForeignKey(Seat, models.PROTECT, null=True, related_name="attendances")
    person = TenantForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    delegation = TenantForeignKey(Delegation, models.PROTECT, null=True, related_name="attendances")
    mode = models.CharField(max_length=6, choices=AttendanceMode, default=AttendanceMode.ROOM)
    came_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    marked_by = TenantForeignKey(Membership, models.PROTECT, null=True, related_name="+")

    class Meta(TenantModel.Meta):
        ordering = ["came_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "meeting", "person"],
                condition=Q(left_at=None),
                name="nobody_is_there_twice",
            ),
            models.UniqueConstraint(
                fields=["initiative", "meeting", "delegation"],
                condition=Q(left_at=None),
                name="no_outsider_is_there_twice",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, delegation=None)
                | Q(person=None, delegation__isnull=False, seat__isnull=False),
                name="there_by_membership_or_by_mandate",
            ),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gte=F("came_at")),
                name="one_leaves_after_coming",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person or self.called}, {self.meeting}"

    @property
    def called(self) -> str:
        if self.delegation is not None:
            return str(self.delegation.called)
        return str(self.person.user) if self.person else ""


class SeatCount(TenantModel):
    """Whether a seat counted at a meeting that was held, and why not: written when it ends."""

    meeting = TenantForeignKey(Meeting, models.CASCADE, related_name="seat_counts")
    seat = TenantForeignKey(Seat, models.PROTECT, related_name="counts")
    counted = models.BooleanField()
    status = models.CharField(max_length=20)
    level = models.CharField(max_length=16, blank=True)  # of who came
    by_delegate = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "meeting", "seat"], name="one_count_per_seat"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat_id}: {self.status}"


class SeatLink(TenantModel):
    """What a link without signing in is for: one person, one seat, one meeting. Who has no
    membership comes by a ``delegation``.
    """

    meeting = TenantForeignKey(Meeting, models.CASCADE, related_name="+")
    seat = TenantForeignKey(Seat, models.CASCADE, related_name="+")
    membership = TenantForeignKey(Membership, models.CASCADE, null=True, related_name="+")
    delegation = TenantForeignKey(Delegation, models.CASCADE, null=True, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "meeting", "seat", "membership"], name="one_seat_link"
            ),
            models.UniqueConstraint(
                fields=["initiative", "delegation"], name="one_link_of_a_delegation"
            ),
            models.CheckConstraint(
                condition=Q(membership__isnull=False, delegation=None)
                | Q(membership=None, delegation__isnull=False),
                name="link_of_a_member_or_by_mandate",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id or self.delegation_id} for {self.seat_id}"

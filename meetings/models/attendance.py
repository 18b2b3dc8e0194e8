"""Who says they come, who comes for whom, who came."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

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
    """Somebody else for a seat at one meeting, with what they may do there."""

    meeting = TenantForeignKey(Meeting, models.CASCADE, related_name="delegations")
    seat = TenantForeignKey(Seat, models.PROTECT, related_name="delegations")
    delegate = TenantForeignKey(Membership, models.PROTECT, related_name="delegations")
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
        ]

    def __str__(self) -> str:
        return f"{self.delegate}, {self.meeting}"


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
    """Somebody was there, from when to when; for a seat, or as a guest."""

    meeting = TenantForeignKey(Meeting, models.CASCADE, related_name="attendances")
    seat = TenantForeignKey(Seat, models.PROTECT, null=True, related_name="attendances")
    person = TenantForeignKey(Membership, models.PROTECT, related_name="+")
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
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gte=F("came_at")),
                name="one_leaves_after_coming",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.meeting}"


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
    """What a link without signing in is for: one person, one seat, one meeting."""

    meeting = TenantForeignKey(Meeting, models.CASCADE, related_name="+")
    seat = TenantForeignKey(Seat, models.CASCADE, related_name="+")
    membership = TenantForeignKey(Membership, models.CASCADE, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "meeting", "seat", "membership"], name="one_seat_link"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} for {self.seat_id}"

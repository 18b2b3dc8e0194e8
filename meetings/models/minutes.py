"""What was written down: notes while the meeting runs, minutes made of the records."""

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from initiatives.models import Membership, Organization
from initiatives.tenancy import ScopedManager, TenantForeignKey, TenantModel
from meetings.choices import CorrectionState, MinutesState
from meetings.models.agendas import AgendaItem
from meetings.models.series import Meeting
from meetings.querysets import MinutesQuerySet


class Note(TenantModel):
    """What was said on an item, as it is typed; two who type each have a line of their own.

    ``key`` is made where it is typed, so that a line sent twice is there once.
    """

    meeting = TenantForeignKey(Meeting, models.CASCADE, related_name="notes")
    item = TenantForeignKey(AgendaItem, models.CASCADE, null=True, related_name="notes")
    key = models.UUIDField()
    text = models.TextField(_("note"))
    written_by = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)
    is_struck = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        ordering = ["written_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "meeting", "key"], name="one_note_per_key"
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class ItemClock(TenantModel):
    """A stretch of time spent on an item."""

    item = TenantForeignKey(AgendaItem, models.CASCADE, related_name="stretches")
    meeting = TenantForeignKey(Meeting, models.CASCADE, related_name="stretches")
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "meeting"],
                condition=models.Q(ended_at=None),
                name="one_item_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} from {self.started_at}"


class Minutes(TenantModel):
    """The minutes of a meeting, generated from its records. Approved ones never change."""

    meeting = TenantForeignKey(Meeting, models.PROTECT, related_name="minutes_of")
    state = models.CharField(max_length=10, choices=MinutesState, default=MinutesState.DRAFT)
    content = models.JSONField()
    summary = models.TextField(_("summary"), blank=True)
    digest = models.CharField(max_length=64, blank=True)
    version = models.PositiveIntegerField(default=1)
    generated_at = models.DateTimeField(default=timezone.now)
    circulated_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    approved_by = TenantForeignKey(Membership, models.PROTECT, null=True, related_name="+")

    objects: ClassVar[Any] = ScopedManager.from_queryset(MinutesQuerySet)()

    class Meta(TenantModel.Meta):
        verbose_name_plural = "minutes"
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "meeting"], name="one_minutes_per_meeting"
            ),
        ]

    def __str__(self) -> str:
        return f"Minutes of {self.meeting}"


class Confirmation(TenantModel):
    """An organization has read the circulated minutes and says that they are right."""

    minutes = TenantForeignKey(Minutes, models.PROTECT, related_name="confirmations")
    organization = TenantForeignKey(Organization, models.PROTECT, related_name="+")
    given_by = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "minutes", "organization"],
                name="one_yes_to_minutes_per_organization",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} confirms {self.minutes_id}"


class Correction(TenantModel):
    """What somebody says is wrong in the minutes; after approval, a numbered addendum."""

    minutes = TenantForeignKey(Minutes, models.PROTECT, related_name="corrections")
    number = models.PositiveSmallIntegerField()
    organization = TenantForeignKey(Organization, models.PROTECT, related_name="+")
    text = models.TextField(_("what is wrong, and what is right"))
    state = models.CharField(
        max_length=8, choices=CorrectionState, default=CorrectionState.PROPOSED
    )
    answer = models.TextField(blank=True)
    written_by = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "minutes", "number"], name="one_correction_per_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.text[:60]}"

"""What an organization hands in for a round, and what is written on it so far."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from initiatives.models import Organization
from initiatives.tenancy import ScopedManager, TenantForeignKey, TenantModel
from measures.choices import FactStatus, SubmissionState
from measures.models.calendars import Round
from measures.models.indicators import Amount, Indicator
from measures.models.partitions import Cell
from measures.querysets import EntryQuerySet, SubmissionQuerySet


class Submission(TenantModel):
    """What one organization hands in for one round."""

    round = TenantForeignKey(Round, models.PROTECT, related_name="submissions")
    organization = TenantForeignKey(Organization, models.PROTECT, related_name="submissions")
    state = models.CharField(max_length=9, choices=SubmissionState, default=SubmissionState.DRAFT)
    version = models.PositiveIntegerField(default=1)
    note = models.TextField(_("note"), blank=True)
    has_nothing = models.BooleanField(_("nothing to report"), default=False)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    is_late = models.BooleanField(_("handed in late"), default=False)
    return_reason = models.TextField(blank=True)
    accepted_at = models.DateTimeField(null=True)
    reopened_until = models.DateTimeField(null=True)

    objects: ClassVar[Any] = ScopedManager.from_queryset(SubmissionQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "round", "organization"], name="one_submission_per_round"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization}, {self.round.period}"

    @property
    def standing(self) -> str:
        """Its state, for readers: a form on which nobody wrote yet is no draft of anything, and one
        that was opened again was not found wanting.
        """
        if self.is_opened_again:
            return "reopened"
        is_new = self.state == SubmissionState.DRAFT and self.version == 1
        return "not_started" if is_new else str(self.state)

    @property
    def is_opened_again(self) -> bool:
        """Whether it was given back after it was accepted, and not since it was handed in."""
        if self.state != SubmissionState.RETURNED or self.accepted_at is None:
            return False
        return self.submitted_at is None or self.submitted_at <= self.accepted_at

    @property
    def is_reopened(self) -> bool:
        return self.reopened_until is not None and self.reopened_until > timezone.now()


class Entry(TenantModel):
    """What is written in one field of a submission; a fact only once it is accepted."""

    submission = TenantForeignKey(Submission, models.CASCADE, related_name="entries")
    indicator = TenantForeignKey(Indicator, models.PROTECT, related_name="+")
    cell = TenantForeignKey(Cell, models.PROTECT, null=True, related_name="+")
    value = Amount(null=True)
    numerator = Amount(null=True)
    denominator = Amount(null=True)
    status = models.CharField(max_length=11, choices=FactStatus, default=FactStatus.NORMAL)
    note = models.TextField(blank=True)

    objects: ClassVar[Any] = ScopedManager.from_queryset(EntryQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "submission", "indicator", "cell"],
                name="one_entry_per_field",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id}: {self.value}"

    @property
    def is_reported(self) -> bool:
        """Whether it says something: a number, or that there is none."""
        amounts = (self.value, self.numerator, self.denominator)
        return amounts != (None, None, None) or self.status != FactStatus.NORMAL

"""What calendars and mailboxes were told, and what people want to be told."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from initiatives.choices import Sector
from initiatives.models import Membership, Notice, SignedLink
from initiatives.tenancy import ScopedManager, TenantForeignKey, TenantModel
from meetings.choices import AnnouncementClass, AnnouncementState, EnvelopeMethod
from meetings.models.bodies import Body
from meetings.models.series import Meeting, MeetingSeries
from meetings.querysets import AnnouncementQuerySet, RequestAnswerQuerySet

LONGEST_ANSWER = 5_000  # characters of an answer to a request


class CalendarEnvelope(TenantModel):
    """One calendar message to one person: an invitation, a change or a cancellation."""

    series = TenantForeignKey(MeetingSeries, models.CASCADE, related_name="envelopes")
    meeting = TenantForeignKey(Meeting, models.CASCADE, null=True, related_name="envelopes")
    membership = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    method = models.CharField(max_length=7, choices=EnvelopeMethod)
    uid = models.CharField(max_length=80)
    sequence = models.PositiveIntegerField()
    notice = TenantForeignKey(Notice, models.SET_NULL, null=True, related_name="+")
    answer = models.CharField(max_length=12, blank=True)  # PARTSTAT
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "membership", "uid", "meeting", "method", "sequence"],
                name="one_envelope_per_change",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.uid} {self.sequence}"


class CalendarFeed(TenantModel):
    """A person's private subscription to the meetings of their seats."""

    membership = TenantForeignKey(Membership, models.CASCADE, related_name="feeds")
    link = models.ForeignKey(SignedLink, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Feed of {self.membership_id}"


class QuietSetting(TenantModel):
    """What a person wants not to be written about here, and when."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    without_reminders = models.BooleanField(_("no reminders of meetings"), default=False)
    as_digest = models.BooleanField(_("one mail a day instead of many"), default=False)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["initiative", "user"], name="one_quiet_setting"),
        ]

    def __str__(self) -> str:
        return f"Quiet of {self.user_id}"


class DigestEntry(TenantModel):
    """A digest tells of this occurrence, so no reminder of its own is due to the person."""

    notice = TenantForeignKey(Notice, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    series = TenantForeignKey(MeetingSeries, models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "user", "series", "starts_at"],
                name="one_digest_per_occurrence",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series_id} at {self.starts_at} for {self.user_id}"


class MinutesCeiling(TenantModel):
    """How many minutes a month may be asked of one person without thinking twice."""

    minutes = models.PositiveSmallIntegerField(_("minutes a month"), default=60)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["initiative"], name="one_ceiling_per_initiative"),
        ]

    def __str__(self) -> str:
        return f"{self.minutes} minutes a month"


class Announcement(TenantModel):
    """A word to all, to a body or to a sector. News waits for the weekly mail."""

    title = models.CharField(_("title"), max_length=150)
    text = models.TextField(_("text"))
    kind = models.CharField(max_length=7, choices=AnnouncementClass, default=AnnouncementClass.NEWS)
    body = TenantForeignKey(Body, models.PROTECT, null=True, blank=True, related_name="+")
    sector = models.CharField(max_length=14, choices=Sector, blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes it asks of each"), default=1)
    state = models.CharField(
        max_length=5, choices=AnnouncementState, default=AnnouncementState.DRAFT
    )
    over_budget_confirmed = models.BooleanField(default=False)
    written_by = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[Any] = ScopedManager.from_queryset(AnnouncementQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.title

    @property
    def is_draft(self) -> bool:
        return self.state == AnnouncementState.DRAFT

    @property
    def is_request(self) -> bool:
        return self.kind == AnnouncementClass.REQUEST


class RequestAnswer(TenantModel):
    """What one person answered to a request; they may say it better until somebody acts on it."""

    announcement = TenantForeignKey(Announcement, models.CASCADE, related_name="answers")
    membership = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    text = models.TextField(_("answer"), max_length=LONGEST_ANSWER)
    answered_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = ScopedManager.from_queryset(RequestAnswerQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["-answered_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "announcement", "membership"],
                name="one_answer_to_a_request",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} to {self.announcement_id}"


class AskedMinutes(TenantModel):
    """How many minutes something asked of one person: the meter of a month."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    minutes = models.PositiveSmallIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "user", "subject_type", "subject_id"],
                name="one_asking_per_subject",
            ),
        ]
        indexes = [models.Index(fields=["initiative", "at"], name="asked_minutes_by_time")]

    def __str__(self) -> str:
        return f"{self.minutes} of {self.user_id}"

"""What waits to be done or sent, and the links that letters carry."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from initiatives.choices import JobState, LinkPurpose, NoticeState
from initiatives.models.initiatives import Initiative
from initiatives.querysets import NoticeQuerySet
from initiatives.tenancy import ScopedManager, TenantModel
from initiatives.walls import Wall


class Job(models.Model):
    """Work that a service asked for, written with the change that needs it.

    No wall: a sweeper must find it before it knows the initiative. It holds ids only, never
    anything an initiative wrote.
    """

    wall: ClassVar[Wall] = Wall.GLOBAL
    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=100)
    args = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=JobState, default=JobState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # A running job may already have read what a new one is asked to see.
            models.UniqueConstraint(
                fields=["initiative", "kind", "key"],
                condition=Q(state="queued"),
                name="one_queued_job_per_key",
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=Q(state__in=["queued", "running"]),
                name="job_to_do",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class SignedLink(models.Model):
    """What a token in a letter stands for: one purpose, one object, one initiative, until a day.

    No wall: the holder has nothing but the token. It holds a hash and ids, so whoever reads this
    table can open nothing with it.
    """

    wall: ClassVar[Wall] = Wall.GLOBAL
    digest = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=12, choices=LinkPurpose)
    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="+")
    object_id = models.BigIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["initiative", "purpose", "object_id"], name="link_of_object"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.object_id}"

    @property
    def is_open(self) -> bool:
        """Whether it still opens anything."""
        return not (self.used_at or self.revoked_at) and self.expires_at > timezone.now()


class AnsweredForm(models.Model):
    """The answer to a form that carried a key, for the case that it is sent again.

    No wall: a form may come before there is an initiative. It holds hashes and an answer that is
    sealed with the key itself, so whoever reads this table learns nothing from it.
    """

    wall: ClassVar[Wall] = Wall.GLOBAL
    digest = models.CharField(max_length=64, unique=True)
    request = models.CharField(max_length=64)
    answer = models.TextField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    answered_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.digest[:12]


class Notice(TenantModel):
    """One letter to one recipient about one occasion: written once, sent once."""

    kind = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    occasion = models.CharField(max_length=60)
    recipient = models.EmailField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    context = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=NoticeState, default=NoticeState.WAITING)
    not_before = models.DateTimeField(default=timezone.now)
    not_after = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = ScopedManager.from_queryset(NoticeQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "initiative",
                    "kind",
                    "subject_type",
                    "subject_id",
                    "occasion",
                    "recipient",
                ],
                name="one_notice_per_occasion",
            ),
        ]
        indexes = [
            models.Index(
                fields=["initiative", "not_before"],
                condition=Q(state__in=["waiting", "sending"]),
                name="notice_to_send",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient}"

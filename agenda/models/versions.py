"""The agenda in versions, its dimensions with keys that outlive a version, and what is said to them."""

import secrets
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agenda.choices import DimensionKind, PrimaryGoalRule, VersionState
from agenda.querysets.versions import CommentQuerySet, VersionQuerySet
from initiatives.models import Organization
from initiatives.tenancy import ScopedManager, TenantForeignKey, TenantModel

UNDER_WORK = (VersionState.DRAFTING, VersionState.CIRCULATED, VersionState.RATIFYING)


def new_key() -> str:
    """A key for a dimension: it means nothing and stays the same in later versions."""
    return secrets.token_hex(4)


class AgendaVersion(TenantModel):
    """One version of the agenda. Its text is frozen from the opening of the ratification on."""

    number = models.PositiveIntegerField(_("number"))
    state = models.CharField(max_length=10, choices=VersionState, default=VersionState.DRAFTING)
    version = models.PositiveIntegerField(default=1)  # counts saves: the token of who edits
    supersedes = TenantForeignKey("self", models.PROTECT, null=True, related_name="+")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    circulated_at = models.DateTimeField(null=True)
    comments_until = models.DateTimeField(null=True)
    primary_goal_rule = models.CharField(
        max_length=8, choices=PrimaryGoalRule, default=PrimaryGoalRule.STRICT
    )
    policy = models.JSONField(default=dict)
    content_hash = models.CharField(max_length=64, blank=True)
    opened_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    outcome = models.JSONField(default=dict)  # why it was ratified or returned, in counted facts
    published_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = ScopedManager.from_queryset(VersionQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["initiative", "number"], name="one_agenda_per_number"),
            models.UniqueConstraint(
                fields=["initiative"],
                condition=Q(state=VersionState.RATIFIED),
                name="one_ratified_agenda",
            ),
            models.UniqueConstraint(
                fields=["initiative"],
                condition=Q(state__in=UNDER_WORK),
                name="one_agenda_under_work",
            ),
            models.UniqueConstraint(
                fields=["initiative", "id", "content_hash"], name="one_text_per_agenda"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["drafting", "circulated", "withdrawn"])
                | (~Q(content_hash="") & Q(opened_at__isnull=False, closes_at__isnull=False)),
                name="agenda_text_is_frozen",
            ),
        ]

    def __str__(self) -> str:
        return str(_("Version %(number)s")) % {"number": self.number}

    @property
    def is_editable(self) -> bool:
        return self.state == VersionState.DRAFTING

    @property
    def is_under_work(self) -> bool:
        return self.state in UNDER_WORK

    @property
    def is_commented(self) -> bool:
        """Whether everyone had the time to comment: then it can be put to everyone."""
        return (
            self.state == VersionState.CIRCULATED
            and self.comments_until is not None
            and self.comments_until <= timezone.now()
        )

    @property
    def is_open(self) -> bool:
        """Whether answers are taken now."""
        return (
            self.state == VersionState.RATIFYING
            and self.closes_at is not None
            and timezone.now() < self.closes_at
        )


class AgendaDimension(TenantModel):
    """One statement of a version: what the problem is, a goal, an action ..."""

    agenda = TenantForeignKey(AgendaVersion, models.CASCADE, related_name="dimensions")
    key = models.CharField(max_length=16, default=new_key)
    kind = models.CharField(_("kind"), max_length=12, choices=DimensionKind)
    text = models.TextField(_("text"))
    position = models.PositiveSmallIntegerField(default=0)
    split_out_at = models.DateTimeField(null=True)
    split_out_reason = models.TextField(blank=True)

    class Meta(TenantModel.Meta):
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "agenda", "key"], name="one_dimension_per_key"
            ),
            models.CheckConstraint(
                condition=Q(split_out_at=None) | ~Q(kind=DimensionKind.PRIMARY_GOAL),
                name="primary_goal_is_not_split_out",
            ),
        ]

    def __str__(self) -> str:
        return self.text if len(self.text) <= 90 else f"{self.text[:89]}…"  # noqa: PLR2004

    @property
    def is_primary_goal(self) -> bool:
        return self.kind == DimensionKind.PRIMARY_GOAL


class DimensionComment(TenantModel):
    """What somebody says to one dimension; an answer hangs on what it answers."""

    agenda = TenantForeignKey(AgendaVersion, models.CASCADE, related_name="comments")
    dimension_key = models.CharField(max_length=16)
    parent = TenantForeignKey("self", models.CASCADE, null=True, related_name="answers")
    organization = TenantForeignKey(Organization, models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(_("comment"))
    at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = ScopedManager.from_queryset(CommentQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["initiative", "agenda"], name="comments_of_agenda")]

    def __str__(self) -> str:
        return self.text[:90]


class Goal(TenantModel):
    """A primary goal that everyone ratified: what indicators and activities point at.

    One row per key over all versions, so that what points at it stays when the text is revised.
    """

    key = models.CharField(max_length=16)
    text = models.TextField()
    agenda = TenantForeignKey(AgendaVersion, models.PROTECT, related_name="goals")
    first_agenda = TenantForeignKey(AgendaVersion, models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta(TenantModel.Meta):
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["initiative", "key"], name="one_goal_per_key"),
        ]

    def __str__(self) -> str:
        return self.text if len(self.text) <= 90 else f"{self.text[:89]}…"  # noqa: PLR2004

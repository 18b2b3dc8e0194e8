"""Acts: what was done, by whom, for whom, in which capacity, by which means. Never changed."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from initiatives.choices import Means
from initiatives.models.initiatives import Organization
from initiatives.querysets import ActQuerySet
from initiatives.tenancy import ScopedManager, TenantForeignKey, TenantModel


class Act(TenantModel):
    """One row per decision, append-only: a trigger and the grants refuse anything else."""

    more = 0  # how many like it a page tells in the same line; not stored
    at = models.DateTimeField(db_default=models.functions.Now())
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    organization = TenantForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    capacity = models.CharField(max_length=24, blank=True)
    action = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    subject_label = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(null=True)
    means = models.CharField(max_length=8, choices=Means, default=Means.WEB)
    detail = models.JSONField(default=dict)

    objects: ClassVar[Any] = ScopedManager.from_queryset(ActQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["initiative", "-id"], name="act_latest"),
            models.Index(
                fields=["initiative", "subject_type", "subject_id"], name="act_of_subject"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_type}:{self.subject_id}"


class ActSeal(TenantModel):
    """One link of an initiative's hash chain over its acts; written by the clock, not by writers."""

    act = TenantForeignKey(Act, models.PROTECT, related_name="seals")
    number = models.BigIntegerField()
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta(TenantModel.Meta):
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["initiative", "act"], name="one_seal_per_act"),
            models.UniqueConstraint(fields=["initiative", "number"], name="one_seal_per_number"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.digest[:12]}"

"""What is remembered of computing: that rollups changed, and that they were found right or not."""

from django.db import models
from django.db.models.functions import Now

from initiatives.tenancy import TenantModel


class RollupRevision(TenantModel):
    """How often the rollups of an initiative changed. Counted up with them, in their transaction."""

    number = models.BigIntegerField(default=0)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["initiative"], name="one_revision_per_initiative"),
        ]

    def __str__(self) -> str:
        return f"{self.initiative_id}: {self.number}"


class RollupCheck(TenantModel):
    """One comparison of stored rollups with the arithmetic."""

    at = models.DateTimeField(db_default=Now())
    compared = models.IntegerField()
    differing = models.IntegerField()
    examples = models.JSONField(default=list)

    class Meta(TenantModel.Meta):
        ordering = ["-id"]
        indexes = [models.Index(fields=["initiative", "-id"], name="check_latest")]

    def __str__(self) -> str:
        return f"{self.differing} of {self.compared} differ"

"""Links for readers without an account, and the record of imported files."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from initiatives.models import SignedLink
from initiatives.tenancy import TenantForeignKey, TenantModel
from measures.models.indicators import Indicator


class ShareLink(TenantModel):
    """A named link to the dashboard, or to one indicator. The token itself is stored nowhere."""

    name = models.CharField(_("for whom"), max_length=100)
    link = models.OneToOneField(SignedLink, models.CASCADE, null=True, related_name="+")
    indicator = TenantForeignKey(Indicator, models.CASCADE, null=True, related_name="+")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class ImportRun(TenantModel):
    """One file that was read in, so that the same file again changes nothing."""

    name = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    rows = models.PositiveIntegerField(default=0)
    stored = models.PositiveIntegerField(default=0)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    imported_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["initiative", "digest"], name="import_by_digest")]

    def __str__(self) -> str:
        return self.name

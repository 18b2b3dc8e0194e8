"""The files of values that were sent in: by whom, what became of them."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _

from initiatives.models import Organization
from initiatives.tenancy import ScopedManager, TenantForeignKey, TenantModel
from measures.choices import DIMENSION, LEFT_OUT, DecimalMark, FileColumn, ImportState
from measures.querysets import ImportRunQuerySet, OwnQuerySet


class ImportRun(TenantModel):
    """One file of values, from its being sent in to its outcome.

    ``organization`` is set where somebody reports for their own; ``file`` is the generated name in
    private storage and empty once the file is gone. ``report`` holds what checking it found, in a
    bounded number of rows.
    """

    name = models.CharField(_("file"), max_length=255)
    organization = TenantForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=9, choices=ImportState, default=ImportState.IMPORTED)
    file = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    decimal_mark = models.CharField(
        _("decimals are written with"), max_length=5, choices=DecimalMark, blank=True
    )
    columns = models.JSONField(default=dict)  # what its headings were told to be
    is_accepting = models.BooleanField(_("accept at once"), default=False)
    reason = models.TextField(_("reason"), blank=True)
    report = models.JSONField(default=dict)
    rows = models.PositiveIntegerField(default=0)
    stored = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    imported_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = ScopedManager.from_queryset(ImportRunQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["initiative", "created_at"], name="import_by_time")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_asking(self) -> bool:
        """Whether the file waits for somebody to say what its columns or numbers are."""
        found = self.report
        asks = found.get("question") or (found.get("is_broken") and found.get("columns"))
        return bool(self.file and self.state == ImportState.REFUSED and asks)

    @property
    def is_busy(self) -> bool:
        return self.state in {ImportState.CHECKING, ImportState.IMPORTING}


class RememberedColumn(TenantModel):
    """What a heading was told to be, for the files to come: of one organization, or of those who
    collect (``organization`` is empty).

    ``heading`` is in the form of :func:`measures.imports.columns.key_of`; ``target`` is a canonical
    column, ``dimension:CODE``, a part of an indicator (``value:CODE``) or ``-`` for one that is
    left out.
    """

    organization = TenantForeignKey(
        Organization, models.CASCADE, null=True, blank=True, related_name="+"
    )
    heading = models.CharField(_("heading"), max_length=100)
    written = models.CharField(_("as it was written"), max_length=100)
    target = models.CharField(_("is"), max_length=100)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    told_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = ScopedManager.from_queryset(OwnQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["heading"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "organization", "heading"],
                nulls_distinct=False,
                name="one_meaning_per_heading",
            )
        ]

    def __str__(self) -> str:
        return self.written

    @property
    def meaning(self) -> str:
        """What the heading is, in words behind it."""
        if self.target == LEFT_OUT:
            return gettext("is left out")
        part, mark, code = self.target.partition(":")
        if self.target in FileColumn.values:
            return gettext("is read as: %(what)s") % {"what": FileColumn(self.target).label}
        if not mark:
            return ""
        what = {
            DIMENSION[:-1]: gettext("is the breakdown %(code)s"),
            "value": gettext("is the indicator %(code)s"),
            "numerator": gettext("is the numerator of %(code)s"),
            "denominator": gettext("is the denominator of %(code)s"),
        }
        return what.get(part, "%(code)s") % {"code": code}

"""The shared vocabulary: terms, agreed meanings, and each organization's own word."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agenda.choices import Mapping, TermState
from agenda.querysets.glossary import GlossaryTermQuerySet, TermVariantQuerySet
from initiatives.models import Organization
from initiatives.tenancy import ScopedManager, TenantForeignKey, TenantModel


class GlossaryTerm(TenantModel):
    """A word that the initiative means the same by, or is on the way to."""

    label = models.CharField(_("term"), max_length=80)
    also: Any = ArrayField(
        models.CharField(max_length=80), verbose_name=_("also written"), default=list, blank=True
    )
    state = models.CharField(max_length=20, choices=TermState, default=TermState.CANDIDATE)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    proposed_at = models.DateTimeField(default=timezone.now)
    agreed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[Any] = ScopedManager.from_queryset(GlossaryTermQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = [Lower("label"), "id"]
        constraints = [
            models.UniqueConstraint(F("initiative"), Lower("label"), name="one_term_per_label"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_agreed(self) -> bool:
        return self.state in {TermState.AGREED, TermState.AGREED_WITH_VARIANTS}

    @property
    def in_force(self) -> "TermDefinition | None":
        """The meaning that was agreed last; ``definitions`` are best prefetched."""
        return next((each for each in self.definitions.all() if each.agreed_at), None)


class TermDefinition(TenantModel):
    """One version of what a term means; the latest agreed one is in force. Never changed."""

    term = TenantForeignKey(GlossaryTerm, models.CASCADE, related_name="definitions")
    number = models.PositiveIntegerField()
    text = models.TextField(_("meaning"))
    source = models.CharField(_("source"), max_length=300, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    written_at = models.DateTimeField(default=timezone.now)
    agreed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "term", "number"], name="one_definition_per_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.term_id}, {self.number}"


class TermVariant(TenantModel):
    """An organization's own word for a term, and what it means by it."""

    term = TenantForeignKey(GlossaryTerm, models.CASCADE, related_name="variants")
    organization = TenantForeignKey(Organization, models.CASCADE, related_name="+")
    label = models.CharField(_("our word"), max_length=80, blank=True)
    meaning = models.TextField(_("what we mean by it"), blank=True)
    mapping = models.CharField(
        _("beside the shared meaning"), max_length=8, choices=Mapping, default=Mapping.SAME
    )
    mapped_as = models.CharField(
        _("what it corresponds to in shared words"), max_length=500, blank=True
    )
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    said_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[Any] = ScopedManager.from_queryset(TermVariantQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["organization__name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "term", "organization"], name="one_variant_per_organization"
            ),
            models.CheckConstraint(
                condition=Q(mapping="same") | ~Q(meaning=""), name="another_meaning_is_said"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id}: {self.label}"

    @property
    def is_clashing(self) -> bool:
        return self.mapping == Mapping.CLASHES and not self.mapped_as


class TermUse(TenantModel):
    """A term stands in a text: of which row, in which field."""

    term = TenantForeignKey(GlossaryTerm, models.CASCADE, related_name="uses")
    object_type = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    field = models.CharField(max_length=40)
    found_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "term", "object_type", "object_id", "field"],
                name="one_use_per_field",
            ),
        ]
        indexes = [
            models.Index(fields=["initiative", "object_type", "object_id"], name="terms_of_object"),
        ]

    def __str__(self) -> str:
        return f"{self.term_id} in {self.object_type}:{self.object_id}"

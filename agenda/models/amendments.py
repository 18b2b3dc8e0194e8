"""Other words that an organization proposes for one statement of a version."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agenda.choices import AmendmentState
from agenda.models.versions import AgendaVersion
from agenda.querysets.versions import AmendmentQuerySet
from initiatives.models import Organization
from initiatives.tenancy import ScopedManager, TenantForeignKey, TenantModel

LIVE_AMENDMENTS = (AmendmentState.DRAFT, AmendmentState.EVALUATING)


class Amendment(TenantModel):
    """Other words for a statement: taken up, or declined with a word; never deleted.

    It holds the words it was written against, so that it changes no text but these.
    """

    agenda = TenantForeignKey(AgendaVersion, models.CASCADE, related_name="amendments")
    dimension_key = models.CharField(max_length=16)
    from_text = models.TextField()
    to_text = models.TextField(_("in these words"))
    reason = models.TextField(_("why"), blank=True)
    organization = TenantForeignKey(Organization, models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=AmendmentState, default=AmendmentState.DRAFT)
    made_at = models.DateTimeField(default=timezone.now)
    proposed_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    word = models.TextField(_("what is said to it"), blank=True)

    objects: ClassVar[Any] = ScopedManager.from_queryset(AmendmentQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["made_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "agenda", "organization", "dimension_key"],
                condition=Q(state__in=LIVE_AMENDMENTS),
                name="one_live_amendment",
            ),
            models.CheckConstraint(
                condition=~Q(state=AmendmentState.REJECTED) | ~Q(word=""),
                name="declined_with_a_word",
            ),
            models.CheckConstraint(
                condition=Q(state__in=LIVE_AMENDMENTS, decided_at=None)
                | (~Q(state__in=LIVE_AMENDMENTS) & Q(decided_at__isnull=False)),
                name="amendment_decided_has_its_day",
            ),
            models.CheckConstraint(
                condition=Q(state=AmendmentState.DRAFT)
                | Q(state=AmendmentState.WITHDRAWN)
                | Q(proposed_at__isnull=False),
                name="amendment_proposed_has_its_day",
            ),
            models.CheckConstraint(condition=~Q(to_text=""), name="amendment_says_something"),
        ]

    def __str__(self) -> str:
        return self.to_text if len(self.to_text) <= 90 else f"{self.to_text[:89]}…"  # noqa: PLR2004

    @property
    def is_draft(self) -> bool:
        return self.state == AmendmentState.DRAFT

    @property
    def is_live(self) -> bool:
        return self.state in LIVE_AMENDMENTS

"""What a body talks about."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from initiatives.models import Membership, Organization
from initiatives.tenancy import ScopedManager, TenantForeignKey, TenantModel
from measures.models import Indicator
from meetings.choices import ItemPurpose, ItemState
from meetings.models.bodies import Body
from meetings.models.series import Meeting
from meetings.querysets import ItemQuerySet


class AgendaItem(TenantModel):
    """One thing to talk about, proposed by an organization; it waits until a meeting takes it."""

    body = TenantForeignKey(Body, models.PROTECT, related_name="items")
    meeting = TenantForeignKey(Meeting, models.PROTECT, null=True, blank=True, related_name="items")
    purpose = models.CharField(
        _("purpose"), max_length=8, choices=ItemPurpose, default=ItemPurpose.DISCUSS
    )
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("what it is about"), blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=10)
    position = models.PositiveSmallIntegerField(default=0)
    proposer = TenantForeignKey(Organization, models.PROTECT, related_name="+")
    proposed_by = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    owner = TenantForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    indicator = TenantForeignKey(Indicator, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=ItemState, default=ItemState.PROPOSED)
    reason = models.CharField(_("reason"), max_length=300, blank=True)  # of declining
    carried_from = TenantForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="carried_to"
    )
    times_carried = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[Any] = ScopedManager.from_queryset(ItemQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "carried_from"], name="one_item_carried_once"
            ),
            models.CheckConstraint(condition=Q(minutes__range=(1, 480)), name="item_takes_minutes"),
            models.CheckConstraint(
                condition=~Q(state=ItemState.DECLINED) | ~Q(reason=""),
                name="item_is_declined_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.title

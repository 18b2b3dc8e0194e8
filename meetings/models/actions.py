"""What somebody promised to do, by when."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from initiatives.models import Membership, Organization
from initiatives.tenancy import ScopedManager, TenantForeignKey, TenantModel
from meetings.choices import ActionState
from meetings.models.agendas import AgendaItem
from meetings.models.bodies import Body
from meetings.models.decisions import Decision
from meetings.models.series import Meeting
from meetings.querysets import ActionQuerySet


class ActionItem(TenantModel):
    """An action with an owner and a day. Done is what the one who asked for it accepts."""

    body = TenantForeignKey(Body, models.PROTECT, related_name="actions")
    meeting = TenantForeignKey(
        Meeting, models.PROTECT, null=True, blank=True, related_name="actions"
    )
    item = TenantForeignKey(
        AgendaItem, models.PROTECT, null=True, blank=True, related_name="actions"
    )
    decision = TenantForeignKey(
        Decision, models.PROTECT, null=True, blank=True, related_name="actions"
    )
    text = models.CharField(_("what"), max_length=300)
    owner = TenantForeignKey(Membership, models.PROTECT, null=True, related_name="actions_owned")
    organization = TenantForeignKey(Organization, models.PROTECT, related_name="actions")
    requester = TenantForeignKey(Membership, models.PROTECT, related_name="actions_asked")
    due_on = models.DateField(_("due"))
    first_due_on = models.DateField()
    state = models.CharField(max_length=12, choices=ActionState, default=ActionState.OPEN)
    slipped = models.PositiveSmallIntegerField(default=0)  # how often the day was put off
    note = models.TextField(_("note"), blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    drop_asked = models.BooleanField(default=False)  # by its owner, with the reason
    drop_agreed = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[Any] = ScopedManager.from_queryset(ActionQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=ActionState.DROPPED) | (~Q(reason="") & Q(drop_agreed=True)),
                name="action_is_dropped_with_reason_and_consent",
            ),
        ]

    def __str__(self) -> str:
        return self.text

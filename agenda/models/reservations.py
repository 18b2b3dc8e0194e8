"""Reservations: what an organization agreed to and still has doubts about, kept in view."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agenda.choices import ReservationState
from agenda.models.versions import AgendaVersion
from agenda.querysets.versions import DraftQuerySet, ReservationQuerySet
from initiatives.models import Organization
from initiatives.tenancy import ScopedManager, TenantForeignKey, TenantModel

LIVE = (ReservationState.OPEN, ReservationState.UNDER_REVIEW)


class Reservation(TenantModel):
    """A promise to a minority: kept until its own organization lifts it, never deleted."""

    agenda = TenantForeignKey(AgendaVersion, models.PROTECT, related_name="reservations")
    organization = TenantForeignKey(Organization, models.PROTECT, related_name="+")
    dimension_key = models.CharField(max_length=16)
    dimension_text = models.TextField()  # what it was raised on
    text = models.TextField(_("reservation"))
    condition = models.TextField(_("what would lift it"), blank=True)
    review_on = models.DateField(_("look at it again on"))
    state = models.CharField(max_length=12, choices=ReservationState, default=ReservationState.OPEN)
    is_stand_aside = models.BooleanField(default=False)
    is_shown_to_funders = models.BooleanField(_("funders may see that it is ours"), default=False)
    raised_in = TenantForeignKey(AgendaVersion, models.PROTECT, related_name="+")
    raised_at = models.DateTimeField(default=timezone.now)
    carried_from = TenantForeignKey("self", models.PROTECT, null=True, related_name="carried_to")
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[Any] = ScopedManager.from_queryset(ReservationQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["raised_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "agenda", "organization", "dimension_key"],
                condition=Q(state__in=LIVE),
                name="one_live_reservation",
            ),
            models.UniqueConstraint(
                fields=["initiative", "carried_from"], name="reservation_carried_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=LIVE, ended_at=None)
                | (~Q(state__in=LIVE) & Q(ended_at__isnull=False)),
                name="reservation_ended_has_its_day",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="reservation_says_something"),
        ]

    def __str__(self) -> str:
        return self.text if len(self.text) <= 90 else f"{self.text[:89]}…"  # noqa: PLR2004

    @property
    def is_live(self) -> bool:
        return self.state in LIVE


class ReservationNote(TenantModel):
    """What happened to a reservation: one row per step, append-only."""

    reservation = TenantForeignKey(Reservation, models.PROTECT, related_name="notes")
    state = models.CharField(max_length=12, choices=ReservationState)  # after the step
    text = models.TextField(blank=True)
    organization = TenantForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.reservation_id}: {self.state}"


class ReservationDraft(TenantModel):
    """A reservation that somebody wrote down who may not answer for the organization.

    Nobody outside reads it. It is settled when the organization answers, with it or without.
    """

    agenda = TenantForeignKey(AgendaVersion, models.CASCADE, related_name="drafts")
    organization = TenantForeignKey(Organization, models.PROTECT, related_name="+")
    dimension_key = models.CharField(max_length=16)
    text = models.TextField(_("reservation"))
    condition = models.TextField(_("what would lift it"), blank=True)
    review_on = models.DateField(_("look at it again on"), null=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)
    settled_at = models.DateTimeField(null=True)
    is_sent = models.BooleanField(default=False)

    objects: ClassVar[Any] = ScopedManager.from_queryset(DraftQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "agenda", "organization", "dimension_key"],
                condition=Q(settled_at=None),
                name="one_live_reservation_draft",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="draft_says_something"),
            models.CheckConstraint(
                condition=Q(is_sent=False) | Q(settled_at__isnull=False), name="sent_is_settled"
            ),
        ]

    def __str__(self) -> str:
        return self.text if len(self.text) <= 90 else f"{self.text[:89]}…"  # noqa: PLR2004

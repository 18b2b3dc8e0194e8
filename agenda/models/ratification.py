"""Who was asked, what each organization answered, and with which evidence."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agenda.choices import ContactMeans, PartyStanding, ResponseMeans, Stance
from agenda.models.versions import AgendaDimension, AgendaVersion
from agenda.querysets.versions import EvidenceQuerySet, ResponseQuerySet
from initiatives.models import Membership, Organization
from initiatives.tenancy import ScopedManager, TenantForeignKey, TenantModel


class Party(TenantModel):
    """An organization a version was put to: of the list made at the opening, or joined since."""

    agenda = TenantForeignKey(AgendaVersion, models.CASCADE, related_name="parties")
    organization = TenantForeignKey(Organization, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)  # as it was then
    sector = models.CharField(max_length=14, blank=True)
    standing = models.CharField(max_length=8, choices=PartyStanding, default=PartyStanding.ELIGIBLE)
    due_at = models.DateTimeField(null=True)
    acceded_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "agenda", "organization"], name="one_party_per_agenda"
            ),
            models.CheckConstraint(
                condition=Q(standing="eligible", acceded_at=None)
                | Q(standing__in=["acceding", "lapsed"], due_at__isnull=False, acceded_at=None)
                | Q(standing="acceded", acceded_at__isnull=False),
                name="party_standing_has_its_day",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Evidence(TenantModel):
    """A file that shows what an organization answered when somebody else writes it down.

    In the database and not in a folder: behind the same walls as everything else, kept or lost
    with the answer it belongs to.
    """

    organization = TenantForeignKey(Organization, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    content = models.BinaryField()
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    uploaded_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = ScopedManager.from_queryset(EvidenceQuerySet)()

    def __str__(self) -> str:
        return self.name


class Response(TenantModel):
    """An organization's answer to a version, whole: one counts, all are kept."""

    agenda = TenantForeignKey(AgendaVersion, models.CASCADE, related_name="responses")
    organization = TenantForeignKey(Organization, models.PROTECT, related_name="+")
    version_hash = models.CharField(max_length=64)
    mandate = TenantForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    means = models.CharField(max_length=8, choices=ResponseMeans, default=ResponseMeans.OWN)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    token = models.CharField(max_length=32)  # of the form: the same one twice is one answer
    evidence = TenantForeignKey(Evidence, models.PROTECT, null=True, related_name="+")
    contestable_until = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    contested_at = models.DateTimeField(null=True)
    superseded_at = models.DateTimeField(null=True)
    superseded_by = TenantForeignKey("self", models.PROTECT, null=True, related_name="+")

    objects: ClassVar[Any] = ScopedManager.from_queryset(ResponseQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "agenda", "organization"],
                condition=Q(superseded_at=None),
                name="one_effective_response",
            ),
            models.UniqueConstraint(
                fields=["initiative", "agenda", "organization", "token"],
                name="one_response_per_form",
            ),
            models.CheckConstraint(
                condition=Q(means="own", mandate__isnull=False, contestable_until=None)
                | Q(
                    means="behalf",
                    mandate=None,
                    evidence__isnull=False,
                    contestable_until__isnull=False,
                ),
                name="response_has_mandate_or_evidence",
            ),
            models.CheckConstraint(
                condition=Q(contested_at=None) | Q(superseded_at__isnull=False),
                name="contested_response_does_not_count",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization} on {self.agenda}"

    @property
    def is_contestable(self) -> bool:
        return (
            self.contestable_until is not None
            and self.confirmed_at is None
            and self.superseded_at is None
            and timezone.now() < self.contestable_until
        )


class DimensionStance(TenantModel):
    """What an answer says to one dimension."""

    response = TenantForeignKey(Response, models.CASCADE, related_name="stances")
    dimension = TenantForeignKey(AgendaDimension, models.PROTECT, related_name="+")
    stance = models.CharField(max_length=11, choices=Stance)
    reason = models.TextField(blank=True)
    reservation = TenantForeignKey(
        "agenda.Reservation", models.PROTECT, null=True, related_name="+"
    )

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "response", "dimension"], name="one_stance_per_dimension"
            ),
            models.CheckConstraint(
                condition=Q(stance__in=[Stance.RESERVATION, Stance.STAND_ASIDE])
                & Q(reservation__isnull=False)
                | Q(stance__in=[Stance.CONSENT, Stance.OBJECT], reservation=None),
                name="stance_has_its_reservation",
            ),
            models.CheckConstraint(
                condition=~Q(stance=Stance.OBJECT) | ~Q(reason=""), name="objection_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dimension_id}: {self.stance}"


class Contact(TenantModel):
    """The backbone spoke to an organization that does not answer."""

    agenda = TenantForeignKey(AgendaVersion, models.CASCADE, related_name="contacts")
    organization = TenantForeignKey(Organization, models.PROTECT, related_name="+")
    means = models.CharField(_("how"), max_length=8, choices=ContactMeans)
    note = models.CharField(_("what came of it"), max_length=500)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(note=""), name="contact_says_what_came_of_it"),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id}: {self.note}"

"""Initiatives, where they work, and the organizations in them."""

from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from initiatives.choices import OrganizationKind, OrganizationState, PlaceLevel, Sector
from initiatives.querysets import OrganizationQuerySet
from initiatives.tenancy import ScopedManager, TenantForeignKey, TenantModel
from initiatives.walls import Wall


class Initiative(models.Model):
    """The tenant: organizations that act in concert on one problem.

    No wall: an address names it before anyone is let in, and the clock goes through all of them.
    Only its address and name are here; everything else is in the profile.
    """

    wall: ClassVar[Wall] = Wall.GLOBAL
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Place(TenantModel):
    """A place in the tree of places: a community in a county in a state in a nation."""

    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=200)
    level = models.CharField(_("level"), max_length=12, choices=PlaceLevel, blank=True)
    parent = TenantForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")

    class Meta(TenantModel.Meta):
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["initiative", "code"], name="one_place_per_code"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="place_not_in_itself"),
        ]

    def __str__(self) -> str:
        return self.name


class InitiativeProfile(TenantModel):
    """What an initiative says of itself, and its settings."""

    question = models.CharField(_("question"), max_length=500, blank=True)
    description = models.TextField(_("description"), blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    locale = models.CharField(max_length=12, default="en")
    place = TenantForeignKey(Place, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["initiative"], name="one_profile_per_initiative"),
        ]

    def __str__(self) -> str:
        return str(self.initiative)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Organization(TenantModel):
    """A participant in one initiative."""

    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(
        _("kind"), max_length=10, choices=OrganizationKind, default=OrganizationKind.PARTNER
    )
    sector = models.CharField(  # empty: nobody said
        _("sector"), max_length=14, choices=Sector, blank=True, default=""
    )
    state = models.CharField(
        _("state"), max_length=10, choices=OrganizationState, default=OrganizationState.INVITED
    )
    outside_id = models.CharField(
        _("outside identifier"), max_length=100, blank=True, help_text=_("For example its org-id.")
    )
    has_form_links = models.BooleanField(
        _("forms may be opened from a link in an e-mail"), default=True
    )
    joined_at = models.DateTimeField(auto_now_add=True)
    places: Any = models.ManyToManyField(
        Place, through="OrganizationPlace", related_name="organizations"
    )

    objects: ClassVar[Any] = ScopedManager.from_queryset(OrganizationQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "code"], name="one_organization_per_code"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_asked(self) -> bool:
        """Whether it stands on the list of those who are asked: it takes part, and not to watch."""
        is_away = self.state in {OrganizationState.PAUSED, OrganizationState.LEFT}
        return not is_away and self.kind not in {
            OrganizationKind.BACKBONE,
            OrganizationKind.OBSERVER,
        }


class OrganizationPlace(TenantModel):
    """An organization works in a place; it may work in several and counts once above them."""

    organization = TenantForeignKey(Organization, models.CASCADE, related_name="homes")
    place = TenantForeignKey(Place, models.PROTECT, related_name="homes")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "organization", "place"], name="one_home_per_place"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} in {self.place_id}"

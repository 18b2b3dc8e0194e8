"""Initiatives begin, and say what they are."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from initiatives import audit, clock, jobs, quotas
from initiatives.choices import OrganizationKind, OrganizationState, PlaceLevel
from initiatives.models import Initiative, InitiativeProfile, Membership, Organization, Place, User
from initiatives.permissions import Role
from initiatives.services.invitations import invite
from initiatives.services.people import update_person
from initiatives.services.places import free_code
from initiatives.tenancy import as_person, current_initiative_id, enter

LONGEST_SLUG = 50
FIRST_ROLES = [Role.PROJECT_MANAGER.value, Role.DATA_MANAGER.value]


def create_initiative(
    *,
    user: User,
    name: str,
    slug: str = "",
    place: str = "",
    time_zone: str = "UTC",
    organization: str = "",
    calendars: Sequence[str] = (),
    start_month: int = 1,
    people: Sequence[tuple[str, str]] = (),
    founder: str = "",
) -> Membership:
    """A new initiative with its backbone organization, whose first member is ``user``.

    ``founder`` is what the user wants to be called; ``people`` are names and e-mail addresses of those invited to help; ``calendars`` are the
    kinds of calendars that shared measurement sets up.
    """
    with transaction.atomic():
        _check_quota(user)
        if founder:
            update_person(user=user, name=founder)
        initiative = Initiative.objects.create(name=name, slug=slug or free_slug(name))
        with enter(initiative.pk, user_id=user.pk):
            InitiativeProfile.here(time_zone=time_zone, place=_place(place)).save()
            backbone = Organization.here(
                code="backbone",
                name=organization or _("%(name)s backbone") % {"name": name},
                kind=OrganizationKind.BACKBONE,
                state=OrganizationState.ACTIVE,
            )
            backbone.save()
            membership = Membership.here(user=user, organization=backbone, roles=FIRST_ROLES)
            membership.save()
            audit.record(membership, "initiatives.initiative_created", initiative)
            for person, email in people:
                invite(
                    actor=membership,
                    organization=backbone,
                    email=email,
                    name=person,
                    roles=[Role.FACILITATOR],
                )
            if calendars:
                jobs.enqueue(
                    "measures.create_calendars", kinds=list(calendars), start_month=start_month
                )
    return membership


def _check_quota(user: User) -> None:
    with as_person(user.pk):
        begun = Membership.objects.filter(
            user=user,
            roles__contains=[Role.PROJECT_MANAGER],
            initiative__created_at__gt=quotas.a_day_ago(),
        )
        quotas.check("initiatives", begun.count, whose=user.pk)


def update_initiative(
    *,
    actor: Membership,
    name: str,
    question: str,
    description: str,
    place: str,
    time_zone: str,
) -> InitiativeProfile:
    """Say what the initiative is called, asks, and where it works."""
    with transaction.atomic():
        initiative = Initiative.objects.select_for_update().get(pk=current_initiative_id())
        profile = InitiativeProfile.objects.select_for_update().get()
        wanted = {"question": question, "description": description, "time_zone": time_zone}
        before = {"name": initiative.name} | {each: getattr(profile, each) for each in wanted}
        initiative.name = name
        initiative.save(update_fields=["name"])
        for field, value in wanted.items():
            setattr(profile, field, value)
        if place != (profile.place.name if profile.place else ""):
            profile.place = _place(place)
        profile.save()
        clock.forget()
        changed = [
            each for each, value in ({"name": name} | wanted).items() if before[each] != value
        ]
        audit.record(actor, "initiatives.initiative_updated", initiative, changed=changed)
    return profile


def free_slug(name: str) -> str:
    """An address for a name that no other initiative has."""
    base = slugify(name)[:LONGEST_SLUG].strip("-") or "initiative"
    slug, number = base, 1
    while Initiative.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{base}-{number}"
    return slug


def _place(name: str) -> Place | None:
    if not name:
        return None
    found: Place | None = Place.objects.filter(name__iexact=name).first()
    if found:
        return found
    place = Place.here(code=free_code(name), name=name, level=PlaceLevel.COMMUNITY)
    place.save()
    return place

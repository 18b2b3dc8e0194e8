"""Work that other apps ask of shared measurement without knowing it: by the name of a job."""

from collections.abc import Sequence

from initiatives.choices import OrganizationState
from initiatives.jobs import handles
from initiatives.models import Organization, Place
from measures import ledger
from measures.services import rounds
from measures.services.setup.assignments import release_organization
from measures.services.setup.calendars import create_calendars


@handles("measures.create_calendars")
def create_first_calendars(*, kinds: Sequence[str] = (), start_month: int | None = None) -> None:
    """The calendars a new initiative was set up with; doing it twice is doing it once."""
    create_calendars(actor=None, kinds=kinds, start_month=start_month)


@handles("measures.follow_organization")
def follow_organization(*, organization_id: int) -> None:
    """Add up anew where an organization works; ask nothing more of one that left."""
    organization = Organization.objects.filter(pk=organization_id).first()
    if organization is None:
        return
    if organization.state == OrganizationState.LEFT:
        release_organization(organization)
    ledger.mark_dirty(organization_ids=[organization_id])


@handles("measures.follow_place")
def follow_place(*, place_id: int) -> None:
    """Add up anew what lies in a place that moved, and so what lay or lies above it."""
    within, found = {place_id}, {place_id}
    while found:
        below = Place.objects.filter(parent_id__in=found).values_list("pk", flat=True)
        found = set(below) - within
        within |= found
    there = Organization.objects.filter(homes__place_id__in=within).distinct()
    ledger.mark_dirty(organization_ids=there.values_list("pk", flat=True))


@handles("measures.advance_rounds")
def advance_rounds() -> None:
    """Hand out forms as soon as they are asked for; what is too many at once the clock does."""
    rounds.advance_rounds()

"""Two initiatives of the same shape, side by side, with a row of every kind in each.

Whoever probes the walls needs real ids of somebody else. Texts that only one initiative (or one
organization) may see carry a canary: a word found nowhere else. Each app's rows are in a module
of its own, of the app's name.
"""

from django.contrib.auth.hashers import make_password

from backbone.management.twins import agenda, ground, measures, meetings, ratification
from backbone.management.twins.base import PASSWORD, Twin, new
from initiatives import audit
from initiatives.models import Initiative, InitiativeProfile, Place
from initiatives.tenancy import scope

SLUGS = ("twin-a", "twin-b")
__all__ = ["PASSWORD", "Twin", "seed"]


def seed() -> tuple[Twin, Twin]:
    """Write both twins."""
    hashed = make_password(PASSWORD)
    first, second = (_seed_one(slug, hashed) for slug in SLUGS)
    return first, second


def _seed_one(slug: str, hashed: str) -> Twin:
    name = f"Twin canary-{slug}"
    twin = Twin(slug, Initiative.objects.create(slug=slug, name=name).pk)
    with scope(twin.initiative_id):
        place = new(Place, code="town", name=f"Town {twin.canary}", level="community")
        new(
            InitiativeProfile,
            place=place,
            question=f"Question {twin.canary}",
            description=f"Description {twin.canary}",
        )
        organizations = ground.seed_organizations(twin, place)
        ground.seed_people(twin, organizations, hashed)
        agenda.seed(twin, organizations)
        ratification.seed(twin, organizations["first"])
        measures.seed(twin, organizations["first"])
        meetings.seed(twin, organizations["first"])
        ground.seed_letters(twin, organizations["first"])
        audit.seal()
    return twin

"""The tree of places: places are added, renamed and moved, and never lie within themselves."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from initiatives import audit, jobs
from initiatives.choices import PlaceLevel
from initiatives.models import Membership, Place
from initiatives.services.organizations import check_may_manage
from initiatives.versions import check_version

LEVELS = list(PlaceLevel.values)
DEEPEST = 20  # levels: every number of a place is one of each that it lies in


@transaction.atomic
def create_place(
    *, actor: Membership, name: str, level: str = "", parent: Place | None = None, code: str = ""
) -> Place:
    """A new place, within another one or at the top.

    :raises ValidationError: the code is taken, or the level above is not above.
    """
    check_may_manage(actor)
    rows = _all_locked()
    _check_parent(None, parent, level, rows)
    if code and any(each.code == code for each in rows.values()):
        raise ValidationError({"code": _("Another place has this code.")})
    place = Place.here(code=code or free_code(name), name=name, level=level, parent=parent)
    place.save()
    audit.record(actor, "initiatives.place_created", place)
    return place


@transaction.atomic
def update_place(
    *,
    actor: Membership,
    place: Place,
    name: str,
    level: str,
    parent: Place | None,
    version: str | None = None,
) -> Place:
    """Rename a place, or move it with all that lies within; the sums over places follow.

    :raises ValidationError: it would lie within itself, or somebody else changed it meanwhile.
    """
    check_may_manage(actor)
    rows = _all_locked()
    place = rows[place.pk]
    check_version(version, place)
    _check_parent(place, parent, level, rows)
    moved = place.parent_id != (parent.pk if parent else None)
    before = rows[place.parent_id].name if place.parent_id else ""
    place.name, place.level, place.parent = name, level, parent
    place.save(update_fields=["name", "level", "parent"])
    if moved:
        jobs.enqueue("measures.follow_place", key=f"place-{place.pk}", place_id=place.pk)
    audit.record(
        actor,
        "initiatives.place_moved" if moved else "initiatives.place_updated",
        place,
        before=before,
        after=parent.name if parent else "",
    )
    return place


def _all_locked() -> dict[int, Place]:
    """Every place, locked: two moves that each are right can make a circle together."""
    rows = Place.objects.select_for_update(of=("self",), no_key=True).order_by("id")
    return {each.pk: each for each in rows}


def _check_parent(
    place: Place | None, parent: Place | None, level: str, rows: dict[int, Place]
) -> None:
    above, levels = parent, _levels_of(place, rows)
    while above is not None:
        if place is not None and above.pk == place.pk:
            raise ValidationError({"parent": _("A place cannot lie within itself.")})
        above, levels = rows.get(above.parent_id) if above.parent_id else None, levels + 1
    if parent and levels > DEEPEST:
        raise ValidationError({"parent": too_deep()})
    if parent and parent.level and level and LEVELS.index(parent.level) < LEVELS.index(level):
        raise ValidationError({"parent": _not_above(level, parent.level)})


def _levels_of(place: Place | None, rows: dict[int, Place]) -> int:
    """How many levels a place has with what lies in it."""
    levels, here = 1, {place.pk} if place is not None else set()
    while levels <= DEEPEST and (
        here := {each.pk for each in rows.values() if each.parent_id in here}
    ):
        levels += 1
    return levels


def too_deep() -> str:
    """That places lie within each other more often than any do."""
    return str(_("Places lie within each other over at most %(most)d levels.") % {"most": DEEPEST})


def _not_above(level: str, parent: str) -> str:
    words = {"level": PlaceLevel(level).label, "parent": PlaceLevel(parent).label}
    return str(_("A place of the level “%(level)s” does not lie in a “%(parent)s”.")) % words


def free_code(name: str) -> str:
    """A code for a place that no other of the initiative has."""
    base = slugify(name)[:32].strip("-") or "place"
    code, number = base, 1
    while Place.objects.filter(code=code).exists():
        number += 1
        code = f"{base}-{number}"
    return code

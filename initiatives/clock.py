"""Days and hours where the people of an initiative are.

The doors and the workers set the clock with the scope, so dates on pages and in letters, and
"today" in every rule about days, are those of the initiative. Memberships alone begin and end by
the world's clock (UTC): they are read before anyone knows where the initiative is.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from django.utils import timezone

from initiatives.models import InitiativeProfile
from initiatives.tenancy import current_initiative_id

KEPT = 60.0  # seconds: so long another process may go by the zone before a change
_zones: dict[int, tuple[float, str]] = {}


def zone_here() -> tzinfo:
    """The time zone of the initiative in scope."""
    key, now = current_initiative_id(), time.monotonic()
    until, name = _zones.get(key, (0.0, ""))
    if until < now:
        found = InitiativeProfile.objects.values_list("time_zone", flat=True).first()
        name = found or "UTC"
        _zones[key] = (now + KEPT, name)
    return ZoneInfo(name)


def forget() -> None:
    """Ask again where the initiative in scope is: its zone was changed."""
    _zones.pop(current_initiative_id(), None)


@contextmanager
def set_here() -> Iterator[None]:
    """Go by the clock of the initiative in scope."""
    with timezone.override(zone_here()):
        yield


def at_home(moment: datetime) -> datetime:
    """A moment by the clock of the initiative in scope."""
    return moment.astimezone(zone_here())

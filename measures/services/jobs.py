"""Work that other apps ask of shared measurement without knowing it: by the name of a job."""

from collections.abc import Sequence

from initiatives.jobs import handles
from measures.services.setup.calendars import create_calendars


@handles("measures.create_calendars")
def create_first_calendars(*, kinds: Sequence[str] = (), start_month: int | None = None) -> None:
    """The calendars a new initiative was set up with; doing it twice is doing it once."""
    create_calendars(actor=None, kinds=kinds, start_month=start_month)

"""What the apps know of one organization, for its page.

A lower app never calls up, so the apps register what they tell: a function in their selectors,
imported when the app is ready, with ``@tells``.
"""

from collections.abc import Callable
from typing import NamedTuple

from initiatives.models import Membership, Organization


class Line(NamedTuple):
    """One thing of the organization: what, where it is, how it stands."""

    text: str
    url: str = ""
    status: str = ""  # a state known to the tag of states
    note: str = ""


class Panel(NamedTuple):
    """A part of the organization's page."""

    title: str
    lines: list[Line]
    empty: str = ""  # said where there are no lines
    url: str = ""  # where all of it is
    condition: str = ""  # the app whose hue it has


Source = Callable[[Membership, Organization], Panel | None]
_sources: list[Source] = []


def tells(source: Source) -> Source:
    """Register ``source``: asked with the initiative in scope; None has nothing for this member."""
    _sources.append(source)
    return source


def panels_of(membership: Membership, organization: Organization) -> list[Panel]:
    """Everything the apps tell this member of the organization."""
    found = [source(membership, organization) for source in _sources]
    return [panel for panel in found if panel is not None]

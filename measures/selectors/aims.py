"""What a number is held against: a target in force, and how far it is."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _


class Goal(NamedTuple):
    """A target: in force from its period on, until a later period has one.

    ``original``: what it was at first, where it was revised since.
    """

    period: str
    starts_on: date
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    frequency: str = ""
    original: "Goal | None" = None

    @property
    def amounts(self) -> tuple[Decimal | None, ...]:
        return self.value, self.low, self.high

    @property
    def least(self) -> Decimal | None:
        """The lower end of its range."""
        return self.low if self.value is None else self.value

    @property
    def most(self) -> Decimal | None:
        """The upper end of its range."""
        return self.high if self.value is None else self.value

    @property
    def drawn(self) -> tuple[Decimal | None, Decimal | None]:
        """Where its line is drawn, and of a range with two ends the lower one."""
        if self.least is None or self.most is None:
            return (self.least if self.most is None else self.most), None
        return self.most, (None if self.least == self.most else self.least)

    def revising(self, earlier: "Goal | None") -> "Goal":
        """This target as what the earlier one of the same period became."""
        first = (earlier.original or earlier) if earlier else None
        return self._replace(original=first if first and first.amounts != self.amounts else None)


class Start(NamedTuple):
    """A baseline: the number from which it started, and when.

    ``is_whole``: whether it is of what is held against it, and not everyone's beside a part.
    """

    period: str
    value: Decimal | None
    frequency: str = ""
    is_whole: bool = True

    def words(self, said: Callable[[Decimal | None], str]) -> str:
        """The same in words; ``said``: how a number is said with its unit."""
        words = _("%(value)s at the start, in %(period)s")
        return words % {"value": said(self.value), "period": self.period}


class Verdict(NamedTuple):
    """A pill: tone, icon and words."""

    tone: str
    icon: str
    words: str
    brief: str = ""  # where who reported stands beside it
    is_so_far: bool = False  # others are still to report

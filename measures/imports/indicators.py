"""The indicators that a file may name, by their codes or by their names."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from measures.imports.names import fold, nearest, tidy
from measures.imports.problems import Code, shown

REMEMBERED = 20_000  # different texts of a file
SUGGESTED = 200  # different unknown texts that a near one is looked for
LISTED = 12  # indicators that are named to somebody who wrote an unknown one
TOLD = 30  # names that are told to have been read


class Missed(NamedTuple):
    """What a text did not name, and why."""

    code: Code
    message: str
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class IndicatorKey:
    """What a row must know about the indicator it reports on."""

    id: int
    code: str
    unit: str
    pair: bool  # a numerator and a denominator (ratio), or a sum and a weight (mean)
    weighted: bool  # mean: value and denominator are score and weight
    percent: bool  # written as 0-100
    scale: Decimal
    decimals: int | None  # at most so many; None: any
    minimum: Decimal | None
    maximum: Decimal | None
    within: bool  # the numerator is part of the denominator
    calendar_id: int
    split: bool  # its years are named after two calendar years
    frequency: str
    dimensions: tuple[str, ...] = ()
    community: bool = False
    name: str = ""


class Nearby:
    """“Did you mean …?”, for so many texts of a file; comparing has its price."""

    def __init__(self) -> None:
        self._asked = 0

    def of(self, text: str, known: Mapping[str, str]) -> str:
        """The question, or nothing. ``known`` maps each spelling to what is asked about then."""
        if self._asked >= SUGGESTED:
            return ""
        self._asked += 1
        found = nearest(text, known)
        return _("Did you mean %(name)s?") % {"name": known[found]} if found else ""


class IndicatorNames:
    """Finds an indicator by its code, or else by its name: case and blanks do not matter.

    A name that two have is asked about. What was read by a name is noted, for the report.
    """

    def __init__(self, by_code: Mapping[str, IndicatorKey]) -> None:
        self.by_code = by_code
        self.read: dict[str, str] = {}  # the names that were written, each with its code
        self._found: dict[str, IndicatorKey | Missed] = {}
        self._by_name: dict[str, list[IndicatorKey]] = defaultdict(list)
        for each in by_code.values():
            for name in dict.fromkeys((fold(each.code), fold(each.name))):
                self._by_name[name].append(each)

    def find(self, text: str, nearby: Nearby) -> IndicatorKey | Missed:
        """The indicator that ``text`` names, or why it names none."""
        found = self.by_code.get(text) or self._found.get(text)
        if found is None:
            found = self._find(tidy(text), nearby)
            if len(self._found) < REMEMBERED:
                self._found[text] = found
        return found

    def _find(self, text: str, nearby: Nearby) -> IndicatorKey | Missed:
        if text in self.by_code:
            return self.by_code[text]
        if not text:
            return Missed(Code.INDICATOR, _("The indicator is missing."), _("Give its code."))
        named = self._by_name.get(fold(text), [])
        if len(named) == 1:
            if len(self.read) < TOLD:
                self.read[shown(text)] = named[0].code
            return named[0]
        if named:
            return Missed(
                Code.INDICATOR,
                _("Several indicators may be meant by “%(name)s”.") % {"name": shown(text)},
                _("Use the code: %(codes)s.")
                % {"codes": ", ".join(sorted(each.code for each in named))},
            )
        return Missed(
            Code.INDICATOR,
            _("There is no indicator with the code or name “%(code)s”.") % {"code": shown(text)},
            nearby.of(text, self._spelled()) or self._known(),
        )

    def _spelled(self) -> dict[str, str]:
        spelled = {each.name: _called(each) for each in self.by_code.values() if each.name}
        return spelled | {code: _called(each) for code, each in self.by_code.items()}

    def _known(self) -> str:
        if not self.by_code:
            return _("No indicator is agreed yet.")
        known = [_called(each) for each in self.by_code.values()]
        more = "…" if len(known) > LISTED else "."
        return _("There are: %(names)s") % {"names": ", ".join(known[:LISTED])} + more


def _called(indicator: IndicatorKey) -> str:
    """The code, with the name behind it where that says more."""
    if not indicator.name or fold(indicator.name) == fold(indicator.code):
        return indicator.code
    return f"{indicator.code} ({indicator.name})"

"""What the codes in a file name: organizations, indicators, periods, categories.

Each look-up answers with what was found or with a :class:`Missed`: code, rule, what would be
right. A file names the same few things over and over, so each answer is remembered.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from measures.imports import ways
from measures.imports.indicators import (
    REMEMBERED,
    TOLD,
    IndicatorKey,
    IndicatorNames,
    Missed,
    Nearby,
)
from measures.imports.names import code_of, fold, tidy, undated
from measures.imports.periods import SPLIT, YEAR, Grain, days, days_about, of_short_year, readings
from measures.imports.problems import Code, Problem, shown

Given = tuple[tuple[str, str], ...]
"""The dimensions a row speaks of, each with its text."""


@dataclass(frozen=True, slots=True)
class PeriodKey:
    id: int
    code: str
    start: date
    end: date  # the first day after it


@dataclass(frozen=True, slots=True)
class DimensionKey:
    """A dimension's categories. ``not_stated`` is what a blank means beside another's value."""

    name: str
    categories: Mapping[str, int]  # by folded code and folded name
    labels: Sequence[str]  # what to write
    not_stated: int | None


@dataclass(frozen=True, slots=True)
class RoundKey:
    """Why a period cannot be reported on now; an open round has no reason."""

    id: int
    closed: str = ""
    hint: str = ""


@dataclass(slots=True)
class Keys:
    """Everything a file may name, in one initiative, for one reader."""

    organizations: Mapping[str, int]  # by code
    names: Mapping[str, Sequence[str]]  # codes, by folded name
    spelled: Sequence[str]  # the names as they are written
    indicators: Mapping[str, IndicatorKey]
    periods: Mapping[tuple[int, str], Mapping[str, PeriodKey]]  # by calendar and frequency
    rounds: Mapping[int, RoundKey]  # by period
    dimensions: Mapping[str, DimensionKey]  # by code
    cells: Mapping[frozenset[int], int]  # the finest cells, by their categories
    today: date
    own: frozenset[int] | None = None  # organizations the reader may report for; None: all
    assigned: Mapping[tuple[int, int], Sequence[tuple[date, date]]] = field(default_factory=dict)
    _organizations: dict[tuple[str, str], int | Missed] = field(default_factory=dict)
    _periods: dict[tuple[int, str, str], PeriodKey | Missed] = field(default_factory=dict)
    _cells: dict[tuple[int | None, Given], tuple[int | None, tuple[Problem, ...]]] = field(
        default_factory=dict
    )
    _nearby: Nearby = field(default_factory=Nearby)
    _by_names: dict[str, str] = field(default_factory=dict)
    _named: IndicatorNames = field(init=False)

    def __post_init__(self) -> None:
        self._named = IndicatorNames(self.indicators)

    # --- organizations ------------------------------------------------------------------------

    def organization_by_code(self, text: str) -> int | Missed:
        found = self.organizations.get(text)
        if found is not None and self.own is None:
            return found
        return self._remember("code", text, self._by_code)

    def organization_by_name(self, text: str) -> int | Missed:
        return self._remember("name", text, self._by_name)

    def _remember(self, kind: str, text: str, find: Callable[[str], int | Missed]) -> int | Missed:
        key = (kind, text)
        found = self._organizations.get(key)
        if found is None:
            found = find(tidy(text))
            if isinstance(found, int) and self.own is not None and found not in self.own:
                found = Missed(
                    Code.ORG,
                    _("You may not report for %(code)s.") % {"code": shown(text.strip())},
                    self._own_hint(),
                )
            if len(self._organizations) < REMEMBERED:
                self._organizations[key] = found
        return found

    def _own_hint(self) -> str:
        if self.own is None:
            return ""
        own = [code for code, id_ in self.organizations.items() if id_ in self.own]
        return _("Report for: %(codes)s.") % {"codes": ", ".join(own)}

    def _by_code(self, text: str) -> int | Missed:
        if text in self.organizations:
            return self.organizations[text]
        if not text:
            return Missed(Code.ORG, _("The organization is missing."), _("Give its code."))
        if fold(text) in self.names:  # a column “organization” may hold names
            return self._named_for_a_code(text)
        return Missed(
            Code.ORG,
            _("There is no organization with the code “%(code)s”.") % {"code": shown(text)},
            self._nearby.of(text, self._called()) or self._own_hint() or ways.not_one(),
        )

    def _named_for_a_code(self, text: str) -> int | Missed:
        """An organization by its name, unless what is written is nearly another's code."""
        found = self._by_name(text)
        if isinstance(found, Missed):
            return found
        alike = [
            code
            for code, id_ in self.organizations.items()
            if fold(code) == fold(text) and id_ != found
        ]
        if alike:
            codes = [*alike, *self.names[fold(text)]]
            return Missed(
                Code.ORG,
                _("Several organizations may be meant by “%(name)s”.") % {"name": shown(text)},
                _("Use the code: %(codes)s.") % {"codes": ", ".join(codes)},
            )
        if len(self._by_names) < TOLD:
            self._by_names[shown(text)] = self.names[fold(text)][0]
        return found

    def _called(self) -> dict[str, str]:
        """How organizations may be written, each with the code that was meant."""
        by_name = {
            name: f"{codes[0]} ({name})"
            for name in self.spelled
            if len(codes := self.names.get(fold(name), ())) == 1
        }
        return by_name | {code: code for code in self.organizations}

    def _by_name(self, text: str) -> int | Missed:
        if not text:
            return Missed(Code.ORG, _("The organization is missing."), _("Give its name."))
        codes = self.names.get(fold(text), ())
        if len(codes) == 1:
            return self.organizations[codes[0]]
        if codes:
            return Missed(
                Code.ORG,
                _("Several organizations are named “%(name)s”.") % {"name": shown(text)},
                _("Use organization_code: %(codes)s.") % {"codes": ", ".join(codes)},
            )
        return Missed(
            Code.ORG,
            _("There is no organization named “%(name)s”.") % {"name": shown(text)},
            self._near(text, self.spelled) or self._own_hint() or ways.not_one(),
        )

    # --- indicators ---------------------------------------------------------------------------

    def indicator(self, text: str) -> IndicatorKey | Missed:
        return self._named.find(text, self._nearby)

    def told(self) -> list[str]:
        """What was given by a name and read as a code, for the report."""
        found = []
        for label, read in (
            (_("Indicators given by their names"), self._named.read),
            (_("Organizations given by their names"), self._by_names),
        ):
            if read:
                pairs = "; ".join(f"“{name}” = {code}" for name, code in read.items())
                found.append(f"{label}: {pairs}{'; …' if len(read) >= TOLD else ''}")
        return found

    # --- periods ------------------------------------------------------------------------------

    def period(self, text: str, indicator: IndicatorKey | None) -> PeriodKey | Missed:
        """The period ``text`` names in the calendar of ``indicator``, if it may be reported."""
        key = (indicator.calendar_id, indicator.frequency, text) if indicator else (0, "", text)
        found = self._periods.get(key)
        if found is None:
            found = self._period(tidy(text), indicator)
            if len(self._periods) < REMEMBERED:
                self._periods[key] = found
        return found

    def _period(self, text: str, indicator: IndicatorKey | None) -> PeriodKey | Missed:
        if not text:
            return Missed(Code.PERIOD, _("The period is missing."), _("For example 2026-Q1."))
        grains = list(readings(text))
        if indicator is None:
            known = any(text in periods for periods in self.periods.values()) or grains
            return PeriodKey(0, text, date.min, date.min) if known else self._no_period(text, {})
        periods = self.periods.get((indicator.calendar_id, indicator.frequency), {})
        found = periods.get(text)
        if found is None:
            wanted = (
                {SPLIT}
                if indicator.split and indicator.frequency == YEAR
                else {indicator.frequency}
            )
            meant = [grain for grain in grains if grain.frequency in wanted]
            if not meant:
                return self._no_period(text, periods, grains, indicator)
            found = periods.get(code_of(meant[0]))
            if found is None:
                return Missed(
                    Code.PERIOD,
                    _("%(period)s is not in the calendar of %(code)s.")
                    % {"period": code_of(meant[0]), "code": indicator.code},
                    ways.reach(
                        list(periods),
                        has_begun=meant[0].year <= self.today.year,
                        collects=self.own is None,
                    ),
                )
        if found.start > self.today:
            return Missed(
                Code.PERIOD,
                _("%(period)s lies in the future: it begins on %(date)s.")
                % {"period": found.code, "date": date_format(found.start)},
                _("Report it once it has begun."),
            )
        return found

    def _no_period(
        self,
        text: str,
        periods: Mapping[str, PeriodKey],
        grains: Sequence[Grain] = (),
        indicator: IndicatorKey | None = None,
    ) -> Missed:
        if grains and indicator is not None:
            return Missed(
                Code.PERIOD,
                _("%(code)s is collected by %(frequency)s, and “%(text)s” is none.")
                % {
                    "code": indicator.code,
                    "frequency": indicator.frequency.replace("_", " "),
                    "text": shown(text),
                },
                _around(days_about(grains), periods) or self._example(periods),
            )
        return Missed(
            Code.PERIOD,
            _("“%(text)s” is no period.") % {"text": shown(text)},
            _around(days(text), periods, _("It is a date. Write the period: %(codes)s."))
            or _of_short_year(text, periods)
            or self._near(text, periods)
            or self._example(periods)
            or _("For example 2026-Q1, 2026-01 or 2026."),
        )

    def _example(self, periods: Mapping[str, PeriodKey]) -> str:
        begun = [code for code, each in periods.items() if each.start <= self.today]
        return _("For example %(period)s.") % {"period": begun[-1]} if begun else ""

    def closed_to(
        self, organization_id: int, indicator: IndicatorKey, period: PeriodKey
    ) -> Iterator[tuple[str, Missed]]:
        """Why a known organization cannot report a known indicator now, with the column."""
        round_ = self.rounds.get(period.id)
        if round_ is None:
            yield (
                "period",
                Missed(
                    Code.LOCKED,
                    _("No round collects %(period)s.") % {"period": period.code},
                    ways.open_one(collects=self.own is None),
                ),
            )
        elif round_.closed:
            yield "period", Missed(Code.LOCKED, round_.closed, round_.hint)
        spans = self.assigned.get((organization_id, indicator.id), ())
        if not any(since <= period.start and period.end <= until for since, until in spans):
            yield (
                "indicator_code",
                Missed(
                    Code.ASSIGNMENT,
                    _("This organization is not asked for %(code)s in %(period)s.")
                    % {"code": indicator.code, "period": period.code},
                    ways.assign_it(collects=self.own is None),
                ),
            )

    # --- categories ---------------------------------------------------------------------------

    def cell(
        self, indicator: IndicatorKey | None, given: Given
    ) -> tuple[int | None, tuple[Problem, ...]]:
        """The cell of some dimensions' texts; a dimension left blank means *not stated*."""
        key = (indicator.id if indicator else None, given)
        found = self._cells.get(key)
        if found is None:
            found = self._cell(indicator, given)
            if len(self._cells) < REMEMBERED:
                self._cells[key] = found
        return found

    def _cell(
        self, indicator: IndicatorKey | None, given: Given
    ) -> tuple[int | None, tuple[Problem, ...]]:
        problems: list[Problem] = []
        chosen: dict[str, int] = {}
        for code, text in given:
            dimension = self.dimensions[code]
            category = dimension.categories.get(fold(text))
            if category is None:
                problems.append(
                    Problem(
                        Code.CATEGORY,
                        code,
                        text.strip(),
                        _("%(dimension)s has no category “%(text)s”.")
                        % {"dimension": dimension.name, "text": shown(text.strip())},
                        self._near_category(text, dimension.labels),
                    )
                )
            elif indicator is not None and code not in indicator.dimensions:
                problems.append(
                    Problem(
                        Code.CATEGORY,
                        code,
                        text.strip(),
                        _("%(code)s is not broken down by %(dimension)s.")
                        % {"code": indicator.code, "dimension": dimension.name},
                        _("Leave this cell empty."),
                    )
                )
            else:
                chosen[code] = category
        if problems or indicator is None:
            return None, tuple(problems)
        categories = frozenset(
            category
            for code in indicator.dimensions
            if (category := chosen.get(code, self.dimensions[code].not_stated)) is not None
        )
        return self.cells[categories], ()

    def _near_category(self, text: str, labels: Sequence[str]) -> str:
        for guess in undated(text):
            if guess in labels:
                return _("A spreadsheet made a date of it. Write %(label)s, as text.") % {
                    "label": guess
                }
        near = self._near(tidy(text), labels)
        return near or _("It has: %(labels)s. Leave it empty for the total.") % {
            "labels": ", ".join(labels[:12])
        }

    # --- suggestions --------------------------------------------------------------------------

    def _near(self, text: str, known: Collection[str]) -> str:
        return self._nearby.of(text, {each: each for each in known})


def _of_short_year(text: str, periods: Mapping[str, PeriodKey]) -> str:
    codes = [code for each in of_short_year(text) if (code := code_of(each)) in periods]
    return ways.in_four_digits(codes) if codes else ""


def _around(found: Iterable[date], periods: Mapping[str, PeriodKey], words: str = "") -> str:
    """The periods that some days lie in, as what to write in place of a text."""
    around = [
        each.code for day in found for each in periods.values() if each.start <= day < each.end
    ]
    if not around:
        return ""
    codes = _(" or ").join(dict.fromkeys(around))
    return (words or _("Do you mean %(codes)s?")) % {"codes": codes}

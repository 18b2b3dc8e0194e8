"""One indicator's numbers over time, and how they are said."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from initiatives.templatetags.concert import number, signed
from measures.arithmetic import Progress, progress, quotient
from measures.choices import Direction
from measures.models import Indicator, IndicatorVersion


def coverage_of(reported: int, expected: int) -> str:
    """Who reported, of whom: never clamped, since more than all is a finding."""
    words = _("%(reported)s of %(expected)s reported") % {
        "reported": number(reported),
        "expected": number(expected),
    }
    share = quotient(Decimal(reported), Decimal(expected), Decimal(100))
    return words if share is None else f"{words} ({number(share, 0)} %)"


def coverage_then(before: tuple[int, int], now: tuple[int, int]) -> str:
    """Who reported in the period compared with, where it was not as many of as many as now.

    A sum that grew because more organizations reported is no growth: who compares is told.
    """
    return "" if before == now else _("when %(coverage)s") % {"coverage": coverage_of(*before)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A rollup: a number of one period, and what it rests on."""

    indicator_id: int
    period_id: int
    period: str
    starts_on: date
    ends_on: date
    version_id: int
    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None
    expected: int
    reported: int
    late: int
    estimated: int
    suppressed: int
    missing: int
    stale: int
    oldest_input_at: datetime | None
    status: str
    reason: str
    computed_at: datetime

    @property
    def coverage(self) -> str:
        return coverage_of(self.reported, self.expected)

    @property
    def remarks(self) -> list[str]:
        """What a careful reader wants to know before quoting the number."""
        counted = [
            (self.late, _("%(count)s came late")),
            (self.estimated, _("%(count)s estimated")),
            (self.suppressed, _("%(count)s suppressed by the source")),
            (self.missing, _("%(count)s said to be missing")),
            (self.stale, _("carried forward over %(count)s periods")),
        ]
        found = [words % {"count": number(count)} for count, words in counted if count]
        if self.reason:
            found.append(_("not added up over %(axis)s: refused") % {"axis": self.reason})
        if self.status == "provisional":
            found.append(_("provisional"))
        return found


class Goal(NamedTuple):
    """A target: in force from its period on, until a later period has one."""

    period: str
    starts_on: date
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    frequency: str = ""


class Verdict(NamedTuple):
    """A pill: tone, icon and words."""

    tone: str
    icon: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One indicator's line over time, for the initiative or for one organization."""

    indicator: Indicator
    points: tuple[Point, ...]
    goals: tuple[Goal, ...] = ()
    baseline: Decimal | None = None
    versions: tuple[IndicatorVersion, ...] = ()
    whole: "Figure | None" = None  # everyone's, beside one organization's

    @property
    def latest(self) -> Point | None:
        """The last period with a number; if none has one, the last period."""
        known = tuple(point for point in self.points if point.value is not None)
        shown = known or self.points
        return shown[-1] if shown else None

    @property
    def previous(self) -> Point | None:
        latest = self.latest
        known = [p for p in self.points if p.value is not None and p is not latest]
        return known[-1] if known else None

    @property
    def value(self) -> str:
        latest = self.latest
        return "" if latest is None or latest.value is None else self.plain(latest.value)

    def plain(self, value: Decimal | None) -> str:
        return number(value, self.indicator.decimals)

    def said(self, value: Decimal | None) -> str:
        """A value with its unit."""
        text, unit = self.plain(value), self.indicator.unit
        return f"{text} {unit}" if unit and value is not None else text

    @property
    def change(self) -> str:
        """Against the period before, unless the definition changed in between."""
        latest, previous = self.latest, self.previous
        if not latest or not previous or latest.value is None or previous.value is None:
            return ""
        if latest.version_id != previous.version_id:
            return _("not compared with %(period)s: the definition changed") % {
                "period": previous.period
            }
        difference = latest.value - previous.value
        words = _("%(change)s since %(period)s") % {
            "change": signed(difference, self.indicator.decimals) if difference else _("unchanged"),
            "period": previous.period,
        }
        return ", ".join(each for each in (words, self.then) if each)

    @property
    def then(self) -> str:
        """Who reported in the period before, unless it was as many of as many as in the latest."""
        latest, previous = self.latest, self.previous
        if not latest or not previous:
            return ""
        return coverage_then(
            (previous.reported, previous.expected), (latest.reported, latest.expected)
        )

    @property
    def sentence(self) -> str:
        """The number as one would say it."""
        latest = self.latest
        if latest is None or latest.value is None:
            return _("No accepted number yet.")
        parts = [
            _("%(value)s in %(period)s")
            % {"value": self.said(latest.value), "period": latest.period}
        ]
        if self.change:
            parts.append(self.change)
        return f"{', '.join(parts)}; {latest.coverage}."

    @property
    def movement(self) -> str:
        """The change in words: how much up or down, in points where the unit is a share."""
        latest, previous = self.latest, self.previous
        if not latest or not previous or latest.value is None or previous.value is None:
            return ""
        if latest.version_id != previous.version_id:
            return self.change
        difference = latest.value - previous.value
        amount = self.plain(abs(difference))
        if self.indicator.unit == "%":
            amount = _("%(amount)s points") % {"amount": amount}
        words = _("unchanged since %(period)s")
        if difference:
            words = (
                _("%(amount)s up since %(period)s")
                if difference > 0
                else _("%(amount)s down since %(period)s")
            )
        words %= {"amount": amount, "period": previous.period}
        return ", ".join(each for each in (words, self.then) if each)

    @property
    def headline(self) -> str:
        """Value, change, coverage and target in one line."""
        latest = self.latest
        if latest is None or latest.value is None:
            return _("No accepted number yet.")
        first = _("%(value)s in %(period)s") % {
            "value": self.said(latest.value),
            "period": latest.period,
        }
        told = ", ".join(words for words in (first, self.movement) if words)
        return "; ".join(words for words in (told, latest.coverage, self.goal_words) if words) + "."

    def goal_at(self, day: date) -> Goal | None:
        """The target in force on a day."""
        begun = [goal for goal in self.goals if goal.starts_on <= day]
        return begun[-1] if begun else None

    @property
    def goal(self) -> Goal | None:
        """The target in force at the latest number, else the first one to come."""
        if self.latest is None:
            return self.goals[-1] if self.goals else None
        return self.goal_at(self.latest.starts_on) or (self.goals[0] if self.goals else None)

    @property
    def summary(self) -> str:
        """What stands under the number: period, coverage, change, target."""
        latest = self.latest
        if latest is None:
            return self.goal_words
        said = [latest.period, self.change, latest.coverage, self.goal_words]
        return " · ".join(words for words in said if words)

    @property
    def goal_words(self) -> str:
        return self.aim(self.goal)

    def aim(self, goal: Goal | None) -> str:
        """A target in words."""
        if goal is None:
            return ""
        value, unit = self.bounds(goal), self.indicator.unit
        value = f"{value} {unit}" if unit else value
        return _("target %(value)s from %(period)s") % {"value": value, "period": goal.period}

    def bounds(self, goal: Goal | None) -> str:
        """A target's number, or its range."""
        if goal is None:
            return ""
        if goal.value is not None:
            return self.plain(goal.value)
        return f"{self.plain(goal.low)} … {self.plain(goal.high)}"

    @property
    def progress(self) -> Progress | None:
        latest, goal = self.latest, self.goal
        if latest is None or latest.value is None or goal is None:
            return None
        if self.indicator.direction == Direction.MAINTAIN:
            low, high = (
                (goal.value, goal.value) if goal.value is not None else (goal.low, goal.high)
            )
            return progress("maintain", latest.value, low=low, high=high)
        if goal.value is None:
            return None
        return progress(
            self.indicator.direction, latest.value, target=goal.value, baseline=self.baseline
        )

    @property
    def verdict(self) -> Verdict | None:
        """How far it is, as icon and words."""
        found = self.progress
        if found is None:
            return None
        if found.met:
            return Verdict("good", "check", _("target met"))
        if found.share is None:
            away = "" if found.distance is None else self.said(found.distance)
            words = _("%(distance)s outside the range") % {"distance": away}
            return Verdict("warn", "warning", words if away else _("target not met"))
        words = _("%(share)s %% of the way") % {"share": number(found.share * 100, 0)}
        tone = "bad" if found.share < 0 else "warn"
        return Verdict(tone, "warning" if tone == "bad" else "ring", words)

    @property
    def values(self) -> list[Decimal | None]:
        return [point.value for point in self.points]

    @property
    def goal_values(self) -> list[Decimal | None]:
        """The target in force at each point: the steps."""
        goals = [self.goal_at(point.starts_on) for point in self.points]
        return [goal.value if goal else None for goal in goals]

    @property
    def has_aims(self) -> bool:
        """Whether a target was in force in any of the periods."""
        return any(self.goal_at(point.starts_on) for point in self.points)

    @property
    def has_remarks(self) -> bool:
        return any(point.remarks for point in self.points)

    @property
    def rows(self) -> list[tuple[Point, str, str, str]]:
        """Newest first: the point, its value, its target and everyone's number in words."""
        beside = {point.period_id: point.value for point in self.whole.points} if self.whole else {}
        return [
            (
                point,
                self.plain(point.value),
                self.bounds(self.goal_at(point.starts_on)),
                self.plain(beside.get(point.period_id)),
            )
            for point in reversed(self.points)
        ]

    @property
    def version(self) -> IndicatorVersion | None:
        """The definition that the latest number was computed by."""
        latest = self.latest
        return next((v for v in self.versions if latest and v.pk == latest.version_id), None)

"""One indicator's numbers over time, and how they are said."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.utils.translation import gettext as _

from initiatives.templatetags.concert import number, signed
from measures.arithmetic import Progress, in_force, progress
from measures.choices import Direction, IndicatorKind, OrganizationOperator
from measures.models import Indicator, IndicatorVersion
from measures.selectors.aims import Goal, Start, Verdict
from measures.selectors.coverage import Point, Row, are_comparable, coverage_then, reported_of
from measures.selectors.drawn import Drawn, draw


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One indicator's line over time, for the initiative or for one organization."""

    indicator: Indicator
    points: tuple[Point, ...]
    goals: tuple[Goal, ...] = ()
    baseline: Start | None = None
    versions: tuple[IndicatorVersion, ...] = ()
    whole: "Figure | None" = None  # everyone's, beside one organization's

    @cached_property
    def known(self) -> tuple[Point, ...]:
        """The points with a number."""
        return tuple(point for point in self.points if point.value is not None)

    @cached_property
    def sound(self) -> tuple[Point, ...]:
        """The numbers to go by: the well covered ones; if none is, all there are."""
        return tuple(point for point in self.known if point.is_well_covered) or self.known

    @cached_property
    def latest(self) -> Point | None:
        """The headline: the newest number to go by; if there is none, the last period."""
        shown = self.sound or self.points
        return shown[-1] if shown else None

    @cached_property
    def previous(self) -> Point | None:
        return self.sound[-2] if len(self.sound) > 1 else None

    @property
    def newest(self) -> Point | None:
        """The newest period for which anybody reported, however few; if there is none, the last."""
        shown = self.known or self.points
        return shown[-1] if shown else None

    @property
    def incoming(self) -> str:
        """In words, a newer period than the headline's of which too little is there."""
        latest, newest = self.latest, self.newest
        if latest is None or newest is None or newest.starts_on <= latest.starts_on:
            return ""
        return _("%(period)s is coming in: %(coverage)s") % {
            "period": newest.period,
            "coverage": reported_of(newest.reported, newest.expected),
        }

    @property
    def value(self) -> str:
        latest = self.latest
        return "" if latest is None or latest.value is None else self.plain(latest.value)

    @property
    def unit(self) -> str:
        """The unit of what ``value`` says, if it says anything."""
        return self.indicator.unit if self.known else ""

    def plain(self, value: Decimal | None) -> str:
        return number(value, self.indicator.decimals)

    def said(self, value: Decimal | None) -> str:
        """A value with its unit."""
        text, unit = self.plain(value), self.indicator.unit
        return f"{text} {unit}" if unit and value is not None else text

    @property
    def is_redefined(self) -> bool:
        """Whether the definition changed between the latest number and the one before."""
        latest, previous = self.latest, self.previous
        return bool(latest and previous and latest.version_id != previous.version_id)

    @property
    def is_alike(self) -> bool:
        """Whether about as large a share reported the latest number and the one before."""
        latest, previous = self.latest, self.previous
        return bool(latest and previous and are_comparable(previous.who, latest.who))

    @cached_property
    def step(self) -> Decimal | None:
        """The change against the period before.

        None where the definition changed in between, or where others reported then.
        """
        latest, previous = self.latest, self.previous
        if not latest or not previous or self.is_redefined or not self.is_alike:
            return None
        if latest.value is None or previous.value is None:
            return None
        return latest.value - previous.value

    @property
    def difference(self) -> str:
        """The change as a signed number; nothing where none is known."""
        return "" if self.step is None else signed(self.step, self.indicator.decimals)

    @property
    def change(self) -> str:
        """The change in short, and who reported then; or why there is none."""
        if self.step is None or self.previous is None:
            return self._not_compared
        step = self.difference
        if self.indicator.unit == "%":
            step = _("%(amount)s points") % {"amount": step}
        words = _("%(change)s since %(period)s") % {
            "change": step if self.step else _("unchanged"),
            "period": self.previous.period,
        }
        return ", ".join(each for each in (words, self.then) if each)

    @property
    def _not_compared(self) -> str:
        """Why there is no change, with the number before where that is of others."""
        previous = self.previous
        if previous is None:
            return ""
        if self.is_redefined:
            words = _("not compared with %(period)s: the definition changed")
            return words % {"period": previous.period}
        words = _("%(value)s in %(period)s, %(then)s")
        value = self.said(previous.value)
        return words % {"value": value, "period": previous.period, "then": self.then}

    @property
    def then(self) -> str:
        """Who reported in the period before, unless it was as many of as many as in the latest."""
        latest, previous = self.latest, self.previous
        if not latest or not previous:
            return ""
        return coverage_then(previous.who, latest.who)

    @property
    def coverage(self) -> str:
        """Who reported the latest number; an organization's own is one of one, which nobody asks."""
        return self.latest.coverage if self.latest and self.whole is None else ""

    @property
    def sentence(self) -> str:
        """The number as one would say it."""
        latest = self.latest
        if latest is None or latest.value is None:
            return self.nothing
        return self._told(self.change, self.coverage)

    @property
    def nothing(self) -> str:
        """What is said where there is no number to say."""
        return _("No accepted number yet.")

    @property
    def _then_incoming(self) -> str:
        return f" {self.incoming}." if self.incoming else ""

    @property
    def movement(self) -> str:
        """The change in words: how much up or down, in points where the unit is a share."""
        if self.step is None or self.previous is None:
            return self._not_compared
        amount = self.plain(abs(self.step))
        if self.indicator.unit == "%":
            amount = _("%(amount)s points") % {"amount": amount}
        words = _("unchanged since %(period)s")
        if self.step:
            words = (
                _("%(amount)s up since %(period)s")
                if self.step > 0
                else _("%(amount)s down since %(period)s")
            )
        words %= {"amount": amount, "period": self.previous.period}
        return ", ".join(each for each in (words, self.then) if each)

    @property
    def headline(self) -> str:
        """Value, change, coverage and target in one line."""
        latest = self.latest
        if latest is None or latest.value is None:
            return self.nothing
        return self._told(self.movement, latest.coverage, self.start_words, self.goal_words)

    def _told(self, change: str, coverage: str, *more: str) -> str:
        """The latest number in a sentence; a number that it is not compared with stands apart."""
        latest = self.latest
        if latest is None:
            return ""
        first = _("%(value)s in %(period)s") % {
            "value": self.said(latest.value),
            "period": latest.period,
        }
        if self.step is None:
            parts = [first, coverage, change, *more]
        else:
            parts = [f"{first}, {change}", coverage, *more]
        return f"{'; '.join(words for words in parts if words)}.{self._then_incoming}"

    def goal_at(self, day: date) -> Goal | None:
        """The target in force on a day."""
        return in_force(self.goals, day)

    @cached_property
    def goal(self) -> Goal | None:
        """The target in force at the latest number: one set for later judges nothing earlier."""
        return self.goal_at(self.latest.starts_on) if self.latest else None

    @property
    def coming_goal(self) -> Goal | None:
        """The first target to come, where none is in force yet."""
        return self.goals[0] if self.goals and self.goal is None else None

    @property
    def coming(self) -> str:
        """The same in words."""
        words, first = _("first target %(value)s from %(period)s"), self.coming_goal
        return words % {"period": first.period, "value": self._bounded(first)} if first else ""

    @property
    def notes(self) -> list[str]:
        """What stands under the number, a line each."""
        first = (self.latest.period, self.coverage) if self.latest else ()
        said = [
            " · ".join(words for words in first if words),
            *(self.change, self.start_words, self.goal_words, self.incoming),
            *(self.latest.notes_in_short if self.latest else ()),
        ]
        return [words for words in said if words]

    @property
    def start_words(self) -> str:
        start = self.baseline
        return start.words(self.said) if start and start.is_whole else ""

    @property
    def goal_value(self) -> str:
        """The number, or range, of the target in force or of the first to come."""
        return self.bounds(self.goal or self.coming_goal)

    @property
    def goal_words(self) -> str:
        """The target in force in words, with what it was at first; or the first one to come."""
        goal = self.goal
        if goal is None:
            return self.coming
        said = {"value": self._bounded(goal), "period": goal.period}
        if goal.original is None:
            return _("target %(value)s from %(period)s") % said
        said["first"] = self.bounds(goal.original)
        return _("target %(value)s from %(period)s, at first %(first)s") % said

    def _bounded(self, goal: Goal) -> str:
        value, unit = self.bounds(goal), self.indicator.unit
        return f"{value} {unit}" if unit else value

    def bounds(self, goal: Goal | None) -> str:
        """A target's number, or its range."""
        if goal is None:
            return ""
        if goal.value is not None:
            return self.plain(goal.value)
        return f"{self.plain(goal.low)} … {self.plain(goal.high)}"

    def progress_to(self, goal: Goal | None) -> Progress | None:
        """How far the latest number is on its way to a target."""
        latest = self.latest
        if latest is None or latest.value is None or goal is None:
            return None
        if self.indicator.direction == Direction.MAINTAIN:
            return progress("maintain", latest.value, low=goal.least, high=goal.most)
        if goal.value is None:
            return None
        start = self.baseline.value if self.baseline else None
        return progress(self.indicator.direction, latest.value, target=goal.value, baseline=start)

    @property
    def is_sum(self) -> bool:
        """Whether more organizations make the number larger."""
        version = self.version
        averaged = version is not None and version.organizations == OrganizationOperator.MEAN
        return self.indicator.kind in {IndicatorKind.COUNT, IndicatorKind.STOCK} and not averaged

    def can_judge(self, point: Point, *, met: bool) -> bool:
        """Whether a point can be held against its target, however the missing ones report.

        A sum only once all reported, or where more is better, enough is there and nothing can be
        taken away again; a ratio or a mean once it is well covered.
        """
        if point.is_complete:
            return True
        if not self.is_sum:
            return point.is_well_covered
        least = self.indicator.minimum
        only_grows = least is not None and least >= 0
        return met and only_grows and self.indicator.direction == Direction.INCREASE

    @cached_property
    def verdict(self) -> Verdict | None:
        """How far it is to the target in force, as icon and words."""
        return self._held_against(self.goal)

    @property
    def first_verdict(self) -> Verdict | None:
        """How far it is to what the target was at first, where it was revised since."""
        return self._held_against(self.goal.original if self.goal else None)

    def _held_against(self, goal: Goal | None) -> Verdict | None:
        found, latest = self.progress_to(goal), self.latest
        if found is None or latest is None:
            return None
        if not self.can_judge(latest, met=found.met):
            words = _("too early to judge: %(coverage)s") % {
                "coverage": reported_of(latest.reported, latest.expected)
            }
            return Verdict("info", "clock", words, _("too early to judge"))
        judged = self._judged(found)
        if latest.is_complete or (self.is_sum and found.met):
            return judged
        so_far = _("%(verdict)s so far")
        brief = judged.brief and so_far % {"verdict": judged.brief}
        words = so_far % {"verdict": judged.words}
        return judged._replace(words=words, brief=brief, is_so_far=True)

    def _judged(self, found: Progress) -> Verdict:
        if found.met:
            return Verdict("good", "check", _("target met"))
        if found.share is None:
            away = "" if found.distance is None else self.said(found.distance)
            words = _("%(distance)s outside the range") % {"distance": away}
            return Verdict("warn", "warning", words if away else _("target not met"))
        words = _("%(share)s %% of the way") % {"share": number(found.share * 100, 0)}
        if found.share < 0:
            return Verdict("bad", "warning", words, _("farther than at the start"))
        return Verdict("warn", "ring", words)

    @cached_property
    def drawn(self) -> Drawn:
        """What a drawing of it is made of, with the target in force at each point."""
        goals = [self.goal_at(point.starts_on) for point in self.points]
        return draw(self.points, self.sound, goals)

    @property
    def has_aims(self) -> bool:
        """Whether a target was in force in any of the periods."""
        return any(self.goal_at(point.starts_on) for point in self.points)

    @property
    def has_remarks(self) -> bool:
        return any(self.remarks_on(index) for index in range(len(self.points)))

    def remarks_on(self, index: int) -> list[str]:
        """What is to be known of a point, also that another definition holds from it on."""
        found = self.points[index].remarks
        changed = index - 1 in self.drawn.breaks
        return [*found, _("the definition changed: not to be compared")] if changed else found

    @property
    def noted(self) -> list[Point]:
        """The points beside whose facts something was noted, newest first."""
        return [point for point in reversed(self.points) if point.notes]

    @property
    def rows(self) -> list[Row]:
        """The points as a table says them, newest first."""
        beside = {point.period_id: point for point in self.whole.points} if self.whole else {}
        return [
            Row(
                point,
                self.plain(point.value),
                self.bounds(self.goal_at(point.starts_on)),
                beside.get(point.period_id),
                self.plain(beside[point.period_id].value) if point.period_id in beside else "",
                self.remarks_on(index),
            )
            for index, point in reversed(list(enumerate(self.points)))
        ]

    @property
    def version(self) -> IndicatorVersion | None:
        """The definition that the latest number was computed by."""
        latest = self.latest
        return next((v for v in self.versions if latest and v.pk == latest.version_id), None)

"""When a series meets: a rule of RFC 5545, a wall time and a zone, and the instants they mean.

Occurrences are computed, never stored ahead. A wall time that the clocks skip moves forward by
what they skip (02:30 becomes 03:30); one that comes twice means the first.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

# What a rule may say. Nothing that meets more than once a day (an occurrence is named by its
# date), and no combination that never comes true, which would be searched for until the year 9999.
PARTS = {
    "DAILY": {"INTERVAL", "COUNT", "UNTIL"},
    "WEEKLY": {"INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"},
    "MONTHLY": {"INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYSETPOS", "WKST"},
    "YEARLY": {"INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYDAY", "BYMONTHDAY", "BYSETPOS", "WKST"},
}
SHAPES = {
    "FREQ": r"DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": r"[1-9]\d?",
    "COUNT": r"[1-9]\d{0,3}",
    "UNTIL": r"\d{8}",
    "BYDAY": r"(?:[+-]?[1-5])?(?:MO|TU|WE|TH|FR|SA|SU)(?:,(?:[+-]?[1-5])?(?:MO|TU|WE|TH|FR|SA|SU))*",
    "BYMONTHDAY": r"-?(?:[1-9]|[12]\d|3[01])(?:,-?(?:[1-9]|[12]\d|3[01]))*",
    "BYSETPOS": r"-?[1-5]",
    "BYMONTH": r"(?:[1-9]|1[0-2])",
    "WKST": r"MO|SU",
}
LONGEST_RULE = 200  # characters
AHEAD = timedelta(days=5 * 366)  # how far one can look


class RuleError(ValueError):
    """A rule that we do not take; the message says which part."""


class Rule(NamedTuple):
    """When a series meets. ``text`` empty: once."""

    text: str
    starts_on: date
    starts_at: time
    minutes: int
    zone: str


class Occurrence(NamedTuple):
    """One meeting of a series. ``day``: the date the rule gives it, its name for ever."""

    day: date
    starts_at: datetime  # UTC
    ends_at: datetime  # UTC


def check(text: str) -> str:
    """The rule in its plain form.

    :raises RuleError: we do not take it.
    """
    text = text.strip().upper().removeprefix("RRULE:")
    if not text:
        return ""
    if len(text) > LONGEST_RULE:
        raise RuleError("The rule is too long.")
    found = _parts(text)
    if "FREQ" not in found:
        raise RuleError("The rule does not say how often.")
    if extra := set(found) - PARTS[found["FREQ"]] - {"FREQ"}:
        raise RuleError(f"{min(extra)} does not go with {found['FREQ']}.")
    if {"COUNT", "UNTIL"} <= set(found):
        raise RuleError("The rule ends twice.")
    if found["FREQ"] == "WEEKLY" and re.search(r"\d", found.get("BYDAY", "")):
        raise RuleError("A number before a day needs a month or a year.")
    try:
        # Without its end: an UNTIL that is past says nothing against the rule.
        endless = ";".join(each for each in text.split(";") if not each.startswith("UNTIL="))
        first = next(iter(rrulestr(endless, dtstart=datetime(2000, 1, 1))), None)  # noqa: DTZ001
        rrulestr(text, dtstart=datetime(2000, 1, 1))  # noqa: DTZ001 - wall time
    except (ValueError, TypeError) as error:
        raise RuleError("The rule is not understood.") from error
    if first is None:  # it would be looked for until the year 9999, on every page
        raise RuleError("The rule never meets.")
    return text


def _parts(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.split(";") if part]
    found = {name: value for name, _equals, value in pairs}
    if len(found) != len(pairs):
        raise RuleError("A part of the rule is there twice.")
    for name, value in found.items():
        if name not in SHAPES or not re.fullmatch(SHAPES[name], value):
            raise RuleError(f"This part of the rule is not understood: {name[:20]}")
    return found


def days(rule: Rule, since: date, until: date) -> Iterator[date]:
    """The dates of ``rule`` in ``[since, until)``, by its own calendar.

    The first day of a series meets only if its rule says so.
    """
    if not rule.text:
        if since <= rule.starts_on < until:
            yield rule.starts_on
        return
    first = datetime.combine(rule.starts_on, time.min)
    found = rrulestr(rule.text, dtstart=first, cache=False)
    since = max(since, rule.starts_on)
    if since >= until:
        return
    after = found.xafter(datetime.combine(since, time.min), inc=True)
    last = datetime.combine(until, time.min)
    for each in takewhile(lambda moment: moment < last, after):
        yield each.date()


def occurrences(rule: Rule, since: datetime, until: datetime) -> Iterator[Occurrence]:
    """What of ``rule`` begins in ``[since, until)``, in order; at most five years of it."""
    until = min(until, since + AHEAD)
    zone = ZoneInfo(rule.zone)
    # A day before and after: the zone may be ahead of, or behind, the caller's.
    first = since.astimezone(zone).date() - timedelta(days=1)
    last = until.astimezone(zone).date() + timedelta(days=2)
    for day in days(rule, first, last):
        found = occurrence(rule, day)
        if since <= found.starts_at < until:
            yield found


def occurrence(rule: Rule, day: date) -> Occurrence:
    """The occurrence of ``rule`` that is named ``day``."""
    starts_at = instant(day, rule.starts_at, rule.zone)
    return Occurrence(day, starts_at, starts_at + timedelta(minutes=rule.minutes))


def meets_on(rule: Rule, day: date) -> bool:
    """Whether the rule has an occurrence of that name."""
    return day in days(rule, day, day + timedelta(days=1))


def instant(day: date, wall: time, zone: str) -> datetime:
    """The instant (UTC) of a wall time: skipped times move forward, doubled ones mean the first."""
    local = datetime.combine(day, wall.replace(fold=0), tzinfo=ZoneInfo(zone))
    # In a gap fold 0 uses the offset from before it, which is just the move forward.
    return local.astimezone(UTC)


def local_date(moment: datetime, zone: str) -> date:
    """The date of an instant where people are."""
    return moment.astimezone(ZoneInfo(zone)).date()

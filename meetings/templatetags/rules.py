"""When a series meets, in words."""

import re

from django import template
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.formats import date_format, time_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from meetings.models import MeetingSeries

register = template.Library()

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
NTH: dict[str, Promise] = {
    "1": gettext_lazy("first"),
    "2": gettext_lazy("second"),
    "3": gettext_lazy("third"),
    "4": gettext_lazy("fourth"),
    "5": gettext_lazy("fifth"),
    "-1": gettext_lazy("last"),
    "-2": gettext_lazy("last but one"),
}


# A day that not every month has, and the last one where it has not.
OR_LAST = re.compile(r"FREQ=MONTHLY;BYMONTHDAY=28,29(,30)?;BYSETPOS=-1")


@register.filter
def rule_words(series: MeetingSeries) -> str:
    """How often, at what time by which clock: "every second Tuesday of the month, 14:00 …"."""
    at = f"{time_format(series.starts_at, 'TIME_FORMAT')} {series.time_zone}"
    return f"{_often(series)}, {at}"


def _often(series: MeetingSeries) -> str:
    parts = dict(part.split("=") for part in series.rule.split(";") if part)
    if not parts:
        return _("once, on %(day)s") % {"day": date_format(series.starts_on, "DATE_FORMAT")}
    if {"COUNT", "UNTIL", "BYSETPOS"} & set(parts):
        return _or_last(parts) if OR_LAST.fullmatch(series.rule) else _own(series)
    step = int(parts.get("INTERVAL", "1"))
    if parts["FREQ"] == "DAILY":
        return ngettext("every day", "every %(step)d days", step) % {"step": step}
    if parts["FREQ"] == "WEEKLY":
        return _weekly(series, parts, step)
    if parts["FREQ"] == "MONTHLY":
        return _monthly(series, parts, step)
    return _yearly(series, parts, step)


def _weekly(series: MeetingSeries, parts: dict[str, str], step: int) -> str:
    days = parts.get("BYDAY", DAYS[series.starts_on.weekday()]).split(",")
    names = {"days": _listed([str(WEEKDAYS[DAYS.index(each)]) for each in days]), "step": step}
    if step == 1:
        return _("every %(days)s") % names
    return _("every %(step)d weeks on %(days)s") % names


def _monthly(series: MeetingSeries, parts: dict[str, str], step: int) -> str:
    day = parts.get("BYDAY", "")
    if day and "BYMONTHDAY" not in parts and day[:-2].lstrip("+") in NTH and "," not in day:
        said = {
            "nth": NTH[day[:-2].lstrip("+")],
            "day": WEEKDAYS[DAYS.index(day[-2:])],
            "step": step,
        }
        if step == 1:
            return _("every %(nth)s %(day)s of the month") % said
        return _("every %(step)d months on the %(nth)s %(day)s") % said
    number = parts.get("BYMONTHDAY", "" if day else str(series.starts_on.day))
    if number == "-1" and not day and step == 1:
        return _("on the last day of every month")
    if not number.isdecimal() or day:
        return _own(series)
    if step == 1:
        return _("on day %(number)s of every month") % {"number": number}
    return _("on day %(number)s, every %(step)d months") % {"number": number, "step": step}


def _or_last(parts: dict[str, str]) -> str:
    number = parts["BYMONTHDAY"].rpartition(",")[2]
    return _("on day %(number)s of every month, or its last day") % {"number": number}


def _yearly(series: MeetingSeries, parts: dict[str, str], step: int) -> str:
    if set(parts) - {"FREQ", "INTERVAL"} or step != 1:
        return _own(series)
    day = series.starts_on
    return _("every year on %(day)d %(month)s") % {"day": day.day, "month": MONTHS[day.month]}


def _own(series: MeetingSeries) -> str:
    return _("by a rule of its own (%(rule)s)") % {"rule": series.rule}


def _listed(names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    return _("%(first)s and %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}

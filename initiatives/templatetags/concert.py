"""What templates need to say numbers, times and states the way a reader expects them."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from django import template
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import get_language, gettext, gettext_lazy as _

from initiatives import days

register = template.Library()

type_number = int | float | Decimal

MISSING = "–"
MINUS = "−"
MOST_DECIMALS = 2
EXACT = Context(prec=100, rounding=ROUND_HALF_UP)


@register.filter
def number(value: type_number | None, decimals: int | None = None) -> str:
    """The number in the reader's locale, grouped, with a real minus sign.

    Nothing (None or an empty string) is an en dash: unknown is never 0. Without `decimals` as many
    are shown as the value has, at most two.
    """
    if value is None or value == "":
        return MISSING
    return _number(value, decimals, get_language())


@lru_cache(maxsize=4096)  # a page made anew says nearly the same numbers as the one before
def _number(value: type_number, decimals: int | None, _language: str | None) -> str:
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    if not exact.is_finite():
        return MISSING
    # Django's own formatting cuts off what is too long: it has to be rounded before.
    places = MOST_DECIMALS if decimals is None else decimals
    exact = exact.quantize(Decimal(1).scaleb(-places), context=EXACT)
    if decimals is None:
        exact = exact.normalize(EXACT)
        decimals = max(0, -int(exact.as_tuple().exponent))
    text = formats.number_format(exact.copy_abs(), decimals, use_l10n=True, force_grouping=True)
    negative = exact < 0 and any(digit not in "0.,  " for digit in text)
    return f"{MINUS}{text}" if negative else text


def in_full(value: Decimal) -> str:
    """The number as `number` says it, with every decimal that it has."""
    return number(value, max(0, -int(value.normalize(EXACT).as_tuple().exponent)))


@register.filter
def signed(value: type_number | None, decimals: int | None = None) -> str:
    """A change: with its sign, also when it is a gain; no change is a plain 0."""
    text = number(value, decimals)
    return f"+{text}" if value not in (None, "") and value > 0 and text != MISSING else text


@register.filter
def day(value: date | None) -> str:
    """A day, as everywhere: "16 November 2026"; of a moment the day that it is here."""
    return _written(value, "DATE_FORMAT")


@register.filter
def moment(value: datetime | None) -> str:
    """A day and the time of it, as everywhere: "16 November 2026, 14:30"."""
    return _written(value, "DATETIME_FORMAT")


@register.filter
def named_day(value: date | None) -> str:
    """A day with its name, for what people go to: "Tuesday, 8 December 2026"."""
    return days.named_day(_here(value)) if value else ""


@register.filter
def named_moment(value: datetime | None) -> str:
    """The same with the time of day: "Tuesday, 8 December 2026, 14:00"."""
    return days.named_moment(_here(value)) if value else ""


@register.filter
def hour(value: datetime | None) -> str:
    """The time of day, as everywhere: "14:00"."""
    return _written(value, "TIME_FORMAT")


@register.filter
def month(value: date | None) -> str:
    """A month: "November 2026"."""
    return _written(value, "YEAR_MONTH_FORMAT")


def _written(value: date | None, form: str) -> str:
    return formats.date_format(_here(value), form) if value else ""


def _here(value: Any) -> Any:
    """A moment by the clock of the page, unless a clock was chosen for it (``|timezone:``)."""
    is_moment = isinstance(value, datetime) and timezone.is_aware(value)
    if is_moment and getattr(value, "convert_to_local_time", True):
        return timezone.localtime(value)
    return value


@register.filter
def ago(moment: datetime | None) -> str:
    """How long ago, or in how long, in the largest unit that says it: "3 days ago", "in 2 hours"."""
    if moment is None:
        return ""
    now = timezone.now()
    if abs(now - moment) < timedelta(minutes=1):
        return gettext("just now")
    if moment > now:
        return gettext("in %(time)s") % {"time": timeuntil(moment, now, depth=1)}
    return gettext("%(time)s ago") % {"time": timesince(moment, now, depth=1)}


@register.filter
def initials(name: str | None) -> str:
    """The first letters of the first and last word of a name, for its mark; "·" where there is none."""
    words = [word for word in (name or "").split() if word[0].isalnum()]
    if not words:
        return "·"
    return words[0][0] + (words[-1][0] if len(words) > 1 else "")


class Status(NamedTuple):
    """How one state looks: a tone (good, warn, bad, info or none), an icon, a word."""

    tone: str
    icon: str
    label: str | Promise


STATUSES = {
    "draft": Status("", "edit", _("Draft")),
    "not_started": Status("", "ring", _("Not started")),
    "open": Status("info", "ring", _("Open")),
    "submitted": Status("info", "send", _("Submitted")),
    "returned": Status("warn", "back", _("Returned")),
    "accepted": Status("good", "check", _("Accepted")),
    "corrected": Status("info", "history", _("Corrected")),
    "reopened": Status("info", "history", _("Reopened")),
    "proposed": Status("info", "send", _("Proposed")),
    "agreed": Status("good", "check", _("Agreed")),
    "retired": Status("", "lock", _("Retired")),
    "planned": Status("", "clock", _("Planned")),
    "grace": Status("warn", "clock", _("In grace")),
    "upcoming": Status("", "clock", _("Upcoming")),
    "due": Status("warn", "clock", _("Due")),
    "late": Status("bad", "clock", _("Late")),
    "closed": Status("", "lock", _("Closed")),
    "missing": Status("", "ring", _("Not reported")),
    "nothing": Status("", "same", _("Nothing to report")),
    "on_track": Status("good", "check", _("On track")),
    "at_risk": Status("warn", "warning", _("At risk")),
    "off_track": Status("bad", "warning", _("Off track")),
    "provisional": Status("info", "ring", _("Provisional")),
    "suppressed": Status("", "eye", _("Not shown")),
    "invited": Status("info", "mail", _("Invited")),
    "onboarding": Status("info", "dot", _("Onboarding")),
    "active": Status("good", "check", _("Active")),
    "paused": Status("warn", "pause", _("Paused")),
    "left": Status("", "leave", _("Left")),
    "ended": Status("", "leave", _("Ended")),
    "pending": Status("info", "clock", _("Pending")),
    "expired": Status("", "clock", _("Expired")),
    "revoked": Status("", "cross", _("Revoked")),
    "failed": Status("bad", "warning", _("Failed")),
    "checking": Status("info", "clock", _("Being checked")),
    "checked": Status("info", "ring", _("Checked")),
    "importing": Status("info", "clock", _("Being imported")),
    "imported": Status("good", "check", _("Imported")),
    "asked": Status("warn", "warning", _("Waits for an answer")),
    "refused": Status("bad", "warning", _("Refused")),
    "dropped": Status("", "cross", _("Dropped")),
    "done": Status("good", "check", _("Done")),
    "drafting": Status("", "edit", _("Being drafted")),
    "circulated": Status("info", "send", _("Open for comments")),
    "ratifying": Status("info", "people", _("Being ratified")),
    "ratified": Status("good", "check", _("Ratified")),
    "superseded": Status("", "history", _("Superseded")),
    "withdrawn": Status("", "cross", _("Withdrawn")),
    "outstanding": Status("", "ring", _("No answer yet")),
    "consented": Status("good", "check", _("Consents")),
    "reservation": Status("good", "check", _("Consents with reservation")),
    "stand_aside": Status("warn", "same", _("Stands aside")),
    "object": Status("bad", "warning", _("Objects")),
    "acceding": Status("info", "clock", _("Acceding")),
    "acceded": Status("good", "check", _("Acceded")),
    "lapsed": Status("", "clock", _("Has not acceded")),
    "under_review": Status("warn", "eye", _("Under review")),
    "lifted": Status("good", "check", _("Lifted")),
    "overtaken": Status("", "history", _("Overtaken")),
    "carried": Status("", "send", _("Carried on")),
    "agenda_open": Status("info", "ring", _("Agenda open")),
    "agenda_agreed": Status("good", "check", _("Agenda agreed")),
    "in_progress": Status("info", "clock", _("In progress")),
    "cancelled": Status("bad", "cross", _("Cancelled")),
    "scheduled": Status("good", "check", _("Scheduled")),
    "dealt_with": Status("good", "check", _("Dealt with")),
    "declined": Status("", "cross", _("Declined")),
    "yes": Status("good", "check", _("Yes")),
    "no": Status("bad", "cross", _("No")),
    "maybe": Status("warn", "question", _("Perhaps")),
    "delegate": Status("info", "people", _("A delegate comes")),
}


@register.inclusion_tag("components/status_pill.html")
def status(state: str, label: str = "") -> dict[str, str | Promise]:
    """The pill of a well-known state; an unknown one is shown plainly, by its own name."""
    known = STATUSES.get(str(state), Status("", "dot", str(state).replace("_", " ").capitalize()))
    return {"tone": known.tone, "icon": known.icon, "label": label or known.label}


@register.simple_tag
def share(part: type_number | None, whole: type_number | None) -> str:
    """Part of whole as 0 to 100 with a plain point, for the width of a meter's bar."""
    if not part or not whole:
        return "0"
    return f"{min(max(float(part) / float(whole), 0), 1) * 100:.2f}"

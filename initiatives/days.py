"""Days and moments that people choose and read: within what clocks, calendars and the database can hold.

The year 9999 is a slip, and one that lasts: east or west of here it is another year, which no
column and no ``datetime`` takes, and the page that shows it fails for everyone.
"""

from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy as _

EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)


def is_plausible(day: date) -> bool:
    return EARLIEST <= day <= LATEST


def check_plausible(value: date | datetime) -> None:
    """Refuse what can only be a slip.

    :raises ValidationError: it lies before 1900 or after 2999.
    """
    if not is_plausible(value.date() if isinstance(value, datetime) else value):
        raise ValidationError(_("Choose a day between 1900 and 2999."), code="implausible")


class DayField(forms.DateField):
    """A day; the calendar of the browser is offered."""

    default_validators = [check_plausible]

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**options)


class MomentField(forms.DateTimeField):
    """A day and a time."""

    default_validators = [check_plausible]

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateTimeInput({"type": "datetime-local"}))
        super().__init__(**options)


def named_day(value: date) -> str:
    """A day with its name, in the reader's language: "Tuesday, 8 December 2026". A moment is read
    by the clock that it carries.
    """
    parts = {"weekday": date_format(value, "l"), "day": date_format(value, "DATE_FORMAT")}
    return gettext("%(weekday)s, %(day)s") % parts


def named_moment(value: datetime) -> str:
    """The same with the time of day: "Tuesday, 8 December 2026, 14:00"."""
    parts = {"day": named_day(value), "time": date_format(value, "TIME_FORMAT")}
    return gettext("%(day)s, %(time)s") % parts

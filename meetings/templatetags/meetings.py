"""Words of meetings."""

from datetime import date

from django import template
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from meetings.arithmetic.attendance import Status

register = template.Library()

SEATS: dict[str, Promise] = {
    Status.PRESENT: _("present"),
    Status.BY_DELEGATE: _("by a briefed delegate"),
    Status.ABSENT: _("absent"),
    Status.WITH_NOTICE: _("absent with notice"),
    Status.TOO_SHORT: _("there for too short a time"),
    Status.UNBRIEFED: _("delegate not briefed"),
    Status.BRIEFED_LATE: _("delegate briefed late"),
    Status.BELOW_LEVEL: _("delegate below the level asked for"),
    Status.OVER_LIMIT: _("too many delegates in a row"),
    Status.NO_DELEGATES: _("no delegates here"),
}


@register.filter
def seat_status(status: str) -> str | Promise:
    """Why a seat counts or not, in words."""
    return SEATS.get(status, str(status).replace("_", " "))


@register.filter
def written_day(text: str) -> str:
    """A day as records keep it, in words."""
    return date_format(date.fromisoformat(text), "DATE_FORMAT")

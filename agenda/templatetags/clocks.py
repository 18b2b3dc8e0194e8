"""Moments as the clocks of the initiative show them."""

from datetime import datetime
from typing import Any

from django import template
from django.templatetags.tz import do_timezone

from agenda.selectors.clock import zone_here

register = template.Library()


@register.filter
def here(moment: datetime | None) -> Any:
    """The moment where the initiative is, for the filter ``date`` after it."""
    return do_timezone(moment, zone_here()) if moment else ""

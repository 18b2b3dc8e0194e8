"""How far it should go, also by a year that the calendar does not have yet."""

from decimal import Decimal

from django.db import transaction

from initiatives.models import Membership
from measures.models import Indicator, Period, Target
from measures.services.setup.calendars import reach_year
from measures.services.setup.indicators import add_target


@transaction.atomic
def set_target(
    *,
    actor: Membership,
    indicator: Indicator,
    period: Period | int,
    value: Decimal | None = None,
    low: Decimal | None = None,
    high: Decimal | None = None,
    reason: str = "",
) -> Target:
    """A target, in force from now on. ``period`` may be a year that the calendar then grows up to.

    :raises ValidationError: the year is too far ahead, or the target says nothing.
    """
    if isinstance(period, int):
        period = reach_year(
            actor=actor, calendar=indicator.calendar, frequency=indicator.frequency, year=period
        )
    return add_target(
        actor=actor,
        indicator=indicator,
        period=period,
        value=value,
        low=low,
        high=high,
        reason=reason,
    )

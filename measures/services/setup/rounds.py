"""Opening the collection of a period."""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from initiatives import audit
from initiatives.models import InitiativeProfile, Membership
from measures.choices import RoundState
from measures.models import Period, Round

DAYS_TO_REPORT = 30


def state_at(moment: datetime, opens: datetime, due: datetime, closes: datetime | None) -> str:
    """What the clock would call a round."""
    if closes is not None and closes <= moment:
        return RoundState.CLOSED
    if moment < opens:
        return RoundState.PLANNED
    return RoundState.OPEN if moment < due else RoundState.GRACE


def round_of(
    period: Period,
    opens: datetime | None = None,
    due: datetime | None = None,
    closes: datetime | None = None,
) -> Round:
    """An unsaved round; it opens with its period and is due some weeks after the period's end."""
    profile = InitiativeProfile.objects.first()
    zone = profile.zone if profile else timezone.get_current_timezone()
    opens = opens or datetime.combine(period.starts_on, time(), tzinfo=zone)
    end = datetime.combine(period.ends_on, time(), tzinfo=zone)
    due = due or max(opens, end + timedelta(days=DAYS_TO_REPORT))
    return Round.here(
        period=period,
        opens_at=opens,
        due_at=due,
        closes_at=closes,
        state=state_at(timezone.now(), opens, due, closes),
    )


@transaction.atomic
def open_round(
    *,
    actor: Membership | None,
    period: Period,
    opens_at: datetime | None = None,
    due_at: datetime | None = None,
    closes_at: datetime | None = None,
) -> Round:
    """Collect a period; a round that exists takes the new dates."""
    round_ = round_of(period, opens_at, due_at, closes_at)
    existing = Round.objects.filter(period=period).first()
    if existing is not None:
        round_.pk, round_.created_at = existing.pk, existing.created_at
    round_.save()
    audit.record(actor, "measures.round_opened", round_)
    return round_

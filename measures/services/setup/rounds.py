"""Opening the collection of a period."""

from datetime import datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives import audit, jobs
from initiatives.models import InitiativeProfile, Membership
from initiatives.versions import check_version
from measures.choices import RoundState
from measures.models import Period, Round

DAYS_TO_REPORT = 30
DATES = ("opens_at", "due_at", "closes_at")


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
def change_round(
    *,
    actor: Membership,
    round_: Round,
    opens_at: datetime,
    due_at: datetime,
    closes_at: datetime | None,
    version: str | None = None,
) -> Round:
    """Other dates for a round, which stands again where the clock is by them.

    :raises ValidationError: the dates are not in order, or somebody else was faster.
    """
    round_ = _locked(round_)
    check_version(version, round_)
    _check_dates(opens_at, due_at, closes_at)
    before = {name: _said(getattr(round_, name)) for name in DATES}
    round_.opens_at, round_.due_at, round_.closes_at = opens_at, due_at, closes_at
    after = {name: _said(getattr(round_, name)) for name in DATES}
    if before != after:
        round_.state = state_at(timezone.now(), opens_at, due_at, closes_at)
        round_.save(update_fields=[*DATES, "state"])
        audit.record(actor, "measures.round_changed", round_, before=before, after=after)
        hand_out_soon(round_)
    return round_


@transaction.atomic
def close_round(*, actor: Membership, round_: Round) -> bool:
    """Take no more numbers from now on; False if it was closed.

    :raises ValidationError: it has not opened, so there is nothing to close.
    """
    round_, now = _locked(round_), timezone.now()
    if round_.state == RoundState.CLOSED:
        return False
    if round_.opens_at >= now:
        raise ValidationError(_("It has not opened yet. Change its dates instead."))
    round_.due_at, round_.closes_at = min(round_.due_at, now), now
    round_.state = RoundState.CLOSED
    round_.save(update_fields=["due_at", "closes_at", "state"])
    audit.record(actor, "measures.round_closed", round_, by_hand=True)
    return True


def _locked(round_: Round) -> Round:
    rows = Round.objects.select_for_update(of=("self",), no_key=True).select_related("period")
    found: Round = rows.get(pk=round_.pk)
    return found


def _check_dates(opens: datetime, due: datetime, closes: datetime | None) -> None:
    if due < opens:
        raise ValidationError({"due_on": _("It is due before it opens.")})
    if closes is not None and closes < due:
        raise ValidationError({"closes_on": _("It closes before it is due.")})


def _said(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


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
    _check_dates(round_.opens_at, round_.due_at, round_.closes_at)
    existing = Round.objects.filter(period=period).first()
    if existing is not None:
        round_.pk, round_.created_at = existing.pk, existing.created_at
    round_.save()
    audit.record(actor, "measures.round_opened", round_)
    hand_out_soon(round_)
    return round_


def hand_out_soon(round_: Round) -> None:
    """Lay out the forms of a round that is open right after this, not when the clock looks."""
    if round_.takes_values:
        jobs.enqueue("measures.advance_rounds", key="rounds")

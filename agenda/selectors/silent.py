"""Who has not answered a version that is put to everyone, who can, and when they were written to."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, QuerySet
from django.utils import timezone

from agenda.choices import PartyStanding
from agenda.models import AgendaVersion, Party, Response
from agenda.selectors.people import speakers_among
from initiatives.choices import NoticeState
from initiatives.models import Membership, Notice
from initiatives.together import together

ASKING = ("ratification_opened", "ratification_reminder")  # the letters that ask for an answer
BY_HAND = "by hand "


@dataclass(frozen=True)
class Silent:
    """An organization without an answer."""

    party: Party
    people: list[Membership]  # whose answer would be its own
    written_at: datetime | None
    is_remindable: bool  # somebody of it had no letter about it today

    @property
    def name(self) -> str:
        name: str = self.party.name
        return name


def silent_parties(agenda: AgendaVersion) -> QuerySet[Party]:
    """Who was asked at the opening and has no answer."""
    answered = Response.objects.effective().filter(agenda=agenda)
    rows: QuerySet[Party] = agenda.parties.filter(standing=PartyStanding.ELIGIBLE)
    return rows.exclude(organization_id__in=answered.values("organization_id"))


def silent_of(agenda: AgendaVersion, now: datetime | None = None) -> list[Silent]:
    """Everyone who has not answered, in the order of the list; two queries for any number."""
    now = now or timezone.now()
    silent = silent_parties(agenda)
    parties, speakers = together([silent, speakers_among(silent.values("organization_id"))])
    people: dict[int, list[Membership]] = {}
    for each in speakers:
        people.setdefault(each.organization_id, []).append(each)
    written = dict(
        _letters(agenda).order_by().values_list("user_id").annotate(at=Max("created_at"))
    )
    today = timezone.localdate(now)
    found = []
    for party in parties:
        own = people.get(party.organization_id, [])
        times = [at for each in own if (at := written.get(each.user_id))]
        fresh = [at for at in times if timezone.localdate(at) == today]
        found.append(Silent(party, own, max(times, default=None), len(fresh) < len(own)))
    return found


def told_today(agenda: AgendaVersion, now: datetime) -> set[int | None]:
    """The people who had a letter that asks for an answer to this version today."""
    begin = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = _letters(agenda).filter(created_at__gte=begin, created_at__lt=begin + timedelta(days=1))
    return set(rows.values_list("user_id", flat=True))


def reminded_by_hand(agenda: AgendaVersion, now: datetime) -> set[int | None]:
    """The people whom somebody reminded of this version today."""
    rows = _letters(agenda).filter(occasion=by_hand_on(now))
    return set(rows.values_list("user_id", flat=True))


def by_hand_on(now: datetime) -> str:
    """The occasion of a letter that somebody sent by hand: one a day."""
    return BY_HAND + timezone.localdate(now).isoformat()


def days_left(agenda: AgendaVersion, now: datetime) -> int:
    """Until the day of the close, by the initiative's clock."""
    if agenda.closes_at is None:
        return 0
    return max(0, (timezone.localdate(agenda.closes_at) - timezone.localdate(now)).days)


def _letters(agenda: AgendaVersion) -> Any:
    rows = Notice.objects.filter(
        kind__in=ASKING, subject_type=agenda._meta.label_lower, subject_id=agenda.pk
    )
    return rows.exclude(state=NoticeState.CANCELLED).exclude(user=None)

"""The cover of the ratified agenda: who agreed, since when, what is still in doubt."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agenda.choices import PartyStanding, ReservationState
from agenda.models import AgendaVersion, Party, Reservation, Response
from agenda.selectors import goals
from agenda.selectors.versions import Section, current, sections_of
from initiatives.models import Membership


@dataclass(frozen=True)
class Cover:
    """What a reader outside sees of the ratified agenda."""

    agenda: AgendaVersion
    sections: list[Section]
    parties: list[Party]
    acceded: list[Party]
    open_reservations: int
    lifted_reservations: int
    since_number: int
    agreed_since: datetime | None
    is_provisional: bool

    @property
    def agreed(self) -> int:
        return len(self.parties) + len(self.acceded)


def cover_of(agenda: AgendaVersion) -> Cover:
    """The cover of a version; reservations are counted over all versions up to it."""
    parties = list(agenda.parties.all())
    rows: Any = Reservation.objects.filter(raised_in__number__lte=agenda.number)
    lifted = rows.filter(state=ReservationState.LIFTED).select_related("raised_in")
    numbers = [each.raised_in.number for each in lifted]
    sections = sections_of(agenda)
    for section in sections:
        section.statements = [
            each for each in section.statements if each.dimension.split_out_at is None
        ]
    return Cover(
        agenda=agenda,
        sections=[each for each in sections if each.statements],
        parties=[each for each in parties if each.standing == PartyStanding.ELIGIBLE],
        acceded=[each for each in parties if each.standing == PartyStanding.ACCEDED],
        open_reservations=rows.live().count(),
        lifted_reservations=len(numbers),
        since_number=min(numbers, default=agenda.number),
        agreed_since=agenda.decided_at,
        is_provisional=goals.is_provisional(),
    )


def published_cover() -> Cover | None:
    """The cover of the ratified agenda, if it is published."""
    agenda = current()
    if agenda is None or agenda.published_at is None:
        return None
    return cover_of(agenda)


@dataclass(frozen=True)
class Agreed:
    """Where the agenda stands in a few lines: what is in force, what is under work."""

    current: AgendaVersion | None
    under_work: AgendaVersion | None
    answered: int
    asked: int
    live_reservations: int


def agreed_for(membership: Membership) -> Agreed:
    """As much of it as the member may see."""
    visible = AgendaVersion.objects.visible_to(membership)
    work = visible.under_work().first()
    asked = answered = 0
    if work and work.opened_at:
        asked = work.parties.filter(standing=PartyStanding.ELIGIBLE).count()
        answered = Response.objects.effective().filter(agenda=work).count()
    return Agreed(
        visible.ratified().first(),
        work,
        answered,
        asked,
        Reservation.objects.visible_to(membership).live().count(),
    )

"""The cover of the ratified agenda: who agreed, since when, what is still in doubt."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Q

from agenda.choices import DimensionKind, PartyStanding, ReservationState
from agenda.models import AgendaVersion, Party, Reservation
from agenda.selectors import goals
from agenda.selectors.progress import Progress, progress
from agenda.selectors.versions import Section, current, sections_of
from initiatives.choices import Sector, sector_label
from initiatives.models import Membership


class Group(NamedTuple):
    """Who agreed, of one sector."""

    sector: str  # its label, or nothing
    parties: list[Party]


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

    @property
    def vision(self) -> Section | None:
        """What it is all for: it stands first."""
        return next((each for each in self.sections if each.kind == DimensionKind.VISION), None)

    @property
    def commitments(self) -> Section | None:
        """The primary goals, which nobody stood aside from."""
        return next(
            (each for each in self.sections if each.kind == DimensionKind.PRIMARY_GOAL), None
        )

    @property
    def rest(self) -> list[Section]:
        """Everything else, in the order of the agenda."""
        first = {DimensionKind.VISION, DimensionKind.PRIMARY_GOAL}
        return [each for each in self.sections if each.kind not in first]

    @property
    def groups(self) -> list[Group]:
        """Who agreed, joiners too, by sector and name."""
        by_sector: dict[str, list[Party]] = {str(each): [] for each in Sector}
        for party in sorted([*self.parties, *self.acceded], key=lambda each: each.name.lower()):
            by_sector.setdefault(party.sector, []).append(party)
        groups = [Group(sector_label(key), found) for key, found in by_sector.items() if found]
        if len(groups) == 1 and not groups[0].parties[0].sector:
            return [groups[0]._replace(sector="")]  # where nobody said, there is nothing to say
        return groups


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
    progress: Progress | None  # while the member sees no version


def versions_for(membership: Membership) -> list[Any]:
    """The questions for what is in force and for what is under work, as far as the member may see."""
    visible = AgendaVersion.objects.visible_to(membership)
    eligible = Q(parties__standing=PartyStanding.ELIGIBLE)
    effective = Q(responses__superseded_at=None)
    counted = visible.under_work().annotate(
        asked=Count("parties", filter=eligible, distinct=True),
        answered=Count("responses", filter=effective, distinct=True),
    )
    return [visible.ratified()[:1], counted[:1]]


def agreed_as(ratified: Any, work: Any) -> Agreed:
    """Where it stands, of what the member sees in force and under work."""
    return Agreed(
        ratified,
        work,
        work.answered if work and work.opened_at else 0,
        work.asked if work and work.opened_at else 0,
        Reservation.objects.live().count(),  # how many is everyone's to know; whose, not
        None if ratified or work else progress(),
    )

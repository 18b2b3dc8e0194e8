"""What the ledger of reservations shows."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone

from agenda.choices import PartyStanding, ReservationState, VersionState
from agenda.models import (
    AgendaVersion,
    Party,
    Reservation,
    ReservationDraft,
    ReservationNote,
)
from initiatives.models import Membership


@dataclass(frozen=True)
class Ledger:
    """Reservations: those that stand, and those that are settled."""

    live: list[Reservation]
    lifted: list[Reservation]
    overtaken: list[Reservation]
    hidden: int  # open ones that their organizations do not show to this reader

    @property
    def number(self) -> int:
        return len(self.live) + len(self.lifted) + len(self.overtaken)


def ledger(membership: Membership) -> Ledger:
    """Each reservation once, as it stands in the latest version it was carried to."""
    rows = (
        Reservation.objects.visible_to(membership)
        .exclude(state=ReservationState.CARRIED)
        .select_related("organization", "raised_in", "agenda")
        .order_by("review_on", "id")
    )
    found = list(rows)
    return Ledger(
        [each for each in found if each.is_live],
        [each for each in found if each.state == ReservationState.LIFTED],
        [each for each in found if each.state == ReservationState.OVERTAKEN],
        Reservation.objects.live().count() - sum(each.is_live for each in found),
    )


class Step(NamedTuple):
    """One thing that happened to a reservation, as the timeline shows it."""

    at: Any
    title: str
    who: str
    text: str
    tone: str


TONES = {"open": "info", "under_review": "warn", "lifted": "good"}


def history_of(reservation: Reservation) -> list[Step]:
    """Everything that happened to it in this version and the ones before, latest first."""
    chain, row = [reservation.pk], reservation
    while row.carried_from_id:
        row = Reservation.objects.get(pk=row.carried_from_id)
        chain.append(row.pk)
    notes = ReservationNote.objects.filter(reservation__in=chain).select_related(
        "user", "organization"
    )
    return [
        Step(
            each.at,
            str(each.get_state_display()),
            str(each.user or ""),
            each.text,
            TONES.get(each.state, ""),
        )
        for each in notes.order_by("-at", "-id")
    ]


def due_for(membership: Membership) -> QuerySet[Reservation]:
    """The reservations of the member's own organization that are to be looked at now."""
    due = Q(state=ReservationState.UNDER_REVIEW) | Q(review_on__lte=timezone.localdate())
    live = Reservation.objects.live()
    return live.filter(due, organization_id=membership.organization_id)


def drafts_of(agenda: AgendaVersion, membership: Membership) -> dict[str, ReservationDraft]:
    """What the member's organization drafted and neither sent nor left out, by statement."""
    rows = ReservationDraft.objects.visible_to(membership).live().filter(agenda=agenda)
    return {each.dimension_key: each for each in rows.select_related("user")}


def takes_drafts(agenda: AgendaVersion, party: Party | None) -> bool:
    """Whether the organization answers to the version now, or will once comments are over."""
    if agenda.state == VersionState.CIRCULATED:
        return True
    if party is None:
        return False
    if party.standing == PartyStanding.ELIGIBLE:
        return agenda.is_open
    return agenda.state == VersionState.RATIFIED and party.standing != PartyStanding.ACCEDED

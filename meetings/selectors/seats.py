"""Everything that one page asks of a seat before a meeting."""

from dataclasses import dataclass
from typing import Any

from meetings.choices import DelegationState
from meetings.models import AgendaAnswer, BriefingAnswer, Delegation, Meeting, Reply, Seat
from meetings.selectors.agendas import (
    Agreement,
    agreement_of,
    digest_of,
    items_of,
    newest_pre_reads,
)
from meetings.selectors.briefings import content_of


@dataclass(frozen=True)
class SeatPage:
    """A seat at one meeting: what it said so far, and what it is asked."""

    meeting: Meeting
    seat: Seat
    items: list[Any]
    pre_reads: list[Any]
    digest: str
    agreement: Agreement
    reply: Reply | None
    answer: AgendaAnswer | None
    delegation: Delegation | None
    pack: dict[str, Any]
    lines: dict[int, BriefingAnswer]

    @property
    def minutes(self) -> int:
        return sum(each.minutes for each in self.items)

    @property
    def is_stale(self) -> bool:
        """The seat answered, to an agenda that has changed since."""
        return self.answer is not None and self.answer.digest != self.digest

    @property
    def is_briefed(self) -> bool:
        return all(each["item"] in self.lines for each in self.pack["decide"])


def seat_page(meeting: Meeting, seat: Seat) -> SeatPage:
    gone = [DelegationState.LAPSED, DelegationState.VOID]
    both = {"meeting": meeting, "seat": seat}
    delegations = Delegation.objects.filter(**both).exclude(state__in=gone)
    said = BriefingAnswer.objects.filter(briefing__meeting=meeting, briefing__seat=seat)
    return SeatPage(
        meeting=meeting,
        seat=seat,
        items=list(items_of(meeting)),
        pre_reads=newest_pre_reads(meeting),
        digest=digest_of(meeting),
        agreement=agreement_of(meeting),
        reply=Reply.objects.filter(**both).first(),
        answer=AgendaAnswer.objects.filter(**both).first(),
        delegation=delegations.select_related("delegate__user").first(),
        pack=content_of(meeting, seat),
        lines={each.item_id: each for each in said.order_by("answered_at")},
    )

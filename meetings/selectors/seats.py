"""Everything that one page asks of a seat before a meeting."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import OuterRef
from django.utils import timezone

from initiatives.choices import OrganizationState
from initiatives.models import Membership, User
from meetings.choices import DelegationState, MeetingState
from meetings.models import (
    AgendaAnswer,
    Attendance,
    BriefingAnswer,
    Delegation,
    Meeting,
    Reply,
    Seat,
)
from meetings.selectors.agendas import digest_of_items, items_of, newest_of
from meetings.selectors.along import along, first_of, rows_of
from meetings.selectors.briefings import kept_for, pack_of, put_on_items
from meetings.selectors.people import delegate_name, may_speak_for, person_name
from meetings.selectors.pre_reads import Reading, papers_for, readings_among

LAPSES = timedelta(days=2)  # after a meeting the link of who has no account is closed


@dataclass(frozen=True)
class SeatPage:
    """A seat at one meeting: what it said so far, and what it is asked."""

    meeting: Meeting
    seat: Seat
    items: list[Any]
    digest: str
    reply: Reply | None
    answer: Any  # an AgendaAnswer, with who resolved it (``resolver``, a name)
    delegation: Any  # with the delegate's ``name``
    pack: dict[str, Any]
    lines: dict[int, BriefingAnswer]
    readings: list[Reading]
    speaks: bool  # the reader holds the seat or leads its organization
    is_sent: bool  # the reader comes for it
    is_here: bool  # the reader was marked as being there

    @property
    def minutes(self) -> int:
        return sum(each.minutes for each in self.items)

    @property
    def takes_briefing(self) -> bool:
        """Before the meeting, and on the spot while it runs."""
        return self.meeting.is_before or self.meeting.state == MeetingState.IN_PROGRESS

    @property
    def minutes_to_read(self) -> int:
        return sum(each.paper.minutes for each in self.readings if not each.is_read)

    @property
    def said(self) -> list[tuple[str, BriefingAnswer]]:
        """Our line on each item to decide, as far as somebody said it."""
        asked = [(each["item"], each["title"]) for each in self.pack["decide"]]
        return [(title, self.lines[key]) for key, title in asked if key in self.lines]

    @property
    def is_stale(self) -> bool:
        """The seat answered, to an agenda that has changed since."""
        return self.answer is not None and self.answer.digest != self.digest

    @property
    def is_to_read(self) -> bool:
        """There is a briefing in which nothing is asked."""
        return self.meeting.is_before and not self.pack["decide"]

    @property
    def is_briefed(self) -> bool:
        return all(each["item"] in self.lines for each in self.pack["decide"])


def seat_page(meeting: Meeting, seat: Seat, reader: Membership) -> SeatPage:
    """A seat at a meeting, as ``reader``, who answers for it, is shown it."""
    told = _told_by(meeting, seat)
    delegation: Any = first_of(Delegation, told.sent)
    return _page_of(
        *(meeting, seat, told),
        reader=reader.user,
        speaks=may_speak_for(reader, seat),
        is_sent=delegation is not None and delegation.delegate_id == reader.pk,
        is_here=any(each["person_id"] == reader.pk for each in told.here),
    )


def outsider_page(delegation: Delegation) -> SeatPage:
    """The same for a delegate without an account: what they come for, and nothing else."""
    meeting, seat = delegation.meeting, delegation.seat
    told = _told_by(meeting, seat)
    is_here = any(each["delegation_id"] == delegation.pk for each in told.here)
    return _page_of(meeting, seat, told, reader=None, speaks=False, is_sent=True, is_here=is_here)


def _page_of(
    meeting: Meeting, seat: Seat, told: Any, *, reader: User | None, **who: bool
) -> SeatPage:
    items = list(items_of(meeting).annotate(put=put_on_items()))
    versions = papers_for(reader, meeting)
    delegation: Any = first_of(Delegation, told.sent)
    return SeatPage(
        meeting=meeting,
        seat=seat,
        items=items,
        digest=digest_of_items(items),
        reply=first_of(Reply, told.coming),
        answer=first_of(AgendaAnswer, told.agenda),
        delegation=delegation,
        pack=pack_of(told, items, newest_of(versions)),
        lines={each.item_id: each for each in rows_of(BriefingAnswer, told.lines)},
        readings=readings_among(versions),
        **who,
    )


def _told_by(meeting: Meeting, seat: Seat) -> Any:
    """The seat with what it said so far, and what its pack is made of; one query."""
    said = {"meeting": meeting, "seat": OuterRef("pk")}
    sent = Delegation.objects.filter(**said).exclude(state__in=_gone(meeting)).order_by("id")
    here = Attendance.objects.filter(**said, left_at=None)
    lines = BriefingAnswer.objects.filter(
        briefing__meeting=meeting, briefing__seat=OuterRef("pk")
    ).order_by("answered_at")
    return (
        Seat.objects.filter(pk=seat.pk)
        .annotate(
            coming=along(Reply.objects.filter(**said)),
            agenda=along(
                AgendaAnswer.objects.filter(**said), resolver=person_name("resolved_by__user")
            ),
            sent=along(sent, name=delegate_name()),
            here=along(here),
            lines=along(lines, by=person_name("answered_by__user")),
            **kept_for(),
        )
        .get()
    )


def is_open_to(membership: Membership, meeting: Meeting, seat: Seat) -> bool:
    """Whether the seat's page is this person's: holder, lead, or whoever is sent for it."""
    if not (membership.is_current and membership.user.is_active):
        return False
    seats = Seat.objects.current().filter(pk=seat.pk)
    return bool(
        (seats.own(membership) | seats.filter(pk__in=sent_for(membership, meeting))).exists()
    )


def is_open_by(delegation: Delegation) -> bool:
    """Whether the page is still that of a delegate without an account: while their mandate stands,
    and for a while after the meeting, to tell of it.
    """
    meeting = delegation.meeting
    if delegation.state in _gone(meeting) or not delegation.is_outside:
        return False
    seats = Seat.objects.current().exclude(organization__state=OrganizationState.LEFT)
    is_over = (meeting.ended_at or meeting.ends_at) + LAPSES < timezone.now()
    return not is_over and bool(seats.filter(pk=delegation.seat_id).exists())


def sent_for(membership: Membership, meeting: Meeting) -> Any:
    """The ids of the seats that somebody comes for, or came for; who was replaced is not sent."""
    rows = Delegation.objects.filter(meeting=meeting, delegate=membership)
    return rows.exclude(state__in=_gone(meeting)).values("seat_id")


def _gone(meeting: Meeting) -> list[DelegationState]:
    """In these a mandate is over; one that was void at a meeting is still told of after it."""
    if meeting.is_held:
        return [DelegationState.LAPSED]
    return [DelegationState.LAPSED, DelegationState.VOID]

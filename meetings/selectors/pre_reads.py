"""Whether papers came in time to be read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q

from initiatives.models import User
from meetings.models import (
    Acknowledgement,
    AgendaItem,
    Attendance,
    Meeting,
    PreRead,
    PreReadWaiver,
)
from meetings.selectors.agendas import newest_of

FRIDAY = 4


def working_days_before(day: date, number: int) -> date:
    """The day that lies ``number`` working days before ``day``; Monday to Friday are worked."""
    while number > 0:
        day -= timedelta(days=1)
        if day.weekday() <= FRIDAY:
            number -= 1
    return day


def due_day(meeting: Meeting) -> date:
    """The last day on which papers for a decision may be published."""
    local = meeting.starts_at.astimezone(meeting.series.zone).date()
    return working_days_before(local, meeting.series.notice_days)


def late_papers(meeting: Meeting, items: Iterable[AgendaItem]) -> dict[int, list[PreRead]]:
    """By item to decide, the papers that came after the day on which they were due."""
    asked = {each.pk: each for each in items if each.asks_to_decide}
    rows = PreRead.objects.filter(meeting=meeting, item__in=asked)
    return late_among(rows, meeting, asked.values())


def late_among(
    versions: Iterable[PreRead], meeting: Meeting, items: Iterable[AgendaItem]
) -> dict[int, list[PreRead]]:
    """The same of the versions of the meeting's papers, read already."""
    asked = {each.pk for each in items if each.asks_to_decide}
    zone, last = meeting.series.zone, due_day(meeting)
    found: dict[int, list[PreRead]] = {}
    for each in versions:
        if each.item_id in asked and each.published_at.astimezone(zone).date() > last:
            found.setdefault(each.item_id, []).append(each)
    return found


def is_notice_kept(item: AgendaItem) -> bool:
    """Whether an item may be decided: its papers came in time, or every organization there waived.

    An item without papers has nothing that could come late.
    """
    if item.meeting is None or not item.asks_to_decide:
        return True
    return not late_papers(item.meeting, [item]) or is_waived(item)


def is_waived(item: AgendaItem) -> bool:
    """Whether every organization that is there lets the item be decided although papers were late."""
    present = organizations_present(item.meeting) if item.meeting else set()
    waived = set(PreReadWaiver.objects.filter(item=item).values_list("organization_id", flat=True))
    return bool(present) and present <= waived


def organizations_present(meeting: Meeting) -> set[int]:
    """By id: those with a seat that are there now, or were there when it ended."""
    there = Q(left_at=None)
    if meeting.ended_at is not None:
        there |= Q(left_at=meeting.ended_at)
    rows = Attendance.objects.filter(there, meeting=meeting, seat__isnull=False)
    return set(rows.values_list("seat__organization_id", flat=True))


@dataclass(frozen=True)
class Reading:
    """A paper as one person has it before them."""

    paper: PreRead
    is_read: bool
    before: PreRead | None  # the last version that was read, if there is a newer one

    @property
    def text(self) -> str:
        """All of it the first time; what changed, to whoever read it before."""
        return self.paper.difference if self.before and not self.is_read else self.paper.text


def readings(user: User, meeting: Meeting) -> list[Reading]:
    """The papers of a meeting for one person: a new version asks only for the difference."""
    return readings_among(papers_for(user, meeting))


def papers_for(user: User | None, meeting: Meeting) -> list[Any]:
    """Every version of the meeting's papers, each with whether the person has read it; nobody
    without an account is asked.
    """
    read = Acknowledgement.objects.filter(pre_read=OuterRef("pk"), user=user)
    rows = PreRead.objects.filter(meeting=meeting).select_related("item")
    return list(rows.annotate(is_read=Exists(read)))


def readings_among(versions: list[Any]) -> list[Reading]:
    """The same of what ``papers_for`` found."""
    found = []
    newest: list[Any] = newest_of(versions)
    for paper in newest:
        older = [e for e in versions if e.name == paper.name and e.number < paper.number]
        before = max((e for e in older if e.is_read), key=lambda e: e.number, default=None)
        found.append(Reading(paper, paper.is_read, before))
    return found

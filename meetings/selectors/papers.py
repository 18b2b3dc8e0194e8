"""One paper on a page: its versions, and who has read it."""

from dataclasses import dataclass

from initiatives.models import Membership
from initiatives.permissions import Permission
from meetings.models import Acknowledgement, PreRead
from meetings.selectors.people import holders
from meetings.selectors.pre_reads import Reading, due_day, readings
from meetings.selectors.rights import may_at


@dataclass(frozen=True)
class PaperPage:
    """A version of a paper, as one person reads it."""

    paper: PreRead
    versions: list[PreRead]
    is_newest: bool
    reading: Reading | None  # of the newest version
    is_late: bool
    has_read: int  # of the people with a seat
    asked: int
    waits_for: list[str]  # their names, for who sets agendas
    may_renew: bool


def paper_page(membership: Membership, paper: PreRead) -> PaperPage:
    meeting = paper.meeting
    versions = list(PreRead.objects.filter(meeting=meeting, name=paper.name))
    newest = versions[0]  # ordered by number, the last first
    reading = next((e for e in readings(membership.user, meeting) if e.paper.pk == newest.pk), None)
    seated = {each.membership.user_id: each for each in holders([meeting.series.body_id])}
    read = set(
        Acknowledgement.objects.filter(pre_read=newest, user__in=list(seated)).values_list(
            "user_id", flat=True
        )
    )
    sets = may_at(membership, Permission.MEETINGS_AGENDA, meeting)
    item = paper.item
    leads = item is not None and membership.pk in {item.proposed_by_id, item.owner_id}
    published = paper.published_at.astimezone(meeting.series.zone).date()
    decides = item is not None and item.asks_to_decide
    missing = (each for user_id, each in seated.items() if user_id not in read)
    return PaperPage(
        paper=paper,
        versions=versions,
        is_newest=newest.pk == paper.pk,
        reading=reading,
        is_late=decides and published > due_day(meeting),
        has_read=len(read),
        asked=len(seated),
        waits_for=[f"{e.membership.user}, {e.seat.organization}" for e in missing] if sets else [],
        may_renew=meeting.is_before and (sets or leads),
    )

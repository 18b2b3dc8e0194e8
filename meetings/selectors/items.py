"""One item with what is known of it."""

from dataclasses import dataclass

from initiatives.models import Membership
from initiatives.permissions import Permission
from meetings.choices import MeetingState
from meetings.models import AgendaItem, PreRead, Seat
from meetings.selectors.agendas import CARRIES
from meetings.selectors.pre_reads import late_papers
from meetings.selectors.rights import may_with


@dataclass(frozen=True)
class ItemPage:
    """An item as a member sees it."""

    item: AgendaItem
    papers: list[PreRead]
    late: list[PreRead]
    waived: list[str]
    may_set: bool
    may_change: bool
    may_publish: bool
    may_see_difference: bool
    may_waive: bool
    may_waive_for_all: bool

    @property
    def asks(self) -> bool:
        """It moved on so often that somebody has to say what becomes of it."""
        waits = self.item.meeting_id is None and self.item.is_open
        return waits and self.item.times_carried > CARRIES


def item_page(membership: Membership, item: AgendaItem) -> ItemPage:
    meeting = item.meeting
    papers = list(PreRead.objects.filter(item=item).select_related("published_by__user"))
    late = late_papers(meeting, [item]).get(item.pk, []) if meeting else []
    waived = [str(each.organization) for each in item.waivers.select_related("organization")]
    sets = may_with(membership, Permission.MEETINGS_AGENDA, item)
    before = meeting is None or meeting.is_before
    own = item.proposed_by_id == membership.pk
    leads = membership.pk in {item.proposed_by_id, item.owner_id}
    runs = meeting is not None and meeting.state == MeetingState.IN_PROGRESS
    seats = Seat.objects.current().own(membership).filter(body_id=item.body_id)
    concerned = bool(late) and item.is_open
    return ItemPage(
        item=item,
        papers=papers,
        late=late,
        waived=waived,
        may_set=sets and before and item.is_open,
        may_change=before and item.is_open and (sets or (own and item.state == "proposed")),
        may_publish=meeting is not None and before and item.is_open and (sets or leads),
        may_see_difference=membership.may(Permission.AGENDA_POSITIONS_VIEW),
        may_waive=concerned and (before or runs) and seats.exists(),
        may_waive_for_all=concerned
        and runs
        and may_with(membership, Permission.MEETINGS_RUN, item),
    )

"""What was not dealt with moves on by itself, up to three times; then it asks."""

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives.audit import record
from initiatives.choices import Means
from meetings.choices import ItemPurpose, ItemState
from meetings.models import AgendaItem, Body, Decision, Meeting
from meetings.selectors.agendas import CARRIES
from meetings.selectors.calendar import ahead_of
from meetings.services.agreement import settle
from meetings.services.locks import locked_meeting, locking


def carry_over(meeting: Meeting) -> int:
    """Let what was not dealt with wait for the next meeting of the series; how many items.

    If that one is open already, its agenda takes them at once. After the third time an item is no
    longer scheduled by itself: it asks whoever sets the agenda.
    """
    carried = 0
    rows = locking(AgendaItem).order_by("id")
    for item in rows.filter(meeting=meeting, state=ItemState.SCHEDULED):
        if is_decided(item):
            _finish(item)
            continue
        AgendaItem.here(
            body_id=item.body_id,
            title=item.title,
            text=item.text,
            purpose=item.purpose if not item.is_lowered else ItemPurpose.DECIDE,
            minutes=item.minutes,
            proposer_id=item.proposer_id,
            proposed_by_id=item.proposed_by_id,
            owner_id=item.owner_id,
            indicator_id=item.indicator_id,
            difference_id=item.difference_id,
            state=ItemState.ACCEPTED,
            carried_from=item,
            times_carried=item.times_carried + 1,
        ).save()
        item.state = ItemState.CARRIED
        item.version += 1
        item.save()
        record(None, "meetings.item_carried", item, means=Means.CLOCK)
        carried += 1
    # What was only proposed for this meeting waits as well, to be taken up or not.
    AgendaItem.objects.filter(meeting=meeting, state=ItemState.PROPOSED).update(meeting=None)
    following = next_meeting(meeting)
    if following is not None and following.is_before:
        take_carried(following)
    return carried


def is_decided(item: AgendaItem) -> bool:
    """Whether what was asked on an item has its answers: such an item is done, talked over or not."""
    asked = Decision.objects.filter(item=item)
    return asked.exists() and not asked.filter(number=None).exists()


def finish_decided(item: AgendaItem, cite: str) -> None:
    """An item decided after its meeting ended is done; what waited of it waits no more."""
    copies = AgendaItem.objects.filter(carried_from=item, meeting__isnull=False)
    copy = copies.select_related("meeting").first()
    agenda = None
    if copy is not None:  # meetings are locked before their items
        agenda = locked_meeting(copy.meeting)
    rows = locking(AgendaItem)
    locked = rows.get(pk=item.pk)
    if locked.state != ItemState.CARRIED or not is_decided(locked):
        return
    _finish(locked)
    for each in rows.filter(
        carried_from=locked, state__in=[ItemState.ACCEPTED, ItemState.SCHEDULED]
    ):
        each.state, each.reason = ItemState.DECLINED, _("Decided: %(cite)s") % {"cite": cite}
        each.version += 1
        each.save()
        record(None, "meetings.item_declined", each, means=Means.CLOCK, reason=each.reason)
    if agenda is not None and agenda.is_before:
        settle(agenda)


def _finish(item: AgendaItem) -> None:
    item.state = ItemState.DEALT_WITH
    item.version += 1
    item.save()
    record(None, "meetings.item_dealt_with", item, means=Means.CLOCK)


def next_meeting(meeting: Meeting) -> Meeting | None:
    """The next meeting of the series, if something is known of it already."""
    since = max(meeting.starts_at, timezone.now())
    opened = Meeting.objects.filter(series=meeting.series_id, starts_at__gt=since)
    last = opened.order_by("-starts_at").first()
    if last is None:
        return None
    found = ahead_of([meeting.series], since, last.ends_at)
    ahead = (each for each in found if not each.is_cancelled and each.meeting != meeting)
    first = next(ahead, None)
    return first.meeting if first else None


def is_next(meeting: Meeting) -> bool:
    """Whether no other meeting of the series comes before this one."""
    found = ahead_of([meeting.series], timezone.now(), meeting.starts_at)
    return all(each.is_cancelled or each.meeting == meeting for each in found)


def take_carried(meeting: Meeting) -> int:
    """Put what waits from earlier meetings on a new agenda, unless it waited too often."""
    rows = locking(AgendaItem).order_by("id")
    found = list(
        rows.filter(
            body_id=meeting.series.body_id,
            state=ItemState.ACCEPTED,
            meeting=None,
            carried_from__isnull=False,
            carried_from__meeting__series_id=meeting.series_id,
            times_carried__lte=CARRIES,
        )
    )
    position = next_position(meeting.series.body, meeting)
    for number, item in enumerate(found):
        item.meeting, item.state, item.position = meeting, ItemState.SCHEDULED, position + number
        item.version += 1
        item.save()
    if found:
        record(None, "meetings.items_taken_over", meeting, means=Means.CLOCK, items=len(found))
        settle(meeting)
    return len(found)


def next_position(body: Body, meeting: Meeting | None) -> int:
    """The place at the end of an agenda, or of what waits."""
    rows = AgendaItem.objects.filter(body=body, meeting=meeting)
    last = rows.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1

"""A meeting as it runs: begun, item after item with a clock, notes by many hands, ended."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives.audit import record
from initiatives.models import Membership
from initiatives.permissions import Permission
from meetings.choices import ItemState, MeetingState
from meetings.models import AgendaItem, ItemClock, Meeting, Note
from meetings.selectors.agendas import agreement_of, items_of
from meetings.selectors.rights import may_at, permit
from meetings.services.agendas import is_seated
from meetings.services.attendance import count_seats
from meetings.services.carrying import carry_over
from meetings.services.locks import locked_meeting
from meetings.services.papers import lower_late_items
from meetings.services.reminders import take_back
from meetings.services.replies import settle_briefings
from meetings.services.series import ConflictError

LONGEST_NOTE = 5_000  # characters


def start_meeting(*, actor: Membership, meeting: Meeting) -> Meeting:
    """Begin. Without an agreed agenda too: then the record says how many had agreed."""
    locked = _locked(actor, meeting)
    if locked.state == MeetingState.IN_PROGRESS:
        return locked
    if not locked.is_before:
        raise ValidationError(_("This meeting was held or is cancelled."))
    found = agreement_of(locked)
    locked.state, locked.started_at = MeetingState.IN_PROGRESS, timezone.now()
    locked.version += 1
    locked.save()
    lower_late_items(locked)
    settle_briefings(locked)
    take_back(locked.series, locked.starts_at)  # a reminder would come too late
    record(actor, "meetings.meeting_started", locked, agreed=found.agreed, seats=found.seats)
    return locked


def start_item(*, actor: Membership, item: AgendaItem) -> ItemClock:
    """Turn to an item: its clock runs, the one before it stops."""
    meeting = _locked_running(actor, item.meeting)
    if item.state not in {ItemState.SCHEDULED, ItemState.DEALT_WITH}:
        raise ValidationError(_("This item is not on the agenda."))
    standing = ItemClock.objects.filter(meeting=meeting, ended_at=None).first()
    if standing is not None and standing.item_id == item.pk:
        return standing
    _stop_clock(meeting)
    clock = ItemClock.here(meeting=meeting, item=item)
    clock.save()
    record(actor, "meetings.item_begun", item)
    return clock


def finish_item(*, actor: Membership, item: AgendaItem) -> AgendaItem:
    """An item was dealt with; its clock stops."""
    meeting = _locked_running(actor, item.meeting)
    ItemClock.objects.filter(meeting=meeting, item=item, ended_at=None).update(
        ended_at=timezone.now()
    )
    changed = AgendaItem.objects.filter(pk=item.pk, state=ItemState.SCHEDULED)
    if changed.update(state=ItemState.DEALT_WITH, version=item.version + 1):
        record(actor, "meetings.item_dealt_with", item)
    item.refresh_from_db()
    return item


def next_item(
    *, actor: Membership, meeting: Meeting, after: AgendaItem | None = None
) -> AgendaItem | None:
    """Finish the item ``after`` and turn to the next that is left; None when all are dealt with.

    When another item has the clock by now, somebody was faster: that one stays.
    """
    locked = _locked_running(actor, meeting)
    standing = ItemClock.objects.filter(meeting=locked, ended_at=None).select_related("item")
    found = standing.first()
    if (found.item_id if found else None) != (after.pk if after else None):
        return found.item if found else None
    if after is not None:
        finish_item(actor=actor, item=after)
    left = items_of(locked).filter(state=ItemState.SCHEDULED)
    coming: AgendaItem | None = left.first()
    if coming is not None:
        start_item(actor=actor, item=coming)
    return coming


def write_note(
    *,
    actor: Membership,
    meeting: Meeting,
    key: UUID,
    text: str,
    item: AgendaItem | None = None,
    version: int = 0,
) -> Note:
    """Keep a note. The same key sent again is the same note; only its writer changes it.

    :raises ConflictError: it was changed since ``version``.
    """
    runs = may_at(actor, Permission.MEETINGS_RUN, meeting)
    permit(runs or is_seated(actor, meeting.series.body))
    _running(meeting)
    text = text.strip()
    if not text or len(text) > LONGEST_NOTE:
        raise ValidationError({"text": _("Write up to %d characters.") % LONGEST_NOTE})
    if item is not None and item.meeting_id != meeting.pk:
        raise ValidationError(_("This item is not of this meeting."))
    note, is_new = Note.objects.get_or_create(
        initiative_id=meeting.initiative_id,
        meeting=meeting,
        key=key,
        defaults={"item": item, "text": text, "written_by": actor},
    )
    same = note.text == text and note.item_id == (item.pk if item else None)
    if is_new or (same and note.written_by_id == actor.pk):
        return note
    permit(note.written_by_id == actor.pk)
    changed = Note.objects.filter(pk=note.pk, version=version).update(
        text=text, item=item, version=version + 1
    )
    if not changed:
        raise ConflictError(_("This note was changed in another window. Both texts are kept here."))
    note.refresh_from_db()
    return note


def strike_note(*, actor: Membership, note: Note) -> None:
    """Leave a note out of the minutes; its writer or who runs the meeting may."""
    own = note.written_by_id == actor.pk
    permit(own or may_at(actor, Permission.MEETINGS_RUN, note.meeting))
    _running(note.meeting)
    if Note.objects.filter(pk=note.pk, is_struck=False).update(is_struck=True):
        record(actor, "meetings.note_struck", note.meeting)


def end_meeting(*, actor: Membership, meeting: Meeting) -> Meeting:
    """End: clocks stop, seats are counted, what is left waits for the next meeting. Once."""
    locked = _locked(actor, meeting)
    if locked.state == MeetingState.MINUTES_DRAFT:
        return locked
    if locked.state != MeetingState.IN_PROGRESS:
        raise ValidationError(_("The meeting is not running."))
    _stop_clock(locked)
    locked.state, locked.ended_at = MeetingState.MINUTES_DRAFT, timezone.now()
    locked.version += 1
    locked.save()
    counted, carried = count_seats(locked), carry_over(locked)
    record(actor, "meetings.meeting_ended", locked, counted=counted, carried=carried)
    return locked


def _stop_clock(meeting: Meeting) -> None:
    ItemClock.objects.filter(meeting=meeting, ended_at=None).update(ended_at=timezone.now())


def _locked(actor: Membership, meeting: Meeting | None) -> Meeting:
    locked = locked_meeting(meeting)
    permit(may_at(actor, Permission.MEETINGS_RUN, locked))
    return locked


def _locked_running(actor: Membership, meeting: Meeting | None) -> Meeting:
    locked = _locked(actor, meeting)
    if locked.state != MeetingState.IN_PROGRESS:
        raise ValidationError(_("The meeting is not running."))
    return locked


def _running(meeting: Meeting) -> None:
    state = Meeting.objects.values_list("state", flat=True).get(pk=meeting.pk)
    if state not in {MeetingState.IN_PROGRESS, MeetingState.MINUTES_DRAFT}:
        raise ValidationError(_("Notes are taken while the meeting runs."))

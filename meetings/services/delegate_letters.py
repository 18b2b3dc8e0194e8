"""What delegates are written between the letter that names them and the meeting."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from initiatives.choices import NoticeState
from initiatives.days import named_moment
from initiatives.models import Notice
from initiatives.notices import notify
from meetings.arithmetic import recurrence
from meetings.choices import DelegationState
from meetings.models import AgendaItem, Delegation, Meeting, MeetingSeries
from meetings.selectors.calendar import Ahead
from meetings.selectors.people import delegates, outsiders
from meetings.services.envelopes import when
from meetings.services.seat_links import outsider_address, seat_address

REMINDER, TO_DECIDE = "delegate_reminder", "delegate_to_decide"
WRITTEN_TO = (DelegationState.NOTIFIED, DelegationState.BRIEFED)


def write_to_decide(item: AgendaItem) -> int:
    """Tell who comes for a seat that there is something more to decide, once for each item; how many.

    Without an answer to its briefing the seat would not count, and they would learn it in the room.
    """
    meeting = item.meeting
    if meeting is None or not (meeting.is_before and item.asks_to_decide):
        return 0
    written = [_write_to_decide(each, meeting, item) for each in standing(meeting)]
    return sum(each is not None for each in written)


def standing(meeting: Meeting) -> list[Delegation]:
    """The delegations to a meeting of which the delegate knows and may be written to."""
    ids = {(each.seat.pk, each.membership.pk) for each in delegates([meeting.pk])}
    known = Delegation.objects.filter(meeting=meeting, state__in=WRITTEN_TO)
    rows = known.select_related("seat__organization", "delegate__user", "delegate__initiative")
    inside = [each for each in rows.order_by("id") if (each.seat_id, each.delegate_id) in ids]
    return inside + [each for each in outsiders(meeting) if each.state in WRITTEN_TO]


def _write_to_decide(delegation: Delegation, meeting: Meeting, item: AgendaItem) -> Notice | None:
    occasion = f"decide {item.pk}"
    if delegation.delegate is None:
        to: dict[str, Any] = {"recipient": delegation.outside_email}
    else:
        user = delegation.delegate.user
        to = {"recipient": user.email, "user": user}
    return notify(
        TO_DECIDE,
        delegation,
        occasion=occasion,
        **to,
        not_after=meeting.starts_at,
        url=_address(delegation, meeting),
        name=meeting.series.name,
        when=when(meeting),
        organization=delegation.seat.organization.name,
        title=item.title,
    )


def _address(delegation: Delegation, meeting: Meeting) -> str:
    if delegation.delegate is None:
        return outsider_address(delegation)
    return seat_address(meeting, delegation.seat, delegation.delegate)


def plan_outside_reminders(ahead: Iterable[Ahead], now: datetime) -> int:
    """Write the reminders of those without an account, a day before by the meeting's clock; how many.

    They have no page on which they could ask for a digest or for quiet hours.
    """
    meetings = [(each, each.meeting) for each in ahead if each.meeting is not None]
    if not meetings:
        return 0
    found = [(each, row) for each, meeting in meetings for row in outsiders(meeting)]
    wanted = {(row.pk, occasion(each.starts_at)) for each, row in found}
    waiting = Notice.objects.unsent().filter(kind=REMINDER, not_after__gt=now)
    gone = [each.pk for each in waiting if (each.subject_id, each.occasion) not in wanted]
    if gone:
        _cancel(Notice.objects.unsent().filter(pk__in=gone))
    known = _known({pk for pk, _occasion in wanted})
    return sum(
        _remind(each, row, now)
        for each, row in found
        if row.state in WRITTEN_TO and (row.pk, occasion(each.starts_at)) not in known
    )


def _known(ids: set[int]) -> set[tuple[int, str]]:
    rows = Notice.objects.filter(
        kind=REMINDER, subject_type=Delegation._meta.label_lower, subject_id__in=ids
    )
    return set(rows.exclude(state=NoticeState.CANCELLED).values_list("subject_id", "occasion"))


def _remind(each: Ahead, delegation: Delegation, now: datetime) -> int:
    series = each.series
    local = each.starts_at.astimezone(series.zone)
    before = recurrence.instant(
        local.date() - timedelta(days=1), local.time().replace(fold=0), series.time_zone
    )
    notice = notify(
        REMINDER,
        delegation,
        occasion=occasion(each.starts_at),
        recipient=delegation.outside_email,
        not_before=max(before, now),
        not_after=each.starts_at,
        url=outsider_address(delegation),
        name=series.name,
        when=f"{named_moment(local)} ({series.time_zone})",
        place=each.place,
        organization=delegation.seat.organization.name,
    )
    return int(notice is not None)


def occasion(starts_at: datetime) -> str:
    """What names a reminder: the instant it is about."""
    return f"{starts_at:%Y-%m-%dT%H:%MZ}"


def take_back_outside(series: MeetingSeries, starts_at: datetime | None) -> int:
    """Take back the unsent reminders of those without an account; how many.

    :param starts_at: of the occurrence that is not then any more; None: of every one.
    """
    ids = Delegation.objects.filter(meeting__series=series, delegate=None).values("pk")
    rows = Notice.objects.unsent().filter(kind=REMINDER, subject_id__in=ids)
    return _cancel(rows.filter(occasion=occasion(starts_at)) if starts_at else rows)


def take_back_of(delegation: Delegation) -> int:
    """Take back what has not left of a mandate that is over, but the letter that began it; how many."""
    rows = Notice.objects.unsent().filter(kind__in=[REMINDER, TO_DECIDE], subject_id=delegation.pk)
    return _cancel(rows)


def _cancel(rows: Any) -> int:
    return int(rows.update(state=NoticeState.CANCELLED, context={}))

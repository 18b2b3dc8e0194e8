"""Who was there: marked by the backbone or by oneself, counted by seat when the meeting ends."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives.audit import record
from initiatives.choices import Means
from initiatives.models import Membership
from initiatives.permissions import Permission
from meetings.arithmetic.attendance import Status
from meetings.choices import AttendanceMode, DelegationState, MeetingState
from meetings.models import Attendance, Delegation, Meeting, Seat, SeatCount
from meetings.selectors.attendance import verdicts_of
from meetings.selectors.people import may_speak_for
from meetings.selectors.rights import may_at, permit
from meetings.services.locks import locking


def mark_present(
    *,
    actor: Membership,
    meeting: Meeting,
    person: Membership,
    seat: Seat | None = None,
    mode: str = AttendanceMode.ROOM,
    at: datetime | None = None,
) -> Attendance:
    """Note that somebody is there: oneself, or anyone for who runs the meeting. Twice is once.

    ``seat`` None: a guest, or the seat is found by who holds it or comes for it.
    """
    _may_mark(actor, meeting, person)
    seat = seat or seat_of(meeting, person)
    if seat is not None and seat.organization_id != person.organization_id:
        raise ValidationError({"person": _("A seat is taken by somebody of its organization.")})
    return come(meeting, seat, {"person": person}, actor=actor, mode=mode, at=at)


def come(
    meeting: Meeting,
    seat: Seat | None,
    who: dict[str, Any],
    *,
    actor: Membership | None,
    mode: str,
    at: datetime | None = None,
    means: Means = Means.WEB,
) -> Attendance:
    """Keep that ``who`` is there, a ``person`` or a ``delegation``, of whom it may be noted."""
    meeting = _running(meeting)
    row, is_new = Attendance.objects.get_or_create(
        initiative_id=meeting.initiative_id,
        meeting=meeting,
        **who,
        left_at=None,
        defaults={
            "seat": seat,
            "mode": mode,
            "came_at": max(at or timezone.now(), meeting.started_at or meeting.starts_at),
            "marked_by": actor,
        },
    )
    if is_new:
        record(actor, "meetings.came", row, means=means)
    return row


def mark_left(
    *, actor: Membership, meeting: Meeting, person: Membership, at: datetime | None = None
) -> bool:
    """Note that somebody left; whether they were there."""
    _may_mark(actor, meeting, person)
    return leave(meeting, {"person": person}, actor=actor, at=at)


def leave(
    meeting: Meeting,
    who: dict[str, Any],
    *,
    actor: Membership | None,
    at: datetime | None = None,
    means: Means = Means.WEB,
) -> bool:
    """Keep that ``who`` left, of whom it may be noted; whether they were there."""
    meeting = _running(meeting)
    rows = locking(Attendance)
    found = rows.filter(meeting=meeting, **who, left_at=None).first()
    if found is None:
        return False
    found.left_at = max(at or timezone.now(), found.came_at)
    found.save(update_fields=["left_at"])
    record(actor, "meetings.left", found, means=means)
    return True


def seat_of(meeting: Meeting, person: Membership) -> Seat | None:
    """The seat that somebody holds, or comes for, at a meeting."""
    seats = Seat.objects.current().filter(body_id=meeting.series.body_id)
    held = seats.filter(holder=person).first()
    if held is not None:
        return held
    gone = [DelegationState.LAPSED, DelegationState.VOID]
    rows = Delegation.objects.filter(meeting=meeting, delegate=person).exclude(state__in=gone)
    sent = rows.select_related("seat").first()
    return sent.seat if sent else None


def count_seats(meeting: Meeting) -> int:
    """Write down which seats counted, and what delegations came to; how many counted.

    Doing it again, after somebody was marked late, gives what is true then.
    """
    counted = 0
    ended_at = meeting.ended_at or timezone.now()
    Attendance.objects.filter(meeting=meeting, left_at=None).update(left_at=ended_at)
    for seat, verdict in verdicts_of(meeting):
        SeatCount.objects.update_or_create(
            initiative_id=meeting.initiative_id,
            meeting=meeting,
            seat=seat,
            defaults={
                "counted": verdict.counted,
                "status": verdict.status.value,
                "level": verdict.level,
                "by_delegate": verdict.by_delegate,
            },
        )
        counted += verdict.counted
        standing = Delegation.objects.filter(
            meeting=meeting,
            seat=seat,
            state__in=[DelegationState.NAMED, DelegationState.NOTIFIED, DelegationState.BRIEFED],
        )
        if verdict.counted and verdict.by_delegate:
            standing.update(state=DelegationState.SERVED)
        elif verdict.counted:
            standing.update(state=DelegationState.LAPSED)
        elif verdict.by_delegate:
            unbriefed = verdict.status in {Status.UNBRIEFED, Status.BRIEFED_LATE}
            standing.update(state=DelegationState.VOID if unbriefed else DelegationState.SERVED)
    return counted


def _may_mark(actor: Membership, meeting: Meeting, person: Membership) -> None:
    own = Seat(organization_id=person.organization_id, holder_id=None)
    permit(
        actor.pk == person.pk
        or may_speak_for(actor, own)
        or may_at(actor, Permission.MEETINGS_RUN, meeting)
    )


def _running(meeting: Meeting) -> Meeting:
    rows = Meeting.objects.select_related("series__body")
    found = rows.get(pk=meeting.pk)
    if found.state not in {MeetingState.IN_PROGRESS, MeetingState.MINUTES_DRAFT}:
        raise ValidationError(_("The meeting is not running."))
    return found

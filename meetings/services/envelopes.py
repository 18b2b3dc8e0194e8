"""What calendars are told: one envelope to a person for each change, never two of the same."""

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from initiatives.days import named_day, named_moment
from initiatives.models import Membership
from initiatives.notices import notify
from meetings.arithmetic import recurrence
from meetings.arithmetic.recurrence import local_date
from meetings.choices import BEFORE, EnvelopeMethod, MeetingState
from meetings.exports import envelopes
from meetings.models import CalendarEnvelope, Delegation, Meeting, MeetingSeries
from meetings.selectors.people import (
    Concerned,
    concerned_by_meeting,
    concerned_by_series,
    delegates,
    holders,
    outsiders,
)
from meetings.services.seat_links import outsider_address


def write_series(series: MeetingSeries, *, to: Iterable[Membership] | None = None) -> int:
    """Ask everyone with a seat (or just ``to``) to come to a series; how many were written to."""
    people = concerned_by_series(series) if to is None else ()
    chosen = [each.membership for each in people] if to is None else list(to)
    own = [each for each in _to_come(series) if envelopes.deviates(each)]
    written = 0
    for membership in chosen:
        row = _envelope(series, None, membership, EnvelopeMethod.REQUEST, series.sequence)
        if row is None:
            continue
        data = envelopes.invitation(
            series, own, to=_person(membership), sender=_sender(series), stamp=timezone.now()
        )
        _post(row, "meeting_invited", series, data, when=_when_of(series))
        written += 1
    return written


def write_series_off(series: MeetingSeries, *, to: Iterable[Membership]) -> int:
    """Take a series out of calendars, of those who are still members."""
    written = 0
    for membership in to:
        row = _envelope(series, None, membership, EnvelopeMethod.CANCEL, series.sequence)
        if row is None or not membership.is_current:
            continue
        data = envelopes.cancellation(
            series, to=_person(membership), sender=_sender(series), stamp=timezone.now()
        )
        _post(row, "meeting_cancelled", series, data, when="", reason="")
        written += 1
    return written


def was_taken_out(
    series: MeetingSeries, people: Iterable[Membership], meeting: Meeting | None = None
) -> bool:
    """Whether the series, or one meeting, as it stands, was cancelled for any of these before."""
    return CalendarEnvelope.objects.filter(
        uid=series.uid,
        meeting=meeting,
        method=EnvelopeMethod.CANCEL,
        sequence__gte=meeting.sequence if meeting else series.sequence,
        membership__in=list(people),
    ).exists()


def write_meeting(meeting: Meeting) -> int:
    """Tell everyone concerned that one meeting was moved or called off."""
    return _write_meeting(meeting, concerned_by_meeting(meeting)) + _write_outsiders(meeting)


def _write_meeting(meeting: Meeting, people: Iterable[Concerned]) -> int:
    off = meeting.state == MeetingState.CANCELLED
    kind = "meeting_cancelled" if off else "meeting_moved"
    method = EnvelopeMethod.CANCEL if off else EnvelopeMethod.REQUEST
    written = 0
    for each in people:
        row = _envelope(meeting.series, meeting, each.membership, method, meeting.sequence)
        if row is None:
            continue
        data = envelopes.occurrence(
            meeting,
            to=_person(each.membership),
            sender=_sender(meeting.series),
            stamp=timezone.now(),
            instead_of=_person(each.seat.holder) if each.is_delegate and each.seat.holder else None,
        )
        _post(row, kind, meeting, data, when=when(meeting), reason=meeting.reason)
        written += 1
    return written


def write_delegates(meeting: Meeting) -> int:
    """Tell the delegates alone: what the holders read of the series is no news of theirs."""
    return _write_meeting(meeting, delegates([meeting.pk])) + _write_outsiders(meeting)


def _write_outsiders(meeting: Meeting) -> int:
    """The same for delegates without an account: the letter takes them to what their link opens."""
    off = meeting.state == MeetingState.CANCELLED
    kind = "meeting_cancelled" if off else "meeting_moved"
    method = EnvelopeMethod.CANCEL if off else EnvelopeMethod.REQUEST
    written = 0
    for each in outsiders(meeting):
        each.meeting = meeting
        notice = notify(
            kind,
            each,
            occasion=f"{method} {meeting.sequence}",
            recipient=each.outside_email,
            url=outsider_address(each),
            is_outside=True,
            name=meeting.series.name,
            body=meeting.series.body.name,
            when=when(meeting),
            place=meeting.place,
            reason=meeting.reason,
            enclosures=[_enclose_for_outsider(each, method)],
        )
        written += notice is not None
    return written


def _enclose_for_outsider(delegation: Delegation, method: EnvelopeMethod) -> dict[str, str]:
    """The meeting for the calendar of a delegate without an account, or out of it."""
    meeting, holder = delegation.meeting, delegation.seat.holder
    data = envelopes.occurrence(
        meeting,
        to=envelopes.Person(delegation.outside_name, delegation.outside_email),
        sender=_sender(meeting.series),
        stamp=timezone.now(),
        instead_of=_person(holder) if holder else None,
        off=method == EnvelopeMethod.CANCEL,
    )
    return _enclosed(method, data)


def _invite_again(delegation: Delegation) -> None:
    """Let a meeting that was called off for an address be asked for by a later word than that."""
    meeting = delegation.meeting
    rows = Delegation.objects.filter(meeting=meeting, delegate=None).exclude(pk=delegation.pk)
    if rows.filter(outside_email__lower=delegation.outside_email.lower()).exists():
        meeting.sequence = max(meeting.sequence, meeting.series.sequence) + 1
        meeting.save(update_fields=["sequence"])


def enclose_for_delegate(
    delegation: Delegation, method: EnvelopeMethod
) -> tuple[CalendarEnvelope | None, list[dict[str, str]]]:
    """The meeting for a delegate's calendar, or out of it, as enclosures of their letter; nothing
    where it stands there anyway: for another seat of theirs, or as it was written before.
    """
    meeting, delegate = delegation.meeting, delegation.delegate
    if delegate is None:
        if method == EnvelopeMethod.REQUEST:
            _invite_again(delegation)
        return None, [_enclose_for_outsider(delegation, method)]
    if any(
        each.membership.user_id == delegate.user_id for each in holders([meeting.series.body_id])
    ):
        return None, []
    off = method == EnvelopeMethod.CANCEL
    if not off and was_taken_out(meeting.series, [delegate], meeting):
        # Their calendar takes it back in only as a later word than the cancellation.
        meeting.sequence = max(meeting.sequence, meeting.series.sequence) + 1
        meeting.save(update_fields=["sequence"])
    row = _envelope(meeting.series, meeting, delegate, method, meeting.sequence)
    if row is None:
        return None, []
    holder = delegation.seat.holder
    data = envelopes.occurrence(
        meeting,
        to=_person(delegate),
        sender=_sender(meeting.series),
        stamp=timezone.now(),
        instead_of=_person(holder) if holder else None,
        off=off,
    )
    return row, [_enclosed(row.method, data)]


def _enclosed(method: str, data: bytes) -> dict[str, str]:
    return {
        "name": "invite.ics",
        "type": f"text/calendar; method={method}; charset=utf-8",
        "text": data.decode(),
    }


def when(meeting: Meeting) -> str:
    """The time of a meeting in words, by its own clock."""
    local = meeting.starts_at.astimezone(meeting.series.zone)
    return f"{named_moment(local)} ({meeting.series.time_zone})"


def _when_of(series: MeetingSeries) -> str:
    today = local_date(timezone.now(), series.time_zone)
    until = today + recurrence.AHEAD
    to_come = recurrence.days(series.recurrence, max(today, series.starts_on), until)
    first = named_day(next(iter(to_come), series.starts_on))
    at = f"{time_format(series.starts_at, 'TIME_FORMAT')} ({series.time_zone})"
    if not series.rule:
        return f"{first}, {at}"
    return _("from %(first)s, at %(at)s") % {"first": first, "at": at}


def _to_come(series: MeetingSeries) -> list[Meeting]:
    rows = Meeting.objects.filter(
        series=series,
        state__in=[*BEFORE, MeetingState.CANCELLED],
        starts_at__gt=timezone.now(),
    )
    found = list(rows)
    for each in found:
        each.series = series
    return found


def _envelope(
    series: MeetingSeries,
    meeting: Meeting | None,
    membership: Membership,
    method: EnvelopeMethod,
    sequence: int,
) -> CalendarEnvelope | None:
    """The row of an envelope; None when the same was written before."""
    row, is_new = CalendarEnvelope.objects.get_or_create(
        initiative_id=series.initiative_id,
        membership=membership,
        uid=series.uid,
        meeting=meeting,
        method=method,
        sequence=sequence,
        defaults={"series": series},
    )
    return row if is_new else None


def _post(
    row: CalendarEnvelope,
    kind: str,
    about: MeetingSeries | Meeting,
    data: bytes,
    *,
    when: str,
    reason: str = "",
) -> None:
    series = about if isinstance(about, MeetingSeries) else about.series
    slug = row.membership.initiative.slug
    place = reverse("meetings:series", args=[slug, series.pk])
    row.notice = notify(
        kind,
        row,
        occasion=f"{row.method} {row.sequence}",
        recipient=row.membership.user.email,
        user=row.membership.user,
        url=settings.SITE_URL + place,
        name=series.name,
        body=series.body.name,
        when=when,
        place=about.place,
        reason=reason,
        enclosures=[_enclosed(row.method, data)],
    )
    row.save(update_fields=["notice"])


def _person(membership: Membership) -> envelopes.Person:
    return envelopes.Person(membership.user.name, membership.user.email)


def _sender(series: MeetingSeries) -> envelopes.Person:
    return envelopes.organizer(series.initiative.name)

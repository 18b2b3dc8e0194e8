"""Series and their occurrences: made, changed, moved, cancelled, replaced."""

from datetime import date, datetime, time, timedelta
from types import EllipsisType
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives.audit import record
from initiatives.models import Membership
from initiatives.notices import cancel
from initiatives.permissions import Permission
from meetings.arithmetic import recurrence
from meetings.choices import BEFORE, MeetingState
from meetings.models import Body, Meeting, MeetingSeries
from meetings.selectors.rights import may_at, may_in_series, permit
from meetings.services.carrying import carry_over, is_next, take_carried
from meetings.services.envelopes import write_delegates, write_meeting, write_series
from meetings.services.locks import locking
from meetings.services.reminders import take_back
from meetings.services.seat_links import keep_open

# What calendars show: a change of any of these makes them ask again.
SHOWN = ("rule", "starts_on", "starts_at", "minutes", "time_zone", "ends_on", "place", "link")


class ConflictError(ValidationError):
    """Somebody saved in between; nothing was written."""


def create_series(*, actor: Membership, body: Body, name: str, **fields: Any) -> MeetingSeries:
    """A new series of a body. ``fields`` are the model's.

    :raises ValidationError: a rule or a zone that is not understood, by field.
    """
    permit(actor.may(Permission.MEETINGS_EDIT))
    series = MeetingSeries.here(body=body, name=name.strip(), **_checked(fields))
    series.save()
    record(actor, "meetings.series_created", series, rule=series.rule)
    write_series(series)
    return series


def change_series(
    *, actor: Membership, series: MeetingSeries, version: int, **fields: Any
) -> MeetingSeries:
    """Change a series for what is to come. Meetings that were moved by hand, or on whose day the
    new rule does not meet, keep their time: people were told.

    :raises ConflictError: somebody saved since ``version``.
    """
    permit(may_in_series(actor, Permission.MEETINGS_EDIT, series.pk))
    fields = _checked(fields)
    with transaction.atomic():
        locked = locking(MeetingSeries).get(pk=series.pk)
        if locked.version != version:
            raise ConflictError(_("Somebody changed this series since you opened it."))
        changed = [name for name, value in fields.items() if getattr(locked, name) != value]
        if not changed:
            return locked
        names = ("starts_at", "minutes", "place", "link", "facilitator_id", "rule", "starts_on")
        before = {name: getattr(locked, name) for name in names}
        for name in changed:
            setattr(locked, name, fields[name])
        locked.version += 1
        locked.sequence += bool(set(changed) & set(SHOWN))
        locked.save()
        record(actor, "meetings.series_changed", locked, fields=sorted(changed))
        _call_off_after_end(actor, locked)
        followed = _follow(locked, before)
        if set(changed) & set(SHOWN):
            take_back(locked)  # reminders of the old times; the new ones are planned again
            write_series(locked)
        for meeting in followed:
            write_delegates(meeting)
    return locked


def _follow(series: MeetingSeries, before: dict[str, Any]) -> list[Meeting]:
    """Let the meetings to come that stood as the series did stand as it does now; those that show
    otherwise since.
    """
    followed = []
    rows = locking(Meeting).order_by("id")
    for meeting in rows.filter(series=series, state__in=BEFORE, starts_at__gt=timezone.now()):
        meeting.series = series
        if not series.rule and not before["rule"] and meeting.day == before["starts_on"]:
            _to_the_only_day(meeting)
        if meeting.facilitator_id == before["facilitator_id"] != series.facilitator_id:
            meeting.facilitator_id = series.facilitator_id
            meeting.save(update_fields=["facilitator"])
        moved = meeting.local_date != meeting.day or meeting.local_time != before["starts_at"]
        if moved or not recurrence.meets_on(series.recurrence, meeting.day):
            continue
        each, shown = recurrence.occurrence(series.recurrence, meeting.day), _shown(meeting)
        meeting.local_time, meeting.minutes = series.starts_at, series.minutes
        meeting.starts_at, meeting.ends_at = each.starts_at, each.ends_at
        for name in ("place", "link"):
            if getattr(meeting, name) == before[name]:
                setattr(meeting, name, getattr(series, name))
        if _shown(meeting) != shown:
            _store(meeting)
            followed.append(meeting)
    return followed


def _to_the_only_day(meeting: Meeting) -> None:
    """What meets once is named by its day: another first day is another name for the same meeting,
    where none has it already.
    """
    day = meeting.series.starts_on
    if day == meeting.day or Meeting.objects.filter(series=meeting.series, day=day).exists():
        return
    if meeting.local_date == meeting.day:
        meeting.local_date = day
    meeting.day = day
    meeting.save(update_fields=["day"])


def _call_off_after_end(actor: Membership, series: MeetingSeries) -> None:
    """Call off what was opened for days after the last one; what was moved before it stays."""
    if series.ends_on is None:
        return
    rows = locking(Meeting).filter(
        series=series,
        state__in=BEFORE,
        day__gte=series.ends_on,
        local_date__gte=series.ends_on,
        starts_at__gt=timezone.now(),
    )
    for meeting in rows.order_by("id"):
        meeting.series = series
        _call_off(actor, meeting, _("The series has ended."))


def end_series(*, actor: Membership, series: MeetingSeries, last_day: date) -> MeetingSeries:
    """Let a series end after ``last_day``."""
    ends_on = max(last_day + timedelta(days=1), series.starts_on)
    return change_series(actor=actor, series=series, version=series.version, ends_on=ends_on)


def open_meeting(*, actor: Membership | None, series: MeetingSeries, day: date) -> Meeting:
    """The meeting of an occurrence; a row is made the first time there is something to say of it.

    :raises ValidationError: the series does not meet that day.
    """
    found = Meeting.objects.filter(series=series, day=day).first()
    if found is not None:
        return found
    over = series.ends_on is not None and day >= series.ends_on
    if day > timezone.localdate() + recurrence.AHEAD:
        raise ValidationError(_("One can look five years ahead, and no further."))
    if over or not recurrence.meets_on(series.recurrence, day):
        raise ValidationError(_("The series does not meet that day."))
    each = recurrence.occurrence(series.recurrence, day)
    meeting, is_new = Meeting.objects.get_or_create(
        initiative_id=series.initiative_id,
        series=series,
        day=day,
        defaults={
            "local_date": day,
            "local_time": series.starts_at,
            "minutes": series.minutes,
            "starts_at": each.starts_at,
            "ends_at": each.ends_at,
            "place": series.place,
            "link": series.link,
            "facilitator_id": series.facilitator_id,
            "sequence": series.sequence,
        },
    )
    if is_new:
        record(actor, "meetings.meeting_opened", meeting)
        if is_next(meeting):
            take_carried(meeting)
    return meeting


def move_meeting(
    *,
    actor: Membership,
    meeting: Meeting,
    version: int,
    local_date: date,
    local_time: time,
    minutes: int | None = None,
    place: str | None = None,
    link: str | None = None,
    facilitator: Membership | EllipsisType | None = ...,
    reason: str = "",
) -> Meeting:
    """Move one meeting in time or place; its name, the day the rule gave it, stays. Another
    ``facilitator`` is noted and nobody is written to.

    :raises ValidationError: it has begun or is cancelled, or the new time is past.
    """
    locked = _changeable(actor, meeting, version)
    starts_at = recurrence.instant(local_date, local_time, locked.series.time_zone)
    if starts_at <= timezone.now():
        raise ValidationError({"local_date": _("This time is past.")})
    shown = _shown(locked)
    locked.local_date, locked.local_time = local_date, local_time
    locked.minutes = minutes or locked.minutes
    locked.starts_at = starts_at
    locked.ends_at = starts_at + timedelta(minutes=locked.minutes)
    locked.place = locked.place if place is None else place
    locked.link = locked.link if link is None else link
    if not isinstance(facilitator, EllipsisType) and facilitator != locked.facilitator:
        locked.facilitator, locked.version = facilitator, locked.version + 1
        locked.save(update_fields=["facilitator", "version"])
        said = str(facilitator.user) if facilitator else ""
        record(actor, "meetings.facilitator_named", locked, facilitator=said)
    if _shown(locked) == shown:
        return locked  # where it was
    take_back(locked.series, shown[0])
    locked.reason = reason.strip()
    _store(locked)
    keep_open(locked)
    record(actor, "meetings.meeting_moved", locked, reason=locked.reason)
    write_meeting(locked)
    return locked


def cancel_meeting(
    *,
    actor: Membership,
    meeting: Meeting,
    version: int,
    reason: str,
    instead: date | None = None,
) -> Meeting:
    """Call a meeting off, with a reason, and say which day of the series takes its place, if one
    does.

    :raises ValidationError: no reason, or the series does not meet on that day.
    """
    if not reason.strip():
        raise ValidationError({"reason": _("Say why it is cancelled.")})
    locked = _changeable(actor, meeting, version)
    locked.replaced_by = _replacement(actor, locked, instead) if instead else None
    return _call_off(actor, locked, reason.strip())


def _call_off(actor: Membership, locked: Meeting, reason: str) -> Meeting:
    locked.state, locked.reason = MeetingState.CANCELLED, reason
    _store(locked)
    record(actor, "meetings.meeting_cancelled", locked, reason=locked.reason)
    take_back(locked.series, locked.starts_at)
    cancel(locked)  # what asked the seats about it
    carry_over(locked)
    write_meeting(locked)
    return locked


def _replacement(actor: Membership, meeting: Meeting, day: date) -> Meeting:
    if day == meeting.day:
        raise ValidationError({"instead": _("A meeting does not replace itself.")})
    try:
        found = open_meeting(actor=actor, series=meeting.series, day=day)
    except ValidationError as error:
        raise ValidationError({"instead": error.messages}) from error
    if not found.is_before or found.is_past:
        raise ValidationError({"instead": _("This meeting cannot take its place.")})
    return found


def _shown(meeting: Meeting) -> tuple[Any, ...]:
    """What calendars show of a meeting."""
    return (meeting.starts_at, meeting.ends_at, meeting.place, meeting.link)


def _store(meeting: Meeting) -> None:
    """Write a change that calendars must see: theirs is the later word of both sequences."""
    meeting.sequence = max(meeting.sequence, meeting.series.sequence) + 1
    meeting.version += 1
    meeting.save()


def _changeable(actor: Membership, meeting: Meeting, version: int) -> Meeting:
    """The meeting, locked after its series: the planner of reminders waits for both."""
    permit(may_at(actor, Permission.MEETINGS_EDIT, meeting))
    own = locking(MeetingSeries, "body", "initiative").get(pk=meeting.series_id)
    locked: Meeting = locking(Meeting).get(pk=meeting.pk)
    locked.series = own
    if not locked.is_before:
        text = _("This meeting is %(state)s and cannot be changed any more.")
        raise ValidationError(text % {"state": str(locked.get_state_display()).lower()})
    if locked.version != version:
        raise ConflictError(_("Somebody changed this meeting since you opened it."))
    return locked


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields in their plain form, or what is wrong by field."""
    try:
        if "rule" in fields:
            fields = {**fields, "rule": recurrence.check(fields["rule"])}
    except recurrence.RuleError as error:
        raise ValidationError({"rule": str(error)}) from error
    if "time_zone" in fields and fields["time_zone"] not in available_timezones():
        raise ValidationError({"time_zone": _("This time zone is not known.")})
    return fields


def local_now(series: MeetingSeries) -> datetime:
    """Now, by the series' clock."""
    return timezone.now().astimezone(ZoneInfo(series.time_zone))

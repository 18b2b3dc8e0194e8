"""Reminders, planned from the occurrences of the next two days and written once each.

"A day before" means the same wall time on the day before, whatever the clocks do in between. The
letter's key is the series, the instant and the recipient: a second planner, a second beat or a
restart finds it written. What is moved or cancelled takes its unsent letters back in the same
transaction; planning waits for the row of the series, so it never reads what is being changed.
"""

from collections import defaultdict
from datetime import datetime, time, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from initiatives.choices import NoticeState
from initiatives.models import InitiativeProfile, Membership, Notice
from initiatives.notices import cancel, notify
from meetings.arithmetic import recurrence
from meetings.models import MeetingSeries, QuietSetting
from meetings.selectors.calendar import Ahead, ahead_of
from meetings.selectors.people import delegates, holders

HORIZON = timedelta(hours=48)
FLOOD = 2  # so many reminders for one day come one by one; more come as one letter
DIGEST_AT = time(7, 0)


def plan_reminders(now: datetime | None = None) -> int:
    """Write the reminders of what begins within two days, in the initiative in scope; how many."""
    now = now or timezone.now()
    # A series that is being changed is left for the next tick.
    rows = MeetingSeries.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    series = list(rows.select_related("body", "initiative").order_by("id"))
    ahead = [each for each in ahead_of(series, now, now + HORIZON) if not each.is_cancelled]
    if not ahead:
        return 0
    quiet = {each.user_id: each for each in QuietSetting.objects.all()}
    by_person: dict[int, list[Ahead]] = defaultdict(list)
    members: dict[int, Membership] = {}
    for each, membership in _recipients(ahead):
        setting = quiet.get(membership.user_id)
        if setting is None or not setting.without_reminders:
            by_person[membership.user_id].append(each)
            members[membership.user_id] = membership
    known = _written(ahead)
    return sum(
        _remind(members[user_id], found, quiet.get(user_id), known, now)
        for user_id, found in by_person.items()
    )


def _recipients(ahead: list[Ahead]) -> list[tuple[Ahead, Membership]]:
    """Everyone concerned by each, once."""
    seated = holders({each.series.body_id for each in ahead})
    own = {each.meeting.pk: each for each in ahead if each.meeting}
    found: dict[tuple[int, datetime, int], tuple[Ahead, Membership]] = {}
    for each in ahead:
        for person in seated:
            if person.seat.body_id == each.series.body_id:
                key = (each.series.pk, each.starts_at, person.membership.user_id)
                found[key] = (each, person.membership)
    for person in delegates(own):
        for each in own.values():
            if person.seat.body_id == each.series.body_id:
                key = (each.series.pk, each.starts_at, person.membership.user_id)
                found[key] = (each, person.membership)
    return list(found.values())


def occasion(series_start: datetime) -> str:
    """What names a reminder of a series: the instant it is about."""
    return f"{series_start:%Y-%m-%dT%H:%MZ}"


def take_back(series: MeetingSeries, starts_at: datetime) -> int:
    """Take back the unsent reminders of an occurrence that is not at ``starts_at`` any more."""
    return cancel(series, occasion=occasion(starts_at))


def _written(ahead: list[Ahead]) -> set[tuple[int, str, str]]:
    rows = Notice.objects.filter(
        kind="meeting_reminder",
        subject_type="meetings.meetingseries",
        subject_id__in={each.series.pk for each in ahead},
        occasion__in={occasion(each.starts_at) for each in ahead},
    )
    standing = rows.exclude(state=NoticeState.CANCELLED)
    return set(standing.values_list("subject_id", "occasion", "recipient"))


def _remind(
    membership: Membership,
    found: list[Ahead],
    setting: QuietSetting | None,
    known: set[tuple[int, str, str]],
    now: datetime,
) -> int:
    email = membership.user.email.lower()
    by_day: dict[str, list[Ahead]] = defaultdict(list)
    for each in found:
        by_day[f"{each.starts_at.astimezone(each.series.zone):%Y-%m-%d}"].append(each)
    written = 0
    for day, some in by_day.items():
        told = [e for e in some if (e.series.pk, occasion(e.starts_at), email) in known]
        many = len(some) > FLOOD or (setting is not None and setting.as_digest)
        if many and not told:
            written += _write_digest(membership, day, some, setting, now)
            continue
        for each in some:
            if each not in told:
                written += _write(membership, each, setting, now)
    return written


def _write(membership: Membership, each: Ahead, setting: QuietSetting | None, now: datetime) -> int:
    series = each.series
    local = each.starts_at.astimezone(series.zone)
    before = recurrence.instant(
        local.date() - timedelta(days=1), local.time().replace(fold=0), series.time_zone
    )
    notice = notify(
        "meeting_reminder",
        series,
        occasion=occasion(each.starts_at),
        recipient=membership.user.email,
        user=membership.user,
        not_before=max(now, _loud(before, setting)),
        not_after=each.starts_at,
        url=settings.SITE_URL + _address(membership, each),
        name=series.name,
        when=f"{date_format(local, 'l, j F, H:i')} ({series.time_zone})",
        place=each.place,
    )
    return int(notice is not None)


def _write_digest(
    membership: Membership,
    day: str,
    found: list[Ahead],
    setting: QuietSetting | None,
    now: datetime,
) -> int:
    """One letter for all meetings of a day, in the morning of the day before."""
    first = min(found, key=lambda each: each.starts_at)
    local = first.starts_at.astimezone(first.series.zone)
    morning = recurrence.instant(
        local.date() - timedelta(days=1), DIGEST_AT, first.series.time_zone
    )
    notice = notify(
        "meeting_digest",
        membership,
        occasion=day,
        recipient=membership.user.email,
        user=membership.user,
        not_before=max(now, _loud(morning, setting)),
        not_after=first.starts_at,
        url=settings.SITE_URL + reverse("meetings:overview", args=[membership.initiative.slug]),
        day=date_format(local, "l, j F"),
        meetings=[
            {
                "name": each.series.name,
                "when": f"{each.starts_at.astimezone(each.series.zone):%H:%M}"
                f" ({each.series.time_zone})",
                "place": each.place,
            }
            for each in sorted(found, key=lambda each: each.starts_at)
        ],
    )
    return int(notice is not None)


def _loud(moment: datetime, setting: QuietSetting | None) -> datetime:
    """``moment``, or the end of the quiet hours that it falls into, by the initiative's clock."""
    if setting is None or setting.quiet_from is None or setting.quiet_until is None:
        return moment
    profile = InitiativeProfile.objects.first()
    zone = profile.time_zone if profile else "UTC"
    local = moment.astimezone(profile.zone if profile else moment.tzinfo)
    begin, end, at = setting.quiet_from, setting.quiet_until, local.time()
    over_night = begin > end
    is_quiet = (at >= begin or at < end) if over_night else begin <= at < end
    if not is_quiet:
        return moment
    day = local.date() + timedelta(days=1 if over_night and at >= begin else 0)
    return recurrence.instant(day, end, zone)


def _address(membership: Membership, each: Ahead) -> str:
    slug = membership.initiative.slug
    if each.meeting:
        return reverse("meetings:meeting", args=[slug, each.meeting.pk])
    return reverse("meetings:series", args=[slug, each.series.pk])

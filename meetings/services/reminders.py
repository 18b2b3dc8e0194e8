"""Reminders, planned from the occurrences of the next two days and written once each.

"A day before" means the same wall time on the day before, whatever the clocks do in between. The
letter's key is the series, the instant and the recipient: a second planner, a second beat or a
restart finds it written. What is moved or cancelled takes its unsent letters back in the same
transaction; planning waits for the row of the series, so it never reads what is being changed.
Whoever is not concerned any more (the seat went to somebody else) has theirs taken back when it is
planned next.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from initiatives.choices import NoticeState
from initiatives.days import named_day, named_moment
from initiatives.models import InitiativeProfile, Membership, Notice
from initiatives.notices import cancel, notify
from meetings.arithmetic import recurrence
from meetings.arithmetic.quiet import loud
from meetings.models import DigestEntry, MeetingSeries, QuietSetting
from meetings.selectors.calendar import Ahead, ahead_of
from meetings.selectors.people import delegates, holders
from meetings.services.delegate_letters import (
    occasion,
    plan_outside_reminders,
    take_back_outside,
)

HORIZON = timedelta(hours=48)
FLOOD = 2  # so many reminders for one day come one by one; more come as one letter
DIGEST_AT = time(7, 0)


class Told(NamedTuple):
    """One occurrence and one person: of this somebody is told once."""

    series_id: int
    starts_at: datetime
    user_id: int


def plan_reminders(now: datetime | None = None) -> int:
    """Write the reminders of what begins within two days, in the initiative in scope; how many."""
    now = now or timezone.now()
    # A series that is being changed is left for the next tick.
    rows = MeetingSeries.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    series = list(rows.select_related("body", "initiative").order_by("id"))
    ahead = [each for each in ahead_of(series, now, now + HORIZON) if not each.is_cancelled]
    quiet = {each.user_id: each for each in QuietSetting.objects.all()} if ahead else {}
    without = {each.user_id for each in quiet.values() if each.without_reminders}
    wanted = _wanted(ahead, without) if ahead else {}
    _take_back_others(series, wanted, now)
    outside = plan_outside_reminders(ahead, now)
    if not wanted:
        return outside
    profile = InitiativeProfile.objects.first()
    told = _told(wanted)
    by_person: dict[int, list[Ahead]] = defaultdict(list)
    members: dict[int, Membership] = {}
    for which, (each, membership) in wanted.items():
        by_person[which.user_id].append(each)
        members[which.user_id] = membership
    return outside + sum(
        _Person(members[user_id], quiet.get(user_id), profile, now).remind(found, told)
        for user_id, found in by_person.items()
    )


def _wanted(ahead: list[Ahead], without: set[int]) -> dict[Told, tuple[Ahead, Membership]]:
    """Everyone concerned by each, once; not who wants none (``without``: their ids)."""
    seated = holders({each.series.body_id for each in ahead})
    own = {each.meeting.pk: each for each in ahead if each.meeting}
    found: dict[Told, tuple[Ahead, Membership]] = {}
    for each in ahead:
        for person in seated:
            if person.seat.body_id == each.series.body_id:
                found[_key(each, person.membership)] = (each, person.membership)
    for meeting_id, each in own.items():
        for person in delegates([meeting_id]):
            found[_key(each, person.membership)] = (each, person.membership)
    return {which: row for which, row in found.items() if which.user_id not in without}


def _key(each: Ahead, membership: Membership) -> Told:
    return Told(each.series.pk, each.starts_at, membership.user_id)


def take_back(series: MeetingSeries, starts_at: datetime | None = None) -> int:
    """Take back the unsent reminders of an occurrence that is not at ``starts_at`` any more.

    Without ``starts_at``: of every occurrence of the series.
    """
    entries = DigestEntry.objects.filter(series=series)
    if starts_at is not None:
        entries = entries.filter(starts_at=starts_at)
    _undo_digests(entries.values("notice_id"))
    outside = take_back_outside(series, starts_at)
    return outside + cancel(series, occasion=occasion(starts_at) if starts_at else "")


def _undo_digests(notice_ids: Iterable[object]) -> None:
    """Take back unsent digests whole; what still stands in them is planned again."""
    unsent = Notice.objects.unsent().filter(pk__in=notice_ids, kind="meeting_digest")
    ids = list(unsent.select_for_update(of=("self",)).values_list("pk", flat=True))
    DigestEntry.objects.filter(notice_id__in=ids).delete()
    Notice.objects.filter(pk__in=ids).update(state=NoticeState.CANCELLED, context={})


def _take_back_others(
    series: list[MeetingSeries], wanted: dict[Told, tuple[Ahead, Membership]], now: datetime
) -> None:
    """Take back what waits for somebody whom the occurrence does not concern any more."""
    ids = {each.pk for each in series}
    names = {(each.series_id, occasion(each.starts_at), each.user_id) for each in wanted}
    waiting = Notice.objects.unsent().filter(kind="meeting_reminder", not_after__gt=now)
    stale = [
        each.pk
        for each in waiting
        if each.subject_id in ids and (each.subject_id, each.occasion, each.user_id) not in names
    ]
    if stale:
        Notice.objects.unsent().filter(pk__in=stale).update(state=NoticeState.CANCELLED, context={})
    entries = DigestEntry.objects.filter(series_id__in=ids, starts_at__gt=now)
    found = list(entries.select_related("notice"))
    # A digest that came too late for the first meeting says nothing of the others.
    lost = [each.pk for each in found if each.notice.state == NoticeState.CANCELLED]
    if lost:
        DigestEntry.objects.filter(pk__in=lost).delete()
    gone = {
        each.notice_id
        for each in found
        if each.notice.state == NoticeState.WAITING
        and Told(each.series_id, each.starts_at, each.user_id) not in wanted
    }
    if gone:
        _undo_digests(gone)


def _told(wanted: dict[Told, tuple[Ahead, Membership]]) -> set[Told]:
    """What of it stands written, alone or in a digest."""
    ids = {each.series_id for each in wanted}
    by_name = {(each.series_id, occasion(each.starts_at)): each.starts_at for each in wanted}
    rows = Notice.objects.filter(
        kind="meeting_reminder",
        subject_type="meetings.meetingseries",
        subject_id__in=ids,
        occasion__in={name for _id, name in by_name},
    ).exclude(state=NoticeState.CANCELLED)
    single = {
        Told(series_id, by_name[series_id, name], user_id)
        for series_id, name, user_id in rows.values_list("subject_id", "occasion", "user_id")
        if (series_id, name) in by_name
    }
    entries = DigestEntry.objects.filter(
        series_id__in=ids, starts_at__in={each.starts_at for each in wanted}
    )
    many = {Told(*row) for row in entries.values_list("series_id", "starts_at", "user_id")}
    return single | many


class _Person(NamedTuple):
    """One person's reminders, by what they want."""

    membership: Membership
    setting: QuietSetting | None
    profile: InitiativeProfile | None
    now: datetime

    def remind(self, found: list[Ahead], told: set[Told]) -> int:
        by_day: dict[str, list[Ahead]] = defaultdict(list)
        for each in found:
            by_day[f"{each.starts_at.astimezone(each.series.zone):%Y-%m-%d}"].append(each)
        written = 0
        for day, some in by_day.items():
            left = [each for each in some if _key(each, self.membership) not in told]
            digest = self.setting is not None and self.setting.as_digest
            if left and (digest or len(left) > FLOOD):
                written += self._write_digest(day, left, some)
                continue
            written += sum(self._write(each) for each in left)
        return written

    def _write(self, each: Ahead) -> int:
        series = each.series
        local = each.starts_at.astimezone(series.zone)
        before = recurrence.instant(
            local.date() - timedelta(days=1), local.time().replace(fold=0), series.time_zone
        )
        notice = notify(
            "meeting_reminder",
            series,
            occasion=occasion(each.starts_at),
            recipient=self.membership.user.email,
            user=self.membership.user,
            not_before=self._loud(before, each.starts_at),
            not_after=each.starts_at,
            url=settings.SITE_URL + _address(self.membership, each),
            quiet_url=_quiet_url(self.membership),
            name=series.name,
            when=f"{named_moment(local)} ({series.time_zone})",
            place=each.place,
        )
        return int(notice is not None)

    def _write_digest(self, day: str, left: list[Ahead], some: list[Ahead]) -> int:
        """One letter for the meetings of a day, in the morning of the day before.

        One that waits already is written anew with what came since.
        """
        earlier = Notice.objects.filter(
            kind="meeting_digest",
            subject_id=self.membership.pk,
            occasion__startswith=day,
        )
        kept = {_key(each, self.membership): each for each in some}
        entries = DigestEntry.objects.filter(notice__in=earlier.unsent(), user=self.membership.user)
        again = [
            kept[which]
            for each in entries
            if (which := Told(each.series_id, each.starts_at, each.user_id)) in kept
        ]
        _undo_digests(earlier.unsent().values("pk"))
        left = sorted([*left, *again], key=lambda each: (each.starts_at, each.series.pk))
        first = left[0]
        local = first.starts_at.astimezone(first.series.zone)
        morning = recurrence.instant(
            local.date() - timedelta(days=1), DIGEST_AT, first.series.time_zone
        )
        number = earlier.exclude(state=NoticeState.CANCELLED, claimed_at=None).count()
        notice = notify(
            "meeting_digest",
            self.membership,
            occasion=f"{day} {number}" if number else day,
            recipient=self.membership.user.email,
            user=self.membership.user,
            not_before=self._loud(morning, first.starts_at),
            not_after=first.starts_at,
            url=settings.SITE_URL
            + reverse("meetings:overview", args=[self.membership.initiative.slug]),
            quiet_url=_quiet_url(self.membership),
            day=named_day(local),
            meetings=[_line(each) for each in left],
        )
        if notice is None:
            return 0
        DigestEntry.objects.bulk_create(
            DigestEntry.here(
                notice=notice,
                user=self.membership.user,
                series=each.series,
                starts_at=each.starts_at,
            )
            for each in left
        )
        return 1

    def _loud(self, before: datetime, starts_at: datetime) -> datetime:
        """``before`` or now, or the end of the quiet hours that this falls into.

        Where they last until the meeting, the reminder comes at once: later it is of no use.
        """
        moment, setting = max(self.now, before), self.setting
        if setting is None:
            return moment
        zone = zone_of(self.membership, self.profile)
        return loud(moment, setting.quiet_from, setting.quiet_until, zone, before=starts_at)


def zone_of(membership: Membership, profile: InitiativeProfile | None) -> str:
    """The name of the zone whose clock a person goes by."""
    return membership.user.time_zone or (profile.time_zone if profile else "UTC")


def _line(each: Ahead) -> dict[str, str]:
    at = each.starts_at.astimezone(each.series.zone)
    return {
        "name": each.series.name,
        "when": f"{date_format(at, 'TIME_FORMAT')} ({each.series.time_zone})",
        "place": each.place,
    }


def _quiet_url(membership: Membership) -> str:
    return settings.SITE_URL + reverse("meetings:quiet", args=[membership.initiative.slug])


def _address(membership: Membership, each: Ahead) -> str:
    slug = membership.initiative.slug
    if each.meeting:
        return reverse("meetings:meeting", args=[slug, each.meeting.pk])
    return reverse("meetings:series", args=[slug, each.series.pk])

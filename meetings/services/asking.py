"""The one letter before a meeting: answer the agenda, read, say whether you come. Once per seat."""

from datetime import datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives.audit import record
from initiatives.choices import Means
from initiatives.models import InitiativeProfile, Membership
from initiatives.notices import notify
from initiatives.permissions import Permission
from meetings.arithmetic import recurrence
from meetings.arithmetic.quiet import loud
from meetings.choices import MeetingState
from meetings.models import Meeting, MeetingSeries, QuietSetting
from meetings.selectors.agendas import items_of, newest_pre_reads
from meetings.selectors.announcements import cost_of_asking
from meetings.selectors.asked import minutes_of_letter
from meetings.selectors.calendar import ahead_of
from meetings.selectors.people import ASKED, Concerned, asked_as, not_asked, silent, today_at
from meetings.selectors.pre_reads import working_days_before
from meetings.selectors.rights import may_at, permit
from meetings.services.envelopes import when
from meetings.services.metering import meter, take_turn
from meetings.services.reminders import zone_of
from meetings.services.seat_links import seat_address
from meetings.services.series import open_meeting

FEWEST_DAYS = 2  # working days before a meeting, whatever the series says
HORIZON = timedelta(days=60)
MORNING = time(8, 0)
MOST_ITEMS = 8


def plan_asking(now: datetime | None = None) -> int:
    """Ask the seats of every meeting whose notice has begun, in the initiative in scope.

    Each seat is written to once for a meeting, however often this runs; how many were.
    """
    now = now or timezone.now()
    series = list(MeetingSeries.objects.running().select_related("body", "initiative"))
    written = 0
    for each in ahead_of(series, now, now + HORIZON):
        if each.is_cancelled or not _is_time(each.series, each.starts_at, now):
            continue
        meeting = each.meeting or open_meeting(actor=None, series=each.series, day=each.day)
        if meeting.is_before:
            meeting.series = each.series
            written += write_to_seats(meeting, now)
    return written


class OverCeilingError(ValidationError):
    """It would ask more of somebody this month than the ceiling; the project manager may say so."""


def ask_seats(*, actor: Membership, meeting: Meeting, confirmed: bool = False) -> int:
    """Ask those seats now that were not asked yet; how many were written to.

    :raises OverCeilingError: it takes somebody above the minutes of a month, and no project
        manager ``confirmed`` that.
    """
    permit(may_at(actor, Permission.MEETINGS_AGENDA, meeting))
    if not meeting.is_before:
        raise ValidationError(_("The meeting has begun."))
    now = timezone.now()
    take_turn(meeting.initiative_id)
    people = list(
        {each.membership.user_id: each.membership for each in not_asked(meeting)}.values()
    )
    cost = cost_of_asking(people, minutes_of_letter(newest_pre_reads(meeting)), now)
    may_confirm = actor.may(Permission.ANNOUNCEMENTS_SEND)
    if cost.over and not (confirmed and may_confirm):
        asks = _("Confirm it, or wait until the days of notice begin.")
        waits = _("The project manager has to confirm it, or it waits for the days of notice.")
        raise OverCeilingError(f"{cost.warning} {asks if may_confirm else waits}")
    return write_to_seats(meeting, now, actor=actor)


def remind_seats(*, actor: Membership, meeting: Meeting) -> int:
    """Ask those again who have the letter and did not say whether they come; how many. Once a day,
    and it counts no minutes anew: they were asked for these already.
    """
    permit(may_at(actor, Permission.MEETINGS_AGENDA, meeting))
    if not meeting.is_before:
        raise ValidationError(_("The meeting has begun."))
    day = today_at(meeting)
    letters = _Letters(meeting, timezone.now())
    written = sum(
        letters.write(each, asked_as(each, again=day), again=True) for each in silent(meeting, day)
    )
    if written:
        record(actor, "meetings.seats_reminded", meeting, seats=written)
    return written


def write_to_seats(meeting: Meeting, now: datetime, *, actor: Membership | None = None) -> int:
    """Write to the holder of each seat who has no letter about this meeting yet. Who said already
    whether they come is asked for the agenda alone, and who answered that too for nothing.
    """
    people = not_asked(meeting)
    if not people:
        return 0
    today = now.astimezone(meeting.series.zone).date()
    morning = recurrence.instant(today, MORNING, meeting.series.time_zone)
    letters = _Letters(meeting, now if actor else max(now, morning))
    written = {each.membership.user_id for each in people if letters.write(each, asked_as(each))}
    meter(meeting, written, minutes=minutes_of_letter(letters.papers), at=now)
    means = Means.WEB if actor else Means.CLOCK
    record(actor, "meetings.seats_asked", meeting, means=means, seats=len(written))
    opened = Meeting.objects.filter(pk=meeting.pk, state=MeetingState.PLANNED)
    opened.update(state=MeetingState.AGENDA_OPEN)
    return len(written)


class _Letters:
    """The letters about one meeting, from a moment on, each when its recipient is not quiet."""

    def __init__(self, meeting: Meeting, moment: datetime) -> None:
        self.meeting, self.moment = meeting, moment
        self.papers = newest_pre_reads(meeting)
        self.quiet = {each.user_id: each for each in QuietSetting.objects.all()}
        self.profile = InitiativeProfile.objects.first()
        items = list(items_of(meeting))
        self.said = {
            "name": meeting.series.name,
            "when": when(meeting),
            "place": meeting.place,
            "items": [each.title for each in items[:MOST_ITEMS]],
            "more": max(0, len(items) - MOST_ITEMS),
            "minutes": sum(each.minutes for each in self.papers),
        }

    def write(self, each: Concerned, occasion: str, *, again: bool = False) -> bool:
        """Write to one; whether it was not written already."""
        seat: Any = each.seat
        notice = notify(
            ASKED,
            self.meeting,
            occasion=occasion,
            recipient=each.membership.user.email,
            user=each.membership.user,
            not_before=self._loud(each.membership),
            not_after=self.meeting.starts_at,
            url=seat_address(self.meeting, seat, each.membership),
            organization=seat.organization.name,
            has_said=seat.has_said,
            again=again,
            **self.said,
        )
        return notice is not None

    def _loud(self, membership: Membership) -> datetime:
        setting = self.quiet.get(membership.user_id)
        if setting is None:
            return self.moment
        hours = setting.quiet_from, setting.quiet_until
        zone = zone_of(membership, self.profile)
        return loud(self.moment, *hours, zone, before=self.meeting.starts_at)


def _is_time(series: MeetingSeries, starts_at: datetime, now: datetime) -> bool:
    """Whether the working days have begun that people have to read and to answer."""
    day = starts_at.astimezone(series.zone).date()
    first = working_days_before(day, max(series.notice_days, FEWEST_DAYS))
    return now.astimezone(series.zone).date() >= first

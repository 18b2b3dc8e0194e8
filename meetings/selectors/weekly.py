"""What the weekly mail says of one initiative: what waits, the news, and what came back."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, Sum
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _, ngettext

from initiatives import audit, today
from initiatives.choices import OrganizationState
from initiatives.models import InitiativeProfile, Membership, User
from initiatives.permissions import Permission
from initiatives.today import Waiting
from measures.models import Submission
from meetings.choices import ActionState
from meetings.models import (
    ActionItem,
    Announcement,
    AskedMinutes,
    Attendance,
    Decision,
    WeeklyChoice,
)
from meetings.selectors.asked import month_begin

MOST = 12  # things that wait, of one initiative
MOST_NEWS = 8
LONGEST = 600  # characters of a piece of news; its page has the rest
FIRST_WEEK = 7  # days: the first weekly mail of a month falls into them


@dataclass
class Part:
    """One initiative's part of a person's weekly mail."""

    name: str
    url: str
    items: list[dict[str, Any]] = field(default_factory=list)
    more: int = 0  # things that wait and are not listed
    minutes: int = 0
    news: list[dict[str, Any]] = field(default_factory=list)
    gave: list[str] = field(default_factory=list)
    back: list[str] = field(default_factory=list)
    month: str = ""
    record: str = ""  # where the chain of acts ends; for who sets the initiative up

    @property
    def says_something(self) -> bool:
        return bool(self.items or self.news or self.gave or self.record)

    @property
    def number(self) -> int:
        return len(self.items) + self.more


def wants_weekly(user: User) -> bool:
    """Whether the person gets the weekly mail: everyone who did not say no."""
    return not WeeklyChoice.objects.filter(user=user, is_off=True).exists()


def people_here() -> list[tuple[int, str]]:
    """Ids of those in the initiative in scope who may be written to, with their time zone."""
    profile = InitiativeProfile.objects.first()
    here = profile.time_zone if profile else "UTC"
    rows = Membership.objects.current().filter(user__is_active=True)
    rows = rows.exclude(organization__state=OrganizationState.LEFT).order_by("id")
    return [(key, own or here) for key, own in rows.values_list("user_id", "user__time_zone")]


def part_of(user: User, since: datetime, until: datetime, week: date) -> Part | None:
    """What the initiative in scope has to say to a person; None if they are no member now."""
    rows = Membership.objects.current().filter(user=user, user__is_active=True)
    rows = rows.exclude(organization__state=OrganizationState.LEFT)
    mine = list(rows.select_related("initiative", "organization", "user").order_by("id"))
    if not mine:
        return None
    initiative = mine[0].initiative
    part = Part(
        initiative.name, settings.SITE_URL + reverse("initiatives:today", args=[initiative.slug])
    )
    _add_waiting(part, mine)
    _add_news(part, mine, since, until)
    if any(each.may(Permission.INITIATIVE_EDIT) for each in mine):
        part.record = _record(since)
    if week.day <= FIRST_WEEK:
        _add_return(part, mine, until)
    return part


def _add_waiting(part: Part, mine: list[Membership]) -> None:
    """What waits for any of the person's memberships; the same thing once."""
    found: dict[tuple[str, str], Waiting] = {}
    for membership in mine:
        for each in today.waiting(membership):
            found.setdefault((each.url, each.text), each)
    every = sorted(found.values(), key=lambda each: (each.due_on is None, each.due_on or date.max))
    part.minutes = sum(each.minutes or 0 for each in every)
    part.more = max(0, len(every) - MOST)
    part.items = [
        {
            "text": str(each.text),
            "note": str(each.note),
            "url": settings.SITE_URL + each.url,
            "minutes": each.minutes,
            "due": date_format(each.due_on, "DATE_FORMAT") if each.due_on else "",
        }
        for each in every[:MOST]
    ]


def _add_news(part: Part, mine: list[Membership], since: datetime, until: datetime) -> None:
    rows = Announcement.objects.sent().news().filter(sent_at__gt=since, sent_at__lte=until)
    found = {each.pk: each for one in mine for each in rows.to_member(one)}
    slug = mine[0].initiative.slug
    part.news = [
        {
            "title": each.title,
            "text": Truncator(each.text).chars(LONGEST),
            "url": settings.SITE_URL + reverse("meetings:announcement", args=[slug, each.pk]),
        }
        for each in sorted(found.values(), key=lambda each: (each.sent_at, each.pk))[-MOST_NEWS:]
    ]


def _record(since: datetime) -> str:
    """How long the chain of acts is and how it ends, if it grew since then.

    Kept in many mailboxes, it tells of an end that was cut off afterwards.
    """
    last = audit.head()
    if last is None or last.act.at <= since:
        return ""
    said = ngettext("%(n)d act, seal %(seal)s", "%(n)d acts, seal %(seal)s", last.number)
    return said % {"n": last.number, "seal": last.digest}


def _add_return(part: Part, mine: list[Membership], until: datetime) -> None:
    """Of the month that is over: what the person gave, and what became of it."""
    end = month_begin(until)
    begin = month_begin(end - timedelta(days=1))
    part.month = date_format(begin, "F")
    when = (begin, end)
    user, own = mine[0].user, {each.organization_id for each in mine}
    asked = AskedMinutes.objects.filter(user=user, at__gte=begin, at__lt=end)
    papers = Submission.objects.filter(
        submitted_by=user, submitted_at__gte=begin, submitted_at__lt=end
    )
    met = Attendance.objects.filter(person__in=mine, came_at__gte=begin, came_at__lt=end)
    done = ActionItem.objects.filter(
        owner__in=mine, state=ActionState.ACCEPTED, done_at__gte=begin, done_at__lt=end
    )
    meetings = met.values("meeting_id").distinct().count()
    minutes = asked.aggregate(sum=Sum("minutes"))["sum"] or 0
    part.gave = _counted(
        (meetings, ngettext("%(n)d meeting", "%(n)d meetings", meetings)),
        (n := papers.count(), ngettext("%(n)d report", "%(n)d reports", n)),
        (n := done.count(), ngettext("%(n)d action done", "%(n)d actions done", n)),
    )
    if part.gave and minutes:
        part.gave.append(
            ngettext("%(n)d minute of requests", "%(n)d minutes of requests", minutes)
            % {"n": minutes}
        )
    if not part.gave:
        return
    decided = Decision.objects.filter(decided_at__gte=when[0], decided_at__lt=when[1])
    accepted = Submission.objects.filter(
        Q(organization__in=own), accepted_at__gte=begin, accepted_at__lt=end
    )
    helped = ActionItem.objects.filter(
        requester__in=mine, state=ActionState.ACCEPTED, done_at__gte=begin, done_at__lt=end
    ).exclude(owner__in=mine)
    part.back = _counted(
        (n := decided.count(), ngettext("%(n)d decision taken", "%(n)d decisions taken", n)),
        (
            n := accepted.count(),
            ngettext(
                "%(n)d of our reports in the shared numbers",
                "%(n)d of our reports in the shared numbers",
                n,
            ),
        ),
        (
            n := helped.count(),
            ngettext(
                "%(n)d action that you asked for is done",
                "%(n)d actions that you asked for are done",
                n,
            ),
        ),
    ) or [_("Nothing that we count yet.")]


def _counted(*found: tuple[int, str]) -> list[str]:
    return [text % {"n": number} for number, text in found if number]

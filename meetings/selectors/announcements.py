"""Whom an announcement reaches, what it costs them, and what they were asked for this month."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from initiatives import today
from initiatives.choices import OrganizationState
from initiatives.models import Membership
from initiatives.permissions import Permission
from meetings.models import Announcement, MinutesCeiling
from meetings.selectors.asked import asked_this_month
from meetings.selectors.people import holders

CEILING = 60


@dataclass(frozen=True)
class Cost:
    """What sending asks of people. ``over``: whose month it would take above the ceiling."""

    people: int
    each: int
    ceiling: int
    over: tuple[Membership, ...]

    @property
    def minutes(self) -> int:
        return self.people * self.each

    @property
    def total(self) -> str:
        """The sum in hours and minutes."""
        hours, minutes = divmod(self.minutes, 60)
        parts = []
        if hours:
            parts.append(ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours})
        if minutes or not hours:
            parts.append(ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes})
        return " ".join(parts)


def announcements_for(membership: Membership) -> Any:
    """What was announced to the member, latest first; drafts on top for who writes them."""
    rows = Announcement.objects.visible_to(membership).select_related(
        "body", "written_by__user", "written_by__organization"
    )
    return rows.order_by("state", "-sent_at", "-created_at", "-id")


def recipients(announcement: Announcement) -> list[Membership]:
    """Whom it is for, each person once."""
    if announcement.body_id:
        found: Iterable[Membership] = [each.membership for each in holders([announcement.body_id])]
    else:
        rows = Membership.objects.current().filter(user__is_active=True)
        rows = rows.exclude(organization__state=OrganizationState.LEFT)
        if announcement.sector:
            rows = rows.filter(organization__sector=announcement.sector)
        found = rows.select_related("user", "organization", "initiative").order_by("id")
    return list({each.user_id: each for each in reversed(list(found))}.values())[::-1]


def cost_of(announcement: Announcement, people: list[Membership], now: datetime) -> Cost:
    """What sending it now would ask."""
    asked, limit = asked_this_month(now), ceiling()
    over = [each for each in people if asked.get(each.user_id, 0) + announcement.minutes > limit]
    return Cost(len(people), announcement.minutes, limit, tuple(over))


def ceiling() -> int:
    """How many minutes a month may be asked of one person here."""
    found = MinutesCeiling.objects.first()
    return found.minutes if found else CEILING


def _drafted(membership: Membership) -> Any:
    if not membership.may(Permission.ANNOUNCEMENTS_SEND):
        return None
    return Announcement.objects.drafted().exclude(written_by__user_id=membership.user_id)


@today.waits.when(_drafted)
def drafts(membership: Membership) -> list[today.Waiting]:
    """For who sends announcements: those that somebody else wrote and nobody sent."""
    number = _drafted(membership).count()
    text = ngettext(
        "%(n)d announcement to look at and send", "%(n)d announcements to look at and send", number
    )
    url = reverse("meetings:announcements", args=[membership.initiative.slug])
    note = _("Before sending you see what it asks of whom.")
    return [
        today.Waiting(
            text % {"n": number}, url, note, condition="meetings", minutes=2, number=number
        )
    ]

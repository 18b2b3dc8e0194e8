"""Whom an announcement reaches, what it costs them, and what they were asked for this month."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from initiatives import today
from initiatives.choices import OrganizationState
from initiatives.models import Membership
from initiatives.permissions import Permission
from meetings.models import Announcement, MinutesCeiling, RequestAnswer
from meetings.selectors.asked import asked_this_month
from meetings.selectors.people import holders

CEILING = 60
ANSWERABLE = timedelta(days=60)  # so long a request stands on the page of today


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
    def warning(self) -> str:
        """Whose month it would fill too far, in words."""
        text = ngettext(
            "%(n)d person would be asked for more than %(most)d minutes this month.",
            "%(n)d people would be asked for more than %(most)d minutes this month.",
            len(self.over),
        )
        return text % {"n": len(self.over), "most": self.ceiling}

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
    return cost_of_asking(people, announcement.minutes, now)


def cost_of_asking(people: list[Membership], minutes: int, now: datetime) -> Cost:
    """What asking these people for so many minutes now would take."""
    asked, limit = asked_this_month(now), ceiling()
    over = [each for each in people if asked.get(each.user_id, 0) + minutes > limit]
    return Cost(len(people), minutes, limit, tuple(over))


def ceiling() -> int:
    """How many minutes a month may be asked of one person here."""
    found = MinutesCeiling.objects.first()
    return found.minutes if found else CEILING


def _unanswered(membership: Membership) -> Any:
    answers = RequestAnswer.objects.filter(
        announcement=OuterRef("pk"), membership__user_id=membership.user_id
    )
    rows = Announcement.objects.sent().requests().to_member(membership)
    since = timezone.now() - ANSWERABLE
    rows = rows.filter(~Exists(answers), sent_at__gte=since)
    return rows.exclude(written_by__user_id=membership.user_id).order_by("sent_at", "id")


@today.waits.for_each(_unanswered)
def requests_to_answer(membership: Membership, request: Announcement) -> today.Waiting:
    """What somebody asked the member for, and waits for a word."""
    url = reverse("meetings:announcement", args=[membership.initiative.slug, request.pk])
    text = _("You are asked: %(title)s") % {"title": request.title}
    return today.Waiting(text, url, condition="meetings", minutes=request.minutes)


@dataclass(frozen=True)
class Answers:
    """What came back to a request, as far as a member may read it."""

    own: RequestAnswer | None
    others: list[RequestAnswer]
    may_answer: bool
    asked: int  # people; 0 for who reads their own alone


def answers_to(membership: Membership, announcement: Announcement) -> Answers | None:
    """The answers to a request that was sent; None where nothing was asked."""
    if announcement.is_draft or not announcement.is_request:
        return None
    rows = RequestAnswer.objects.visible_to(membership).filter(announcement=announcement)
    found = list(rows.select_related("membership__user", "membership__organization"))
    reads = membership.may(Permission.ANNOUNCEMENTS_SEND) or (
        announcement.written_by.user_id == membership.user_id
    )
    to_me = Announcement.objects.to_member(membership).filter(pk=announcement.pk).exists()
    return Answers(
        own=next((each for each in found if each.membership_id == membership.pk), None),
        others=[each for each in found if each.membership_id != membership.pk] if reads else [],
        may_answer=to_me and announcement.written_by.user_id != membership.user_id,
        asked=len(recipients(announcement)) if reads else 0,
    )


def _drafted(membership: Membership) -> Any:
    if not membership.may(Permission.ANNOUNCEMENTS_SEND):
        return None
    return Announcement.objects.drafted().exclude(written_by__user_id=membership.user_id)


@today.waits.when(_drafted)
def drafts(membership: Membership, drafted: list[Announcement]) -> list[today.Waiting]:
    """For who sends announcements: those that somebody else wrote and nobody sent."""
    number = len(drafted)
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

"""The weekly mail: one to a person, over all their initiatives, on Monday morning where they are.

A row of ids is written when the morning has come, once for each person and week. Sending claims a
row and commits, goes through the person's initiatives one by one, each in its own scope, speaks to
the mail server and marks the row, as letters do: what one initiative says is stored nowhere else.
"""

import logging
import smtplib
import time
from datetime import date, datetime, time as wall_time, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from initiatives import links
from initiatives.choices import LinkPurpose, NoticeState
from initiatives.models import Initiative, Membership, User
from initiatives.notices import IN_DOUBT, INTERRUPTED, rendered
from initiatives.smtp import ATTEMPTS, REFUSALS, is_final, pause, reply_code, send
from initiatives.tenancy import scope, visitor
from meetings.arithmetic import recurrence
from meetings.models import WeeklyChoice, WeeklyMail
from meetings.selectors.weekly import Part, part_of, people_here

logger = logging.getLogger(__name__)
AT = wall_time(7, 0)
LATEST = timedelta(hours=36)  # later it is no Monday's mail any more
LONGEST_RUN = 50.0  # seconds
NO_NEWS_BEFORE = timedelta(days=7)
LINK_LASTS = timedelta(days=60)
THURSDAY, SATURDAY = 3, 5  # no Monday morning anywhere was less than 36 hours ago


def plan_weekly(now: datetime | None = None) -> int:
    """Write a row for everyone whose Monday morning has come; how many are new."""
    now = now or timezone.now()
    if THURSDAY <= now.weekday() <= SATURDAY:
        return 0
    due = {}
    for user_id, zone in _people().items():
        week, moment = monday(now, zone)
        if moment <= now < moment + LATEST:
            due[user_id] = (week, moment)
    with transaction.atomic():
        off = WeeklyChoice.objects.filter(is_off=True).values_list("user_id", flat=True)
        weeks = {week for week, _moment in due.values()}
        there = WeeklyMail.objects.filter(week__in=weeks, user_id__in=due)
        known = {*off, *there.values_list("user_id", flat=True)}
        rows = [
            WeeklyMail(user_id=user_id, week=week, not_before=moment)
            for user_id, (week, moment) in due.items()
            if user_id not in known
        ]
        WeeklyMail.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _people() -> dict[int, str]:
    """Everyone who is in an initiative, with the time zone of the first one."""
    found: dict[int, str] = {}
    for initiative in Initiative.objects.order_by("id"):
        try:
            with scope(initiative.pk):
                for user_id, zone in people_here():
                    found.setdefault(user_id, zone)
        except Exception:
            logger.exception("The people of initiative %s get no weekly mail.", initiative.pk)
    return found


def monday(now: datetime, zone: str) -> tuple[date, datetime]:
    """The Monday of this week in ``zone``, and the moment its morning begins."""
    day = recurrence.local_date(now, zone)
    week = day - timedelta(days=day.weekday())
    return week, recurrence.instant(week, AT, zone)


def send_weekly(longest: float = LONGEST_RUN) -> int:
    """Send what is due, for a while; how many left.

    :raises OSError: the mail server is not there, or was lost in the middle of a letter.
    """
    if not WeeklyMail.objects.filter(_due()).exists():
        return 0
    connection, sent, until = get_connection(), 0, time.monotonic() + longest
    try:
        # Before anything is claimed: without a mail server every letter just goes on waiting.
        connection.open()
        while time.monotonic() < until and (row := _claim()):
            sent += _send(row, connection)
            connection.open()
    finally:
        connection.close()
    return sent


def _due() -> Q:
    now = timezone.now()
    return Q(state=NoticeState.WAITING, not_before__lte=now) | Q(
        state=NoticeState.SENDING, claimed_at__lt=now - IN_DOUBT
    )


def _claim() -> WeeklyMail | None:
    """Mark the next due row as being sent and commit. In doubt for the second time is failed."""
    with transaction.atomic():
        rows = WeeklyMail.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        while row := rows.filter(_due()).order_by("not_before", "id").first():
            if row.state == NoticeState.SENDING and row.last_error == INTERRUPTED:
                row.state = NoticeState.FAILED
                row.save(update_fields=["state"])
                logger.error("Weekly mail %s was interrupted twice.", row.pk)
                continue
            row.last_error = INTERRUPTED if row.claimed_at else ""
            row.state, row.claimed_at = NoticeState.SENDING, timezone.now()
            row.told_until = row.told_until or row.claimed_at
            row.attempts += 1
            row.save()
            return row
    return None


def _send(row: WeeklyMail, connection: Any) -> bool:
    """Hand a claimed row's letter to the mail server; whether it took one."""
    message = letter(row, connection)
    if message is None:
        _mark(row, state=NoticeState.CANCELLED)  # nothing waits
        return False
    try:
        send(message, connection)
    except REFUSALS as error:
        _refused(row, error)
        return False
    _mark(row, state=NoticeState.SENT, sent_at=timezone.now(), last_error="")
    return True


def _refused(row: WeeklyMail, error: smtplib.SMTPException) -> None:
    said = str(error)[:500]
    if row.attempts >= ATTEMPTS or is_final(error):
        _mark(row, state=NoticeState.FAILED, last_error=said)
        logger.error("Weekly mail %s was refused: %s", row.pk, reply_code(error))
        return
    later = timezone.now() + pause(row.attempts)
    _mark(row, state=NoticeState.WAITING, claimed_at=None, not_before=later, last_error=said)


def _mark(row: WeeklyMail, **changes: Any) -> None:
    WeeklyMail.objects.filter(pk=row.pk, state=NoticeState.SENDING).update(**changes)


def letter(row: WeeklyMail, connection: Any = None) -> EmailMultiAlternatives | None:
    """The letter of a row as it is handed to the mail server; None if there is nothing to say."""
    user = User.objects.get(pk=row.user_id)
    parts, end_url = _parts(row, user) if user.is_active else ([], "")
    if not parts:
        return None
    host = urlsplit(settings.SITE_URL).hostname
    context = {
        "recipient_name": user.name,
        "parts": parts,
        "number": sum(part.number for part in parts),
        "minutes": sum(part.minutes for part in parts),
        "settings_url": settings.SITE_URL + reverse("letters"),
        "end_url": end_url,
        "site_url": settings.SITE_URL,
    }
    message = EmailMultiAlternatives(
        subject=" ".join(rendered("emails/weekly.subject", context).split()),
        body=rendered("emails/weekly.txt", context),
        to=[user.email],
        headers={
            "Message-ID": f"<weekly-{row.pk}@{host}>",
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{end_url}>",
        },
        connection=connection,
    )
    message.attach_alternative(rendered("emails/weekly.html", context), "text/html")
    return message


def _parts(row: WeeklyMail, user: User) -> tuple[list[Part], str]:
    """Each initiative's part, each in its own scope, and the link that ends the mail."""
    until = row.told_until or timezone.now()
    since = _told_before(row) or until - NO_NEWS_BEFORE
    with visitor(user.pk):
        mine = Membership.objects.current().filter(user=user).order_by("id")
        ids = list(dict.fromkeys(mine.values_list("initiative_id", flat=True)))
    parts, end_url = [], ""
    for initiative_id in ids:
        try:
            with scope(initiative_id, user_id=user.pk):
                part = part_of(user, since, until, row.week)
                if part is None or not part.says_something:
                    continue
                if not end_url:
                    expires = timezone.now() + LINK_LASTS
                    token, _link = links.issue(
                        LinkPurpose.WEEKLY, user.pk, user=user, expires_at=expires
                    )
                    end_url = links.address("weekly_end", token)
                parts.append(part)
        except Exception:
            logger.exception("Weekly mail %s lacks initiative %s.", row.pk, initiative_id)
    return parts, end_url


def _told_before(row: WeeklyMail) -> datetime | None:
    """Up to when the person knows the news: from the last mail that left, or had nothing to say."""
    done = [NoticeState.SENT, NoticeState.CANCELLED]
    earlier = WeeklyMail.objects.filter(user_id=row.user_id, state__in=done, week__lt=row.week)
    last = earlier.order_by("-week").first()
    return last.told_until if last else None

"""Letters: one to a recipient about an occasion, written with the change and sent once.

The texts are ``templates/emails/<kind>.{subject,txt,html}``. They see what ``notify`` was given
as context (``url``: the one place to go; ``enclosures``: name, type and text of files) and besides
``initiative`` (its name), ``recipient_name`` (or an empty text) and ``site_url``.

Sending claims a letter and commits, speaks to the mail server, then marks it. A crash in between
leaves open whether the letter left: it is tried once more, under the same Message-ID. What it
said is forgotten once it left: a link in it opens something, and is kept nowhere else.
"""

import re
import smtplib
import time
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import models
from django.db.models import Q
from django.template import Context, Engine
from django.utils import timezone

from initiatives.choices import NoticeState
from initiatives.jobs import enqueue, handles
from initiatives.models import Initiative, Notice, User
from initiatives.smtp import ATTEMPTS, REFUSALS, is_final, pause, send
from initiatives.tenancy import scope

LONGEST_RUN = 100.0  # seconds
IN_DOUBT = timedelta(minutes=10)  # so long "being sent" means that the sender died
INTERRUPTED = "Interrupted while being sent."
OURS = {"url", "site_url", "enclosures"}  # of a letter's context: written by us, typed by nobody
# Where a link would begin or go on: a scheme, or a dot within a word that is not a number.
LINK = re.compile(r"\w:(?=//)|(?<=[^\W_])[.\u3002\uff0e\uff61](?=[^\W\d_])")


def notify(
    kind: str,
    subject: models.Model,
    /,
    *,
    occasion: str,
    recipient: str,
    user: User | None = None,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    **context: Any,
) -> Notice | None:
    """Write a letter to be sent after this transaction; None if it stands written already.

    :param occasion: what makes it another letter, e.g. ``"2026-03 opened"``.
    :param not_after: the moment from which it would come too late and is cancelled.
    :param context: for the templates; plain JSON.
    """
    for part in ("subject", "txt", "html"):  # a missing one is the writer's mistake
        Engine.get_default().get_template(f"emails/{kind}.{part}")
    now = timezone.now()
    which = {
        "kind": kind,
        "subject_type": subject._meta.label_lower,
        "subject_id": subject.pk,
        "occasion": occasion,
        "recipient": recipient.strip().lower(),
    }
    notice = Notice.here(
        **which,
        user=user,
        context=context,
        not_before=not_before or now,
        not_after=not_after,
        created_at=now,
    )
    Notice.objects.bulk_create([notice], ignore_conflicts=True)
    # One that was taken back and surely did not leave is written anew: a meeting may be moved, and
    # moved back.
    Notice.objects.filter(**which, state=NoticeState.CANCELLED, claimed_at=None).update(
        state=NoticeState.WAITING,
        attempts=0,
        last_error="",
        context=context,
        not_before=notice.not_before,
        not_after=not_after,
        created_at=now,
    )
    written: Notice | None = Notice.objects.filter(**which, created_at=now).first()
    if written and written.not_before <= now:
        enqueue("send_notices")
    return written


def cancel(subject: models.Model, *, occasion: str = "") -> int:
    """Take back the letters about ``subject`` that have not left; how many."""
    found = Notice.objects.unsent().filter(
        subject_type=subject._meta.label_lower, subject_id=subject.pk
    )
    if occasion:
        found = found.filter(occasion=occasion)
    cancelled: int = found.update(state=NoticeState.CANCELLED, context={})
    return cancelled


def try_again(notice: Notice) -> bool:
    """Send a letter that failed after all; whether it had failed."""
    found = Notice.objects.failed().filter(pk=notice.pk)
    waiting = {"state": NoticeState.WAITING, "claimed_at": None, "attempts": 0, "last_error": ""}
    again: int = found.update(**waiting, not_before=timezone.now(), not_after=None)
    if again:
        enqueue("send_notices")
    return bool(again)


def ask_for_sending() -> None:
    """Enqueue the sender where letters are due: those with a day, and those left behind."""
    if Notice.objects.filter(_due()).exists():
        enqueue("send_notices")


@handles("send_notices", in_scope=False)
def send_due(initiative_id: int) -> int:
    """Send the letters of an initiative that are due, for a while; how many left.

    The clock asks again for what remains: no run may outlive its job's lease.

    :raises OSError: the mail server is not there, or was lost in the middle of a letter.
    """
    connection, sent, until = get_connection(), 0, time.monotonic() + LONGEST_RUN
    try:
        # Before anything is claimed: without a mail server every letter just goes on waiting.
        connection.open()
        while time.monotonic() < until and (notice := _claim(initiative_id)):
            sent += _send(notice, connection)
            connection.open()
    finally:
        connection.close()
    return sent


def _due() -> Q:
    now = timezone.now()
    return Q(state=NoticeState.WAITING, not_before__lte=now) | Q(
        state=NoticeState.SENDING, claimed_at__lt=now - IN_DOUBT
    )


def _claim(initiative_id: int) -> Notice | None:
    """Mark the next due letter as being sent and commit; those not to be sent are put aside."""
    with scope(initiative_id):
        waiting = Notice.objects.select_for_update(skip_locked=True, of=("self",))
        # One at a time: what is locked here is passed over by another sender.
        while notice := waiting.filter(_due()).order_by("not_before", "id").first():
            notice.state = _next_state(notice)
            if notice.state == NoticeState.SENDING:
                notice.last_error = INTERRUPTED if notice.claimed_at else ""
                notice.claimed_at = timezone.now()
                notice.attempts += 1
            notice.save(update_fields=["state", "claimed_at", "attempts", "last_error"])
            if notice.state == NoticeState.SENDING:
                found: Notice = notice
                return found
    return None


def _next_state(notice: Notice) -> NoticeState:
    if notice.not_after and notice.not_after <= timezone.now():
        return NoticeState.CANCELLED
    if notice.state == NoticeState.SENDING and notice.last_error == INTERRUPTED:
        return NoticeState.FAILED  # in doubt for the second time
    return NoticeState.SENDING


def _send(notice: Notice, connection: Any) -> bool:
    """Hand a claimed letter to the mail server; whether it took it.

    A line lost after the last byte is passed on: the letter stays "being sent", which is the truth.
    """
    try:
        send(letter(notice, connection), connection)
    except REFUSALS as error:
        _refused(notice, error)
        return False
    _mark(notice, state=NoticeState.SENT, sent_at=timezone.now(), last_error="", context={})
    return True


def _refused(notice: Notice, error: smtplib.SMTPException) -> None:
    """Note what the mail server said; try again later unless it said never."""
    said = str(error)[:500]
    if notice.attempts >= ATTEMPTS or is_final(error):
        _mark(notice, state=NoticeState.FAILED, last_error=said)
        return
    later = timezone.now() + pause(notice.attempts)
    waiting = {"state": NoticeState.WAITING, "claimed_at": None, "not_before": later}
    _mark(notice, **waiting, last_error=said)


def _mark(notice: Notice, **changes: Any) -> None:
    with scope(notice.initiative_id):
        Notice.objects.filter(pk=notice.pk, state=NoticeState.SENDING).update(**changes)


def letter(notice: Notice, connection: Any = None) -> EmailMultiAlternatives:
    """The letter of a notice as it is handed to the mail server."""
    host = urlsplit(settings.SITE_URL).hostname
    context = {
        **notice.context,
        "initiative": Initiative.objects.get(pk=notice.initiative_id).name,
        "recipient_name": notice.user.name if notice.user else "",
        "site_url": settings.SITE_URL,
    }
    if notice.user is None:
        typed = context.keys() - OURS
        context |= {name: without_links(context[name]) for name in typed}
    message = EmailMultiAlternatives(
        subject=" ".join(rendered(f"emails/{notice.kind}.subject", context).split()),
        body=rendered(f"emails/{notice.kind}.txt", context),
        to=[notice.recipient],
        headers={
            "Message-ID": f"<notice-{notice.pk}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
        connection=connection,
    )
    message.attach_alternative(rendered(f"emails/{notice.kind}.html", context), "text/html")
    for each in notice.context.get("enclosures", []):
        # Calendars look for theirs among the alternatives, people among the attachments.
        if each["type"].startswith("text/calendar"):
            message.attach_alternative(each["text"], each["type"])
        message.attach(each["name"], each["text"], each["type"])
    return message


def without_links(value: Any) -> Any:
    """Words for somebody without an account, in which no mail program finds an address to open: whoever
    names an initiative or writes a mandate does not choose where a stranger clicks. What is no text is
    left as it is.
    """
    return LINK.sub(r"\g<0> ", value) if isinstance(value, str) else value


def rendered(name: str, context: dict[str, Any]) -> str:
    """Render a template; only HTML needs its characters escaped."""
    template = Engine.get_default().get_template(name)
    return template.render(Context(context, autoescape=name.endswith(".html"))).strip() + "\n"

"""Private subscriptions: a person's meetings in their own calendar, and what calendars answer."""

from datetime import timedelta

from django.utils import timezone

from initiatives import links
from initiatives.audit import record
from initiatives.choices import LinkPurpose, Means
from initiatives.models import Membership
from meetings.choices import ReplyKind
from meetings.exports.envelopes import Answer
from meetings.models import CalendarEnvelope, CalendarFeed, Seat
from meetings.services.replies import name_delegate, reply
from meetings.services.series import open_meeting

LASTS = timedelta(days=730)  # a calendar asks for years; whoever left is refused at once
KINDS = {
    "ACCEPTED": ReplyKind.YES,
    "DECLINED": ReplyKind.NO,
    "TENTATIVE": ReplyKind.MAYBE,
    "DELEGATED": ReplyKind.DELEGATE,
}


def renew_feed(*, actor: Membership) -> str:
    """A new address to subscribe to; the one before stops working. The token is shown once."""
    end_feed(actor=actor)
    token, link = links.issue(
        LinkPurpose.CALENDAR, actor.pk, user=actor.user, expires_at=timezone.now() + LASTS
    )
    feed = CalendarFeed.here(membership=actor, link=link)
    feed.save()
    record(actor, "meetings.feed_renewed", feed)
    return token


def end_feed(*, actor: Membership) -> bool:
    """Let the address stop working; whether there was one."""
    ended = links.revoke(LinkPurpose.CALENDAR, actor.pk)
    if ended:
        record(actor, "meetings.feed_ended", actor)
    return bool(ended)


def take_answer(answer: Answer) -> bool:
    """Note what a calendar answered, if we asked that person; whether anything was.

    An answer to an older invitation than the last one is old news. An answer to the series holds
    for no single meeting: those are answered one by one.

    :raises ValidationError: the series does not meet on the day that is answered for.
    """
    asked = CalendarEnvelope.objects.filter(
        uid=answer.uid, membership__user__email__iexact=answer.email, method="REQUEST"
    )
    newest = asked.select_related("membership", "series").order_by("-sequence", "-id").first()
    if newest is None or not newest.membership.is_current:
        return False
    CalendarEnvelope.objects.filter(pk=newest.pk).update(answer=answer.answer)
    series, membership = newest.series, newest.membership
    seat = Seat.objects.current().filter(body_id=series.body_id, holder=membership).first()
    if seat is None:
        return False
    day = answer.day or (None if series.rule else series.starts_on)
    if day is None or answer.sequence < _sequence_asked(newest):
        return day is None
    meeting = open_meeting(actor=membership, series=series, day=day)
    kind = KINDS[answer.answer]
    delegate = _delegate(seat, answer.delegate) if kind == ReplyKind.DELEGATE else None
    if delegate is not None:
        said = {"meeting": meeting, "seat": seat, "means": Means.LINK}
        name_delegate(actor=membership, delegate=delegate, **said)
    else:
        reply(actor=membership, meeting=meeting, seat=seat, kind=kind, means=Means.LINK)
    return True


def _delegate(seat: Seat, email: str) -> Membership | None:
    """Whom a calendar names instead, if they speak for the seat's organization."""
    if not email:
        return None
    rows = Membership.objects.current().filter(
        organization_id=seat.organization_id, user__is_active=True, user__email__iexact=email
    )
    found: Membership | None = rows.exclude(pk=seat.holder_id).select_related("user").first()
    return found


def _sequence_asked(envelope: CalendarEnvelope) -> int:
    return envelope.sequence if envelope.meeting_id else 0

"""Private subscriptions: a person's meetings in their own calendar, and what calendars answer."""

from datetime import date, timedelta

from django.utils import timezone

from initiatives import links
from initiatives.audit import record
from initiatives.choices import LinkPurpose, Means
from initiatives.models import Membership
from meetings.arithmetic import recurrence
from meetings.choices import EnvelopeMethod, ReplyKind
from meetings.exports.envelopes import Answer
from meetings.models import CalendarEnvelope, CalendarFeed, Delegation, MeetingSeries, Seat
from meetings.services.delegations import GONE, answer_delegation
from meetings.services.replies import name_delegate, reply
from meetings.services.series import open_meeting

LATE = timedelta(days=1)  # a calendar that was offline may still answer for yesterday's
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
        uid=answer.uid,
        membership__user__email__lower=answer.email,
        membership__user__is_active=True,
        method=EnvelopeMethod.REQUEST,
    )
    rows = asked.select_related("membership__user", "meeting", "series__body")
    found = [each for each in rows.order_by("-sequence", "-id") if each.membership.is_current]
    if not found:
        return False
    series = found[0].series
    day = answer.day_in(series.zone) or (None if series.rule else series.starts_on)
    newest: dict[int, CalendarEnvelope] = {}
    for each in found:
        if each.meeting is None or each.meeting.day == day:
            newest.setdefault(each.membership_id, each)
    return any(_take(answer, each, day) for each in newest.values())


def _take(answer: Answer, envelope: CalendarEnvelope, day: date | None) -> bool:
    """The same for one of a person's memberships: as the holder of a seat, or as a delegate."""
    series, membership = envelope.series, envelope.membership
    CalendarEnvelope.objects.filter(pk=envelope.pk).update(answer=answer.answer)
    is_old = answer.sequence < _sequence_asked(envelope)
    seat = Seat.objects.current().filter(body_id=series.body_id, holder=membership).first()
    if seat is None:
        return day is not None and not is_old and _take_of_delegate(answer, membership, series, day)
    if day is None or is_old:
        return day is None
    if recurrence.occurrence(series.recurrence, day).ends_at < timezone.now() - LATE:
        return False
    meeting = open_meeting(actor=membership, series=series, day=day)
    kind = KINDS[answer.answer]
    delegate = _delegate(seat, answer.delegate) if kind == ReplyKind.DELEGATE else None
    if delegate is not None:
        said = {"meeting": meeting, "seat": seat, "means": Means.LINK}
        name_delegate(actor=membership, delegate=delegate, **said)
    else:
        reply(actor=membership, meeting=meeting, seat=seat, kind=kind, means=Means.LINK)
    return True


def _take_of_delegate(
    answer: Answer, membership: Membership, series: MeetingSeries, day: date
) -> bool:
    """What a delegate answers holds for the mandate that stands, and makes none: anybody could
    write that somebody sent them. Who passes it on does not come.
    """
    rows = Delegation.objects.filter(delegate=membership, meeting__series=series, meeting__day=day)
    rows = rows.exclude(state__in=GONE).filter(seat__in=Seat.objects.current())
    along = ("meeting", "seat__holder__user", "named_by__user")
    delegation = rows.select_related(*along).order_by("-id").first()
    if delegation is None:
        return False
    senders = {each.user.email.lower() for each in _senders(delegation)}
    if answer.sent_by and answer.sent_by not in senders:
        return False
    kind = KINDS[answer.answer]
    kind = ReplyKind.NO if kind == ReplyKind.DELEGATE else kind
    answer_delegation(actor=membership, delegation=delegation, kind=kind, means=Means.LINK)
    return True


def _senders(delegation: Delegation) -> list[Membership]:
    return [each for each in (delegation.seat.holder, delegation.named_by) if each is not None]


def _delegate(seat: Seat, email: str) -> Membership | None:
    """Whom a calendar names instead, if they speak for the seat's organization."""
    if not email:
        return None
    rows = Membership.objects.current().filter(
        organization_id=seat.organization_id, user__is_active=True, user__email__lower=email
    )
    found: Membership | None = rows.exclude(pk=seat.holder_id).select_related("user").first()
    return found


def _sequence_asked(envelope: CalendarEnvelope) -> int:
    return envelope.sequence if envelope.meeting_id else 0

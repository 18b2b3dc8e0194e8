"""What becomes of a delegation: written to the delegate, answered by them, ended in the open."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from initiatives.audit import record
from initiatives.choices import Means
from initiatives.models import Membership
from initiatives.notices import notify
from meetings.choices import BEFORE, DelegationState, EnvelopeMethod, ReplyKind
from meetings.models import Delegation, Reply, Seat
from meetings.selectors.agendas import items_of
from meetings.selectors.rights import permit
from meetings.services.delegate_letters import take_back_of
from meetings.services.envelopes import enclose_for_delegate, when
from meetings.services.locks import locked_before, locking
from meetings.services.seat_links import close_outsider, outsider_address, seat_address

GONE = (DelegationState.LAPSED, DelegationState.VOID)
ANSWERS = (ReplyKind.YES, ReplyKind.NO, ReplyKind.MAYBE)


def write_to_delegate(delegation: Delegation) -> None:
    """The letter with which a mandate begins: the briefing, and the meeting for their calendar."""
    delegate, meeting = delegation.delegate, delegation.meeting
    row, enclosures = enclose_for_delegate(delegation, EnvelopeMethod.REQUEST)
    url = (
        seat_address(meeting, delegation.seat, delegate)
        if delegate
        else outsider_address(delegation)
    )
    notice = notify(
        "delegate_named",
        delegation,
        occasion="named",
        **_to(delegation),
        not_after=meeting.starts_at,
        url=url,
        named_by=str(delegation.named_by.user) if delegation.named_by else "",
        is_outside=delegation.is_outside,
        name=meeting.series.name,
        when=when(meeting),
        organization=delegation.seat.organization.name,
        mandate=delegation.mandate,
        decides=any(each.asks_to_decide for each in items_of(meeting)),
        enclosures=enclosures,
    )
    if row is not None:
        row.notice = notice
        row.save(update_fields=["notice"])
    delegation.state = DelegationState.NOTIFIED
    delegation.save(update_fields=["state"])


def end_delegation(
    delegation: Delegation, state: DelegationState, *, tell: bool = True, means: Means = Means.CLOCK
) -> None:
    """End a mandate before its meeting, and take the meeting out of the delegate's calendar.

    ``tell`` False: it was the delegate who ended it, or who holds the seat now.
    """
    delegation.state = state
    delegation.version += 1
    delegation.save(update_fields=["state", "version"])
    record(None, f"meetings.delegation_{state}", delegation, means=means)
    take_back_of(delegation)
    if delegation.is_outside:
        close_outsider(delegation)
    if not (tell and delegation.meeting.is_before and _is_written_to(delegation)):
        return
    meeting = delegation.meeting
    row, enclosures = enclose_for_delegate(delegation, EnvelopeMethod.CANCEL)
    notice = notify(
        "delegation_ended",
        delegation,
        occasion="ended",
        **_to(delegation),
        not_after=meeting.starts_at,
        name=meeting.series.name,
        when=when(meeting),
        organization=delegation.seat.organization.name,
        comes=_who_comes(delegation),
        enclosures=enclosures,
    )
    if row is not None:
        row.notice = notice
        row.save(update_fields=["notice"])


def end_delegations(seat: Seat) -> int:
    """End what stands for a seat that has ended, or that its delegate holds now; how many."""
    rows = locking(
        Delegation, "meeting__series__initiative", "delegate__user", "seat__holder__user"
    )
    standing = rows.filter(seat=seat, meeting__state__in=BEFORE).exclude(state__in=GONE)
    ended = 0
    for each in standing.order_by("id"):
        is_holder = not each.is_outside and each.delegate_id == seat.holder_id
        if seat.ends_on is None and not is_holder:
            continue
        state = DelegationState.LAPSED if is_holder else DelegationState.VOID
        end_delegation(each, state, tell=not is_holder)
        ended += 1
    return ended


def answer_delegation(
    *, actor: Membership | None, delegation: Delegation, kind: str, means: Means = Means.WEB
) -> Delegation:
    """Say as the delegate whether one comes. Who does not gives the mandate back: the seat is
    unanswered again, and its holder is told.

    ``actor`` None: the delegate without an account, by their link.

    :raises ValidationError: the meeting has begun, the mandate is over, or it is no such answer.
    """
    permit(is_delegate(actor, delegation))
    if kind not in ANSWERS:
        raise ValidationError({"kind": _("Say whether you come.")})
    locked_before(delegation.meeting)
    along = ("meeting__series", "delegate__user", "seat__holder__user", "seat__organization")
    locked: Delegation = locking(Delegation, *along).get(pk=delegation.pk)
    if locked.state in GONE:
        raise ValidationError(_("This mandate is over."))
    if locked.answer != kind:
        locked.answer = kind
        locked.save(update_fields=["answer"])
        record(actor, "meetings.delegate_answered", locked, means=means, kind=kind)
    if kind == ReplyKind.NO:
        _give_back(locked, means)
    return locked


def _give_back(delegation: Delegation, means: Means) -> None:
    meeting, seat = delegation.meeting, delegation.seat
    end_delegation(delegation, DelegationState.VOID, tell=False, means=means)
    Reply.objects.filter(meeting=meeting, seat=seat, kind=ReplyKind.DELEGATE).delete()
    holder = seat.holder
    if holder is not None and holder.is_current:
        notify(
            "delegate_declined",
            delegation,
            occasion="declined",
            recipient=holder.user.email,
            user=holder.user,
            not_after=meeting.starts_at,
            url=seat_address(meeting, seat, holder),
            name=meeting.series.name,
            when=when(meeting),
            delegate=delegation.called,
        )


def is_delegate(actor: Membership | None, delegation: Delegation) -> bool:
    """Whether a delegation is the actor's; who has no account is let in by its link alone."""
    return delegation.delegate_id == (actor.pk if actor else None)


def _to(delegation: Delegation) -> dict[str, Any]:
    """To whom the letters about a delegation go."""
    if delegation.delegate is None:
        return {"recipient": delegation.outside_email}
    return {"recipient": delegation.delegate.user.email, "user": delegation.delegate.user}


def _is_written_to(delegation: Delegation) -> bool:
    if delegation.delegate is None:
        return bool(delegation.outside_email)
    return bool(delegation.delegate.is_current)


def _who_comes(delegation: Delegation) -> str:
    holder = delegation.seat.holder
    return str(holder.user) if holder and delegation.state == DelegationState.LAPSED else ""

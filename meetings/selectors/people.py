"""Whom a series and a meeting concern."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Coalesce, Concat, Lower, NullIf
from django.utils import timezone

from initiatives.choices import NoticeState, OrganizationState
from initiatives.models import Membership, Notice
from initiatives.permissions import GIVEN, GRANTS, Permission, Role
from meetings.choices import DelegationState, ItemState, ReplyKind
from meetings.models import (
    AgendaAnswer,
    AgendaItem,
    Delegation,
    Meeting,
    MeetingSeries,
    Reply,
    Seat,
)


class Concerned(NamedTuple):
    """One person and the seat that they are concerned for."""

    seat: Seat
    membership: Membership
    is_delegate: bool = False


def holders(bodies: Iterable[int]) -> list[Concerned]:
    """The current holders of the current seats of these bodies, who may still be written to."""
    return [Concerned(seat, seat.holder) for seat in _held(bodies)]


def is_written_to() -> Q:
    """Whether a seat has a holder who may still be written to."""
    today = timezone.localdate()
    lasts = Q(holder__ends_on=None) | Q(holder__ends_on__gt=today)
    stays = ~Q(organization__state=OrganizationState.LEFT)
    return Q(lasts, stays, holder__starts_on__lte=today, holder__user__is_active=True)


def _held(bodies: Iterable[int]) -> Any:
    seats = Seat.objects.current().filter(is_written_to(), body__in=list(bodies))
    return seats.select_related(
        "holder__user", "holder__initiative", "organization", "body"
    ).order_by("id")


def concerned_by_series(series: MeetingSeries) -> list[Concerned]:
    """Whoever holds a seat in the body that meets."""
    return holders([series.body_id])


def concerned_by_meeting(meeting: Meeting) -> list[Concerned]:
    """The holders, and the delegates who come for one of them."""
    return [*holders([meeting.series.body_id]), *delegates([meeting.pk])]


def delegates(meetings: Iterable[int]) -> list[Concerned]:
    """Delegates of these meetings whose membership still counts."""
    gone = [DelegationState.LAPSED, DelegationState.VOID]
    rows = (
        Delegation.objects.filter(
            meeting__in=list(meetings),
            seat__in=Seat.objects.current().exclude(organization__state=OrganizationState.LEFT),
            delegate__in=Membership.objects.current().filter(user__is_active=True),
        )
        .exclude(state__in=gone)
        .select_related(
            *("seat__organization", "seat__holder__user", "delegate__user", "delegate__initiative")
        )
        .order_by("id")
    )
    return [Concerned(each.seat, each.delegate, is_delegate=True) for each in rows]


ASKED = "agenda_opened"  # the letter that asks a seat before a meeting


def asked_as(each: Concerned, *, again: str = "") -> str:
    """What names the letter of a seat among those about a meeting; ``again``: the day of one that
    reminds of it.
    """
    return f"seat {each.seat.pk} {again}".strip()


def today_at(meeting: Meeting) -> str:
    """The day it is where a meeting takes place."""
    return timezone.localdate(timezone=meeting.series.zone).isoformat()


def silent(meeting: Meeting, day: str) -> list[Concerned]:
    """The holders of seats who have the letter, did not say whether they come, and were not
    reminded on this ``day``.
    """
    rows = _held([meeting.series.body_id]).annotate(has_said=has_said(meeting))
    return [Concerned(seat, seat.holder) for seat in rows.filter(is_silent(meeting, day))]


def is_silent(meeting: Meeting, day: str) -> Q:
    """Whether a seat has the letter and did not answer it, nor was reminded on this ``day``."""
    return Q(was_asked(meeting)) & ~Q(has_said(meeting)) & ~Q(was_asked(meeting, again=day))


def not_asked(meeting: Meeting) -> list[Concerned]:
    """The holders of seats who have no letter about this meeting and something left to answer;
    their seats say what (``has_said``, whether they come).
    """
    rows = _held([meeting.series.body_id]).annotate(has_said=has_said(meeting))
    return [Concerned(seat, seat.holder) for seat in rows.filter(is_left_to_ask(meeting))]


def has_said(meeting: Meeting) -> Exists:
    """Whether a seat said that it comes, that it does not, or who comes; perhaps is no answer."""
    rows = Reply.objects.filter(meeting=meeting, seat=OuterRef("pk"))
    return Exists(rows.exclude(kind=ReplyKind.MAYBE))


def is_left_to_ask(meeting: Meeting) -> Q:
    """Whether a seat has no letter about this meeting, and did not say everything without one:
    whether it comes, and whether this is the agenda it wants, if there is one yet.
    """
    items = AgendaItem.objects.filter(meeting=meeting)
    items = items.exclude(state__in=[ItemState.DECLINED, ItemState.PROPOSED])
    answered = AgendaAnswer.objects.filter(meeting=meeting, seat=OuterRef("pk"))
    silent = ~Q(has_said(meeting)) | (Q(Exists(items)) & ~Q(Exists(answered)))
    return ~Q(was_asked(meeting)) & silent


def was_asked(meeting: Meeting, *, again: str = "") -> Exists:
    """Whether the holder of a seat has the letter about this meeting, or, ``again``, the one that
    reminded of it on that day.
    """
    rows = Notice.objects.filter(
        kind=ASKED,
        subject_type=Meeting._meta.label_lower,
        subject_id=meeting.pk,
        occasion=Concat(
            Value("seat "), Cast(OuterRef("pk"), CharField()), Value(f" {again}".rstrip())
        ),
        recipient=Lower(OuterRef("holder__user__email")),
    )
    return Exists(rows.exclude(state=NoticeState.CANCELLED))


def person_name(user: str) -> Coalesce:
    """What a person is called; ``user`` is the way to them."""
    return Coalesce(NullIf(f"{user}__name", Value("")), f"{user}__email")


def delegate_name() -> Coalesce:
    """What the delegate of a delegation is called."""
    return Coalesce(NullIf("outside_name", Value("")), person_name("delegate__user"))


def outsiders(meeting: Meeting) -> list[Delegation]:
    """The delegates to a meeting who have no account here, and may be written to."""
    seats = Seat.objects.current().exclude(organization__state=OrganizationState.LEFT)
    rows = Delegation.objects.filter(meeting=meeting, delegate=None, seat__in=seats)
    gone = [DelegationState.LAPSED, DelegationState.VOID]
    rows = rows.exclude(state__in=gone).exclude(outside_email="")
    return list(rows.select_related("seat__organization", "seat__holder__user").order_by("id"))


def facilitators(membership: Membership) -> Any:
    """Who may be asked to facilitate: people one may see whose roles run meetings."""
    tables = [*GRANTS.items(), *GIVEN.items()]
    roles = [role for role, granted in tables if Permission.MEETINGS_RUN in granted]
    rows = Membership.objects.visible_to(membership).current().filter(user__is_active=True)
    rows = rows.filter(roles__overlap=roles).select_related("user", "organization")
    return rows.order_by("user__name", "id")


def series_facilitators(membership: Membership) -> Any:
    """To whom a series may be given: people one may see with the role that takes it."""
    rows = Membership.objects.visible_to(membership).current().filter(user__is_active=True)
    rows = rows.filter(roles__contains=[Role.SERIES_FACILITATOR])
    return rows.select_related("user", "organization").order_by("user__name", "id")


def may_speak_for(membership: Membership, seat: Seat) -> bool:
    """Whether a member holds the seat, or leads the organization that has it."""
    if seat.holder_id == membership.pk:
        return True
    leads = membership.may(Permission.MEETINGS_SEAT)
    return leads and seat.organization_id == membership.organization_id


def answering(membership: Membership, seats: Iterable[Any]) -> Seat | None:
    """The one of ``seats`` that a member answers for: as holder, lead, or as the delegate who is
    ``sent``.
    """
    own = [each for each in seats if each.organization_id == membership.organization_id]
    seat: Any = min(own, key=lambda each: each.pk, default=None)
    if seat is None or may_speak_for(membership, seat):
        return seat
    sent = any(each["delegate_id"] == membership.pk for each in getattr(seat, "sent", ()))
    return seat if sent else None

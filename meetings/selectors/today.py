"""What waits for a member in continuous communication."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives import today
from initiatives.models import Membership
from initiatives.permissions import Permission
from meetings.choices import (
    ActionState,
    CorrectionState,
    DecisionState,
    MeetingState,
    MinutesState,
)
from meetings.models import ActionItem, Correction, Decision, DecisionResponse, Minutes, Seat

SOON = timedelta(days=7)
SHOWN = 20
MINUTES_TO_ANSWER, MINUTES_TO_READ, MINUTES_TO_JUDGE = 5, 5, 1


@today.waits
def actions_due(membership: Membership) -> Iterable[today.Waiting]:
    """What one promised and is due, and what one asked for that waits for a word."""
    slug, day = membership.initiative.slug, timezone.localdate()
    mine = Q(owner=membership, state=ActionState.OPEN, drop_asked=False, due_on__lte=day + SOON)
    if membership.may(Permission.MEETINGS_SEAT):
        mine |= Q(
            owner=None,
            organization_id=membership.organization_id,
            state=ActionState.OPEN,
            drop_asked=False,
            due_on__lte=day + SOON,
        )
    asked = Q(requester=membership) & (Q(state=ActionState.CLAIMED_DONE) | Q(drop_asked=True))
    rows = ActionItem.objects.pending().filter(mine | asked).select_related("organization")
    for each in rows.order_by("due_on", "id")[:SHOWN]:
        is_asked = each.state == ActionState.CLAIMED_DONE or each.drop_asked
        text = _("Is it done? %(text)s") if each.state == ActionState.CLAIMED_DONE else "%(text)s"
        if each.drop_asked:
            text = _("May it be let go? %(text)s")
        yield today.Waiting(
            text % {"text": each.text},
            reverse("meetings:action", args=[slug, each.pk]),
            note=each.organization.name if is_asked else _("promised"),
            due_on=None if is_asked else each.due_on,
            condition="meetings",
            minutes=MINUTES_TO_JUDGE if is_asked else None,
        )


@today.waits
def decisions_to_answer(membership: Membership) -> Iterable[today.Waiting]:
    """Questions on which one's seat has not answered, and decisions to be looked at again."""
    slug = membership.initiative.slug
    seats = Seat.objects.current().own(membership).filter(body_id=OuterRef("body_id"))
    said = DecisionResponse.objects.filter(
        decision=OuterRef("pk"), seat__organization_id=membership.organization_id
    )
    closed = [MeetingState.CANCELLED, MeetingState.MINUTES_CIRCULATED, MeetingState.CLOSED]
    waits = Q(state__in=[DecisionState.FRAMED, DecisionState.OPEN]) & Exists(seats) & ~Exists(said)
    waits &= Q(meeting=None) | ~Q(meeting__state__in=closed)
    if membership.may(Permission.DECISIONS_CLOSE):
        waits |= Q(state=DecisionState.REVIEW_DUE)
    rows = Decision.objects.filter(waits).select_related("body").order_by("review_on", "id")
    for each in rows[:SHOWN]:
        is_review = each.state == DecisionState.REVIEW_DUE
        yield today.Waiting(
            (_("Look again at %(what)s") if is_review else _("What do we say? %(what)s"))
            % {"what": str(each) if is_review else each.question},
            reverse("meetings:decision", args=[slug, each.pk]),
            note=each.body.name,
            due_on=each.review_on if is_review else None,
            condition="meetings",
            minutes=MINUTES_TO_ANSWER,
        )


@today.waits
def minutes_to_see_to(membership: Membership) -> Iterable[today.Waiting]:
    """Minutes to read for mistakes, to answer, to approve, and those nobody has sent yet."""
    slug = membership.initiative.slug
    seats = Seat.objects.current().own(membership)
    said = Correction.objects.filter(
        minutes=OuterRef("pk"), organization_id=membership.organization_id
    )
    ours = Q(meeting__series__body__in=seats.values("body_id"), state=MinutesState.CIRCULATED)
    held: Any = ours & ~Exists(said)
    approves = membership.may(Permission.MEETINGS_MINUTE)
    if approves:
        held |= Q(state=MinutesState.CIRCULATED)
    if membership.may(Permission.MEETINGS_RUN):
        held |= Q(state=MinutesState.DRAFT)
    proposed = Correction.objects.filter(minutes=OuterRef("pk"), state=CorrectionState.PROPOSED)
    rows = Minutes.objects.filter(held).annotate(is_disputed=Exists(proposed))
    rows = rows.select_related("meeting__series").order_by("circulated_at", "id")
    for each in rows[:SHOWN]:
        if each.state == MinutesState.DRAFT:
            text = _("Send the minutes: %(name)s")
        elif approves:
            text = _("Approve the minutes: %(name)s")
        else:
            text = _("Are the minutes right? %(name)s")
        yield today.Waiting(
            text % {"name": each.meeting},
            reverse("meetings:minutes", args=[slug, each.meeting_id]),
            note=_("somebody says that something is wrong") if each.is_disputed else "",
            condition="meetings",
            minutes=MINUTES_TO_READ,
        )

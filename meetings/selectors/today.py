"""What waits for a member in continuous communication."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
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
from meetings.models import (
    ActionItem,
    Confirmation,
    Correction,
    Decision,
    DecisionResponse,
    Minutes,
    Seat,
)

SOON = timedelta(days=7)
SHOWN = 20
MINUTES_TO_ANSWER, MINUTES_TO_READ, MINUTES_TO_JUDGE = 5, 5, 1


def _actions(membership: Membership) -> QuerySet[ActionItem]:
    day = timezone.localdate()
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
    return rows.order_by("due_on", "id")[:SHOWN]


@today.waits.for_each(_actions)
def actions_due(membership: Membership, action: ActionItem) -> today.Waiting:
    """What one promised and is due, and what one asked for that waits for a word."""
    is_claimed = action.state == ActionState.CLAIMED_DONE
    is_asked = is_claimed or action.drop_asked
    text = _("Is it done? %(text)s") if is_claimed else "%(text)s"
    if action.drop_asked:
        text = _("May it be let go? %(text)s")
    return today.Waiting(
        text % {"text": action.text},
        reverse("meetings:action", args=[membership.initiative.slug, action.pk]),
        note=action.organization.name if is_asked else _("promised"),
        due_on=None if is_asked else action.due_on,
        condition="meetings",
        minutes=MINUTES_TO_JUDGE if is_asked else None,
    )


def _decisions(membership: Membership) -> QuerySet[Decision]:
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
    return rows[:SHOWN]


@today.waits.for_each(_decisions)
def decisions_to_answer(membership: Membership, decision: Decision) -> today.Waiting:
    """Questions on which one's seat has not answered, and decisions to be looked at again."""
    is_review = decision.state == DecisionState.REVIEW_DUE
    text = _("Look again at %(what)s") if is_review else _("What do we say? %(what)s")
    return today.Waiting(
        text % {"what": str(decision) if is_review else decision.question},
        reverse("meetings:decision", args=[membership.initiative.slug, decision.pk]),
        note=decision.body.name,
        due_on=decision.review_on if is_review else None,
        condition="meetings",
        minutes=MINUTES_TO_ANSWER,
    )


def _minutes(membership: Membership) -> Any:
    seats = Seat.objects.current().own(membership)
    said = Correction.objects.filter(
        minutes=OuterRef("pk"), organization_id=membership.organization_id
    )
    ours = Q(meeting__series__body__in=seats.values("body_id"), state=MinutesState.CIRCULATED)
    right = Confirmation.objects.filter(
        minutes=OuterRef("pk"), organization_id=membership.organization_id
    )
    held: Any = ours & ~Exists(said) & ~Exists(right)
    if membership.may(Permission.MEETINGS_MINUTE):
        held |= Q(state=MinutesState.CIRCULATED)
    if membership.may(Permission.MEETINGS_RUN):
        held |= Q(state=MinutesState.DRAFT)
    proposed = Correction.objects.filter(minutes=OuterRef("pk"), state=CorrectionState.PROPOSED)
    rows = Minutes.objects.filter(held).annotate(is_disputed=Exists(proposed))
    rows = rows.select_related("meeting__series").order_by("circulated_at", "id")
    return rows[:SHOWN]


@today.waits.for_each(_minutes)
def minutes_to_see_to(membership: Membership, minutes: Any) -> today.Waiting:
    """Minutes to read for mistakes, to answer, to approve, and those nobody has sent yet."""
    if minutes.state == MinutesState.DRAFT:
        text = _("Send the minutes: %(name)s")
    elif membership.may(Permission.MEETINGS_MINUTE):
        text = _("Approve the minutes: %(name)s")
    else:
        text = _("Are the minutes right? %(name)s")
    return today.Waiting(
        text % {"name": minutes.meeting},
        reverse("meetings:minutes", args=[membership.initiative.slug, minutes.meeting_id]),
        note=_("somebody says that something is wrong") if minutes.is_disputed else "",
        condition="meetings",
        minutes=MINUTES_TO_READ,
    )

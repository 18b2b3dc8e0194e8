"""Lists of actions: overdue first, for oneself, one's organization, or all."""

from datetime import date
from typing import Any

from django.db.models import Case, Count, Q, Value, When
from django.utils import timezone

from initiatives.models import Membership
from meetings.choices import ActionState
from meetings.models import ActionItem, Body

MINE, OURS, EVERYONES = "mine", "ours", "all"


def actions_for(membership: Membership, whose: str, *, done: bool = False) -> Any:
    """Those that are pending, what is overdue and what waits for a word first; or the past ones."""
    rows = ActionItem.objects.visible_to(membership).select_related(
        "organization", "owner__user", "requester__user", "body", "meeting"
    )
    if whose == MINE:
        rows = rows.filter(Q(owner=membership) | Q(requester=membership))
    elif whose == OURS:
        rows = rows.filter(organization_id=membership.organization_id)
    if done:
        return rows.exclude(state__in=PENDING).order_by("-done_at", "-id")
    order = Case(When(state=ActionState.OPEN, then=Value(0)), default=Value(1))
    return rows.filter(state__in=PENDING).order_by(order, "due_on", "id")


PENDING = (ActionState.OPEN, ActionState.CLAIMED_DONE)


def how_many(membership: Membership, today: date | None = None) -> dict[str, int]:
    """How many are pending, by whose they are, and how many of all are overdue; one query."""
    today = today or timezone.localdate()
    mine = Q(owner=membership) | Q(requester=membership)
    ours = Q(organization_id=membership.organization_id)
    rows = ActionItem.objects.filter(
        pk__in=ActionItem.objects.visible_to(membership).pending().values("pk")
    )
    found: dict[str, int] = rows.aggregate(
        mine=Count("pk", filter=mine),
        ours=Count("pk", filter=ours),
        all=Count("pk"),
        overdue=Count("pk", filter=Q(state=ActionState.OPEN, due_on__lt=today)),
    )
    return found


def pending_of(body: Body) -> Any:
    """What a body still waits for: it is on the page of its next meeting by itself."""
    rows = ActionItem.objects.pending().filter(body=body)
    return rows.select_related("organization", "owner__user").order_by("due_on", "id")

"""An indicator says which goal it measures."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from agenda.models import Goal
from initiatives import audit
from initiatives.models import Membership
from initiatives.permissions import Permission
from measures.models import Indicator


def point_at_goal(*, actor: Membership, indicator: Indicator, goal: Goal | None) -> Indicator:
    """Let an indicator measure a goal, or none; doing it again changes nothing."""
    if not actor.may(Permission.MEASURES_EDIT):
        raise PermissionDenied
    with transaction.atomic():
        rows = Indicator.objects.select_for_update(of=("self",), no_key=True)
        row: Indicator = rows.get(pk=indicator.pk)
        wanted = goal.pk if goal else None
        if row.goal_id != wanted:
            before, row.goal = row.goal_id, goal
            row.save(update_fields=["goal"])
            audit.record(actor, "measures.goal_linked", row, before=before, after=wanted)
    return row

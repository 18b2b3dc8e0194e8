"""What the nightly comparison of rollups with the arithmetic found."""

from datetime import timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives import today
from initiatives.models import Membership
from initiatives.permissions import Permission
from measures.models import RollupCheck

MOST_CHECKS = 30
ALARM_LASTS = timedelta(days=7)


def checks() -> QuerySet[RollupCheck]:
    """The latest comparisons, newest first."""
    return RollupCheck.objects.order_by("-id")[:MOST_CHECKS]


def alarms() -> QuerySet[RollupCheck]:
    """The comparisons of late that found a difference, newest first."""
    since = timezone.now() - ALARM_LASTS
    return RollupCheck.objects.filter(differing__gt=0, at__gte=since).order_by("-id")


def _alarm(membership: Membership) -> QuerySet[RollupCheck] | None:
    return alarms()[:1] if membership.may(Permission.MEASURES_COLLECT) else None


@today.waits.for_each(_alarm)
def rollups_that_differ(membership: Membership, found: RollupCheck) -> today.Waiting:
    """An alarm for those who answer for the numbers."""
    return today.Waiting(
        text=_("Look at numbers that differed from their recomputation"),
        url=reverse("measures:rollup_checks", args=[membership.initiative.slug]),
        note=_("%(differing)s of %(compared)s compared")
        % {"differing": found.differing, "compared": found.compared},
        condition="measures",
    )

"""What the nightly comparison of rollups with the arithmetic found."""

from collections.abc import Iterator
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


def alarm() -> RollupCheck | None:
    """The newest comparison of late that found a difference."""
    since = timezone.now() - ALARM_LASTS
    return RollupCheck.objects.filter(differing__gt=0, at__gte=since).order_by("-id").first()


@today.waits
def rollups_that_differ(membership: Membership) -> Iterator[today.Waiting]:
    """An alarm for those who answer for the numbers."""
    if not membership.may(Permission.MEASURES_COLLECT):
        return
    found = alarm()
    if found is not None:
        yield today.Waiting(
            text=_("Look at numbers that differed from their recomputation"),
            url=reverse("measures:rollup_checks", args=[membership.initiative.slug]),
            note=_("%(differing)s of %(compared)s compared")
            % {"differing": found.differing, "compared": found.compared},
            condition="measures",
        )

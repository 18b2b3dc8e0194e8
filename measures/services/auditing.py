"""The nightly comparison of a sample of rollups with the arithmetic, and the alarm it raises."""

import logging
from datetime import date

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from initiatives import jobs
from initiatives.models import Initiative, Membership
from initiatives.notices import notify
from initiatives.permissions import Permission, Role
from initiatives.tenancy import current_initiative_id
from measures import ledger
from measures.models import Indicator, RollupCheck
from measures.rollups.auditing import Difference, compare

logger = logging.getLogger(__name__)
SAMPLE = 2  # indicators a night, in turn
MOST_EXAMPLES = 20


@jobs.handles("audit_rollups")
def audit_rollups() -> None:
    """Compare tonight's sample; a day later it is the turn of the next indicators."""
    check_rollups(sample_of(timezone.localdate()))


def sample_of(day: date) -> list[Indicator]:
    """The indicators whose turn it is: each comes as often as every other."""
    found = list(Indicator.objects.order_by("id"))
    first = day.toordinal() * SAMPLE
    return [found[(first + each) % len(found)] for each in range(min(SAMPLE, len(found)))]


def check_rollups(indicators: list[Indicator]) -> RollupCheck | None:
    """Compare all rollups of some indicators; None if nothing could be compared.

    What differs is said to those who collect, and computed again.
    """
    compared, differing = 0, list[tuple[Indicator, Difference]]()
    for indicator in indicators:
        found = compare(indicator)
        if found is None:
            logger.info("Indicator %s changes too fast to be compared", indicator.pk)
            continue
        compared += found.compared
        differing += [(indicator, each) for each in found.differences]
    if not compared:
        return None
    check: RollupCheck = RollupCheck.here(
        compared=compared,
        differing=len(differing),
        examples=[example(*each) for each in differing[:MOST_EXAMPLES]],
    )
    check.save()
    if differing:
        raise_alarm(check)
        ledger.mark_dirty({indicator.pk for indicator, _each in differing})
    return check


def example(indicator: Indicator, difference: Difference) -> dict[str, str]:
    """A difference in words that anybody who looks for its cause can start from."""
    key, stored, computed = difference
    # The number first; where it is the same, whatever else is not.
    return {
        "indicator": indicator.name,
        "where": f"{key.scope} {key.scope_id}, period {key.period}, cell {key.cell or '–'}",
        "stored": "–" if stored is None else str(stored.value),
        "computed": "–" if computed is None else str(computed.value),
    }


def raise_alarm(check: RollupCheck) -> None:
    """Log it for operators, and write to those who answer for the numbers."""
    logger.error(
        "Rollups differ from their recomputation: %s",
        check,
        extra={"initiative": current_initiative_id(), "examples": check.examples},
    )
    slug = Initiative.objects.get(pk=current_initiative_id()).slug
    members = Membership.objects.current().select_related("user").order_by("id")
    for member in members:
        if Role.DATA_MANAGER in member.roles and member.may(Permission.MEASURES_COLLECT):
            notify(
                "rollups_differ",
                check,
                occasion="found",
                recipient=member.user.email,
                user=member.user,
                url=settings.SITE_URL + reverse("measures:rollup_checks", args=[slug]),
                differing=check.differing,
                compared=check.compared,
            )

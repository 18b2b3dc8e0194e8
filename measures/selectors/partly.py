"""Whose total rests on some groups alone: what they wrote counts as all they have."""

from django.db.models import Count, Q

from measures.choices import FactStatus
from measures.models import Cell, Indicator, Observation, Rollup
from measures.selectors.reporters import type_inside

HAS_A_NUMBER = ~Q(status__in=[FactStatus.MISSING, FactStatus.SUPPRESSED])


def partly_given(indicator: Indicator, row: Rollup, inside: type_inside | None = None) -> int:
    """How many organizations gave some groups and no total in the period; ``inside``: of these.

    Two queries, none for what has no groups, is of one group, or was refused.
    """
    if not indicator.partition_id or row.cell_id is not None or row.value is None:
        return 0
    leaves = Cell.objects.filter(
        partition=indicator.partition_id, is_leaf=True, is_not_stated=False
    )
    groups = list(leaves.values_list("pk", flat=True))
    facts = Observation.objects.current().filter(
        HAS_A_NUMBER,
        indicator_id=indicator.pk,
        period__starts_on__gte=row.period.starts_on,
        period__ends_on__lte=row.period.ends_on,
    )
    if inside is not None:
        facts = facts.filter(organization_id__in=inside)
    given = (
        facts.order_by()
        .values("organization_id", "period_id")
        .annotate(
            totals=Count("id", filter=Q(cell=None)), groups=Count("id", filter=Q(cell__in=groups))
        )
        .filter(totals=0, groups__gt=0, groups__lt=len(groups))
    )
    return len({each["organization_id"] for each in given})

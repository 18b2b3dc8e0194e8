"""What the arithmetic says of the facts that are stored, and what the engine stored: to compare."""

from django.utils import timezone

from initiatives.models import OrganizationPlace, Place
from measures import arithmetic
from measures.models import CellLeaf, Period, Rollup


def by_arithmetic(ground, indicator, observations):
    def spans(**chosen):
        return [
            arithmetic.Span(p.pk, p.starts_on, p.ends_on) for p in Period.objects.filter(**chosen)
        ]

    nodes = {}
    for below in CellLeaf.objects.all() if indicator.partition_id else ():
        nodes.setdefault(below.cell_id, set()).add(below.leaf_id)
    series = arithmetic.Series(
        definitions=[
            arithmetic.Definition(
                v.pk,
                indicator.kind,
                v.effective_from,
                cells=v.cells,
                time=v.time,
                organizations=v.organizations,
                carry=v.carry,
                scale=v.scale,
            )
            for v in indicator.versions.all()
        ],
        periods=spans(frequency="month"),
        longer=spans(frequency="quarter") + spans(frequency="year"),
        nodes={node: frozenset(leaves) for node, leaves in nodes.items()},
        not_stated=ground["cells"]["?"].pk if indicator.partition_id else None,
        assignments=[
            arithmetic.Assignment(a.organization_id, a.starts_on, a.ends_on)
            for a in indicator.assignments.all()
        ],
    )
    homes = {}
    for home in OrganizationPlace.objects.all():
        homes.setdefault(home.organization_id, []).append(home.place_id)
    return arithmetic.roll_up(
        series,
        [
            arithmetic.Fact(
                o.organization_id,
                o.period_id,
                o.cell_id,
                value=o.value,
                numerator=o.numerator,
                denominator=o.denominator,
                status=o.status,
                late=o.is_late,
                recorded_at=o.recorded_at,
            )
            for o in observations.filter(indicator=indicator)
        ],
        initiative=ground["initiative"].pk,
        homes=homes,
        parents=dict(Place.objects.values_list("pk", "parent_id")),
        today=timezone.localdate(),
    )


def by_engine(indicator):
    """Rollups as the results of the arithmetic: every field is compared."""
    fields = [name for name in arithmetic.Result.__slots__ if name != "definition"]
    return {
        arithmetic.Key(row.scope, row.scope_id, row.period_id, row.cell_id): arithmetic.Result(
            **{name: getattr(row, name) for name in fields}, definition=row.version_id
        )
        for row in Rollup.objects.filter(indicator=indicator)
    }

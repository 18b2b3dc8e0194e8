"""P1: the engine against the best SQL we can write by hand, and against a loop over objects.

To see it fail: have ``rollups.stages.reduce`` make the stage ``above`` twice.
"""

from django.db import connection
from django.db.models import Sum

from initiatives.tenancy import scope
from measures import rollups
from measures.models import Indicator, Observation, Period, Rollup
from tests import database
from tests.bench import world
from tests.bench.harness import said, seconds, times

SAMPLE = 100
# A cascade of two aggregations and an upsert of what differs: the same rows as the engine's, with
# their values, coverage and worst status, and no versions, carrying, refusals or kept periods.
BEST = """
CREATE TEMP TABLE best_map ON COMMIT DROP AS
SELECT n.id AS native_id, p.id AS period_id, n.starts_on
FROM measures_period AS n JOIN measures_period AS p
    ON p.calendar_id = n.calendar_id AND p.starts_on <= n.starts_on AND n.ends_on <= p.ends_on
WHERE n.initiative_id = {0} AND p.initiative_id = {0} AND n.frequency = 'month';
ANALYZE best_map;
CREATE TEMP TABLE best_own ON COMMIT DROP AS
SELECT o.indicator_id, o.organization_id, m.period_id, CASE WHEN g.part = 1 THEN o.cell_id END AS cell_id,
    i.kind,
    CASE i.kind WHEN 'stock' THEN coalesce(sum(o.value) FILTER (WHERE m.starts_on = x.last), 0)
        WHEN 'ratio' THEN sum(o.numerator) ELSE sum(o.value) END AS top,
    sum(o.denominator) AS bottom, count(*)::integer AS present,
    count(*) FILTER (WHERE o.status = 'estimated')::integer AS estimated,
    max(o.status) AS status, min(o.recorded_at) AS oldest
FROM measures_observation AS o
JOIN measures_indicator AS i ON i.initiative_id = {0} AND i.id = o.indicator_id
JOIN best_map AS m ON m.native_id = o.period_id
JOIN (SELECT period_id, max(starts_on) AS last FROM best_map GROUP BY period_id) AS x
    ON x.period_id = m.period_id
CROSS JOIN (VALUES (0), (1)) AS g (part)
WHERE o.initiative_id = {0} AND o.superseded_at IS NULL
GROUP BY 1, 2, 3, 4, 5;
ANALYZE best_own;
CREATE TEMP TABLE best_scope ON COMMIT DROP AS
WITH RECURSIVE above AS (
    SELECT organization_id, place_id FROM initiatives_organizationplace WHERE initiative_id = {0}
    UNION SELECT above.organization_id, p.parent_id FROM above
    JOIN initiatives_place AS p ON p.id = above.place_id WHERE p.parent_id IS NOT NULL
)
SELECT organization_id, 'place'::text AS scope, place_id AS scope_id FROM above
UNION ALL SELECT id, 'initiative', {0} FROM initiatives_organization WHERE initiative_id = {0};
ANALYZE best_scope;
INSERT INTO measures_rollup AS old (
    initiative_id, indicator_id, scope, scope_id, period_id, cell_id, version_id,
    numerator, denominator, value, expected, reported, inputs_expected, inputs_present,
    late, estimated, suppressed, missing, stale, oldest_input_at, status, reason
)
SELECT {0}, n.indicator_id, n.scope, n.scope_id, n.period_id, n.cell_id, v.id,
    CASE WHEN kind = 'ratio' THEN top END, bottom,
    CASE WHEN kind = 'ratio' THEN round(100 * top / nullif(bottom, 0), 10) ELSE top END,
    reported, reported, present, present, 0, estimated, 0, 0, 0, oldest, status, ''
FROM (
    SELECT indicator_id, 'organization' AS scope, organization_id AS scope_id, period_id, cell_id,
        kind, top, bottom, 1 AS reported, present, estimated, status, oldest
    FROM best_own
    UNION ALL
    SELECT o.indicator_id, s.scope, s.scope_id, o.period_id, o.cell_id, o.kind, sum(o.top),
        sum(o.bottom), count(*)::integer, sum(o.present)::integer, sum(o.estimated)::integer,
        max(o.status), min(o.oldest)
    FROM best_own AS o JOIN best_scope AS s USING (organization_id)
    GROUP BY 1, 2, 3, 4, 5, 6
) AS n
JOIN measures_indicatorversion AS v ON v.initiative_id = {0} AND v.indicator_id = n.indicator_id
ON CONFLICT (initiative_id, indicator_id, scope, scope_id, period_id, cell_id)
DO UPDATE SET value = excluded.value, numerator = excluded.numerator,
    denominator = excluded.denominator, reported = excluded.reported, status = excluded.status
WHERE (old.value, old.numerator, old.denominator, old.reported, old.status)
    IS DISTINCT FROM (excluded.value, excluded.numerator, excluded.denominator, excluded.reported, excluded.status)
"""


def best(initiative):
    with scope(initiative), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'; SET LOCAL statement_timeout = '240s'")
        cursor.execute(BEST.format(initiative))


def engine(initiative):
    with scope(initiative):
        rollups.rebuild()


def emptied(large):
    with database.admin(large.database) as admin:
        world.remove(admin, large.first, "measures_rollup")


def totals(initiative):
    """What both must agree on: how many rollups there are, and what their values add up to.

    A stock of a longer period is its last report or the last one there: by hand a missing one is 0.
    """
    with scope(initiative):
        found = Rollup.objects.exclude(indicator__kind="stock").aggregate(Sum("value"))
        return Rollup.objects.count(), found["value__sum"]


def test_full_rollup(large, bench):
    emptied(large)
    best(large.first)
    by_hand = totals(large.first)
    emptied(large)
    engine(large.first)
    assert totals(large.first) == by_hand, "the two must do the same work"
    bench.compare(
        "P1",
        f"full roll-up of one initiative: {world.FACTS:,} facts into {by_hand[0]:,} rollups",
        lambda: engine(large.first),
        lambda: best(large.first),
        goal=1.3,
        before=lambda: emptied(large),
        base="cascade + upsert in SQL",
    )
    bench.compare(
        "P1",
        "the same again, nothing differs",
        lambda: engine(large.first),
        lambda: best(large.first),
        goal=1.3,
        base="cascade + upsert in SQL",
    )


def one_by_one(initiative, keys):
    """What a page of model code would do: a query for each number, an object for each row."""
    with scope(initiative):
        periods = {each.pk: each for each in Period.objects.all()}
        indicators = Indicator.objects.in_bulk()
        for key in keys:
            period = periods[key["period_id"]]
            facts = Observation.objects.current().filter(
                indicator=indicators[key["indicator_id"]],
                organization_id=key["scope_id"],
                cell_id=key["cell_id"],
                period__starts_on__gte=period.starts_on,
                period__ends_on__lte=period.ends_on,
            )
            value = sum(fact.value or 0 for fact in facts)
            Rollup.objects.filter(**key, scope="organization").update(value=value)


def test_against_objects_in_a_loop(large, bench):
    with scope(large.first):
        found = Rollup.objects.filter(scope="organization", cell__isnull=False).order_by("?")
        keys = list(found.values("indicator_id", "scope_id", "period_id", "cell_id")[:SAMPLE])
        count = Rollup.objects.count()
    each = min(seconds(lambda: one_by_one(large.first, keys)) for _ in range(3)) / SAMPLE
    emptied(large)
    whole = seconds(lambda: engine(large.first))
    bench.add(
        "P1",
        f"full roll-up against objects in a loop ({SAMPLE} of {count:,} rollups, times as many)",
        said(whole),
        said(each * count),
        times(each * count / whole),
        goal="≥ 20×",
        is_met=each * count >= 20 * whole,
    )
    engine(large.first)

"""Stage zero: which periods each indicator has, what it means in each, and who is asked."""

# The indicators whose rollups change, each with its leaf for what was not stated.
INDICATORS = """
SELECT i.id AS indicator_id, i.kind, i.kind IN ('ratio', 'mean') AS is_pair,
    i.calendar_id, i.frequency, i.partition_id,
    (
        SELECT c.id FROM measures_cell AS c
        WHERE c.initiative_id = i.initiative_id AND c.partition_id = i.partition_id
            AND c.is_not_stated
    ) AS not_stated
FROM measures_indicator AS i
WHERE i.initiative_id = %(initiative)s
    AND i.id IN (SELECT indicator_id FROM rollup_pair)
"""

# Every period of the indicator's calendar with the version in force when it ends; before the
# first one, the first.
SPANS = """
SELECT i.indicator_id, p.id AS period_id, p.starts_on, p.ends_on,
    p.frequency = i.frequency AS is_native,
    row_number() OVER (
        PARTITION BY i.indicator_id, p.frequency ORDER BY p.starts_on, p.id
    ) AS position,
    i.kind, i.is_pair, i.partition_id, i.not_stated,
    v.id AS version_id, v.cells, v.organizations, v.carry, v.scale,
    CASE WHEN i.kind = 'stock' AND v.time = 'sum' THEN 'none' ELSE v.time END AS time
FROM rollup_indicator AS i
JOIN measures_period AS p
    ON p.initiative_id = %(initiative)s AND p.calendar_id = i.calendar_id
JOIN LATERAL (
    SELECT * FROM measures_indicatorversion AS each
    WHERE each.initiative_id = %(initiative)s AND each.indicator_id = i.indicator_id
        AND each.superseded_at IS NULL
    ORDER BY each.effective_from < p.ends_on DESC,
        CASE WHEN each.effective_from < p.ends_on THEN each.effective_from END DESC,
        CASE WHEN each.effective_from < p.ends_on THEN each.id END DESC,
        each.effective_from, each.id
    LIMIT 1
) AS v ON true
"""

# Which native periods lie in a period, and the how-manieth each is there.
HELD = """
SELECT s.indicator_id, s.period_id, n.period_id AS native_id, s.is_native, s.time,
    row_number() OVER held AS place,
    count(*) OVER (PARTITION BY s.indicator_id, s.period_id) AS natives
FROM rollup_span AS s
JOIN rollup_span AS n
    ON n.indicator_id = s.indicator_id AND n.is_native
    AND s.starts_on <= n.starts_on AND n.ends_on <= s.ends_on
WHERE NOT s.is_native OR s.period_id = n.period_id
WINDOW held AS (PARTITION BY s.indicator_id, s.period_id ORDER BY n.position)
"""

EXPECTED = """
SELECT DISTINCT a.indicator_id, a.organization_id, s.period_id
FROM measures_assignment AS a
JOIN rollup_span AS s
    ON s.indicator_id = a.indicator_id AND s.is_native
    AND a.starts_on < s.ends_on AND (a.ends_on IS NULL OR a.ends_on > s.starts_on)
WHERE a.initiative_id = %(initiative)s
"""
EXPECTED_OF_PAIRS = f"""{EXPECTED}
    AND (a.indicator_id, a.organization_id) IN (
        SELECT indicator_id, organization_id FROM rollup_pair
    )
"""

ASKED = """
SELECT e.indicator_id, e.organization_id, h.period_id, count(*) AS inputs
FROM rollup_expected AS e
JOIN rollup_held AS h ON h.indicator_id = e.indicator_id AND h.native_id = e.period_id
GROUP BY e.indicator_id, e.organization_id, h.period_id
"""

# Everyone's, in the periods that are taken anew. Two assignments may ask for the same one.
ASKED_BESIDE = """
SELECT a.indicator_id, a.organization_id, h.period_id, count(DISTINCT h.native_id) AS inputs
FROM (SELECT DISTINCT indicator_id, period_id FROM rollup_touched) AS t
JOIN rollup_held AS h ON h.indicator_id = t.indicator_id AND h.period_id = t.period_id
JOIN rollup_span AS s ON s.indicator_id = h.indicator_id AND s.period_id = h.native_id
JOIN measures_assignment AS a
    ON a.initiative_id = %(initiative)s AND a.indicator_id = t.indicator_id
    AND a.starts_on < s.ends_on AND (a.ends_on IS NULL OR a.ends_on > s.starts_on)
GROUP BY a.indicator_id, a.organization_id, h.period_id
"""

# Each place of an organization and every place above it, once; and the initiative. One number for
# each scope is quicker to group by than its two names.
SCOPES = """
WITH RECURSIVE above AS (
    SELECT h.organization_id, h.place_id FROM initiatives_organizationplace AS h
    WHERE h.initiative_id = %(initiative)s
    UNION
    SELECT above.organization_id, p.parent_id FROM above
    JOIN initiatives_place AS p
        ON p.initiative_id = %(initiative)s AND p.id = above.place_id
    WHERE p.parent_id IS NOT NULL
)
SELECT organization_id, scope, scope_id, dense_rank() OVER (ORDER BY scope, scope_id) AS seat
FROM (
    SELECT organization_id, 'place'::text AS scope, place_id AS scope_id FROM above
    UNION ALL
    SELECT id, 'initiative', %(initiative)s::bigint FROM initiatives_organization
    WHERE initiative_id = %(initiative)s
) AS scopes
"""

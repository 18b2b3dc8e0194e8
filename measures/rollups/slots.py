"""Stages one and two: one organization's facts, over the cells and then over time."""

# What each fact contributes: a top, and for a pair a bottom. Ranks are those of STATUSES.
# Every pair's facts are looked up by their key. OFFSET keeps it so where the planner thinks that
# the initiative has none: it would read all of them once for each period.
FACTS = """
SELECT o.indicator_id, o.organization_id, o.period_id, o.cell_id, s.kind, s.cells,
    s.not_stated, g.gives AS has_part,
    CASE WHEN g.gives THEN CASE WHEN s.is_pair THEN o.numerator ELSE o.value END END AS top,
    CASE WHEN g.gives AND s.is_pair THEN o.denominator END AS bottom,
    g.gives OR (
        o.status NOT IN ('missing', 'suppressed') AND s.kind = 'mean'
        AND o.denominator = 0 AND o.numerator IS NOT NULL
    ) AS is_whole,
    array_position(%(statuses)s::text[], o.status::text) - 1 AS rank,
    o.is_late, o.recorded_at
FROM rollup_pair AS pair
CROSS JOIN LATERAL (
    SELECT * FROM measures_observation AS each
    WHERE each.initiative_id = %(initiative)s AND each.indicator_id = pair.indicator_id
        AND each.organization_id = pair.organization_id
        AND CASE WHEN %(known_at)s::timestamptz IS NULL THEN each.superseded_at IS NULL
            ELSE each.recorded_at <= %(known_at)s
                AND (each.superseded_at IS NULL OR each.superseded_at > %(known_at)s) END
    OFFSET 0
) AS o
JOIN rollup_span AS s
    ON s.indicator_id = o.indicator_id AND s.period_id = o.period_id AND s.is_native
CROSS JOIN LATERAL (
    SELECT o.status NOT IN ('missing', 'suppressed') AND CASE
        WHEN NOT s.is_pair THEN o.value IS NOT NULL
        ELSE o.numerator IS NOT NULL AND o.denominator IS NOT NULL
            AND NOT (s.kind = 'mean' AND o.denominator = 0)
    END AS gives
) AS g
"""

# The leaves as given; and what an entered total leaves over, where it can be known: all of it where
# no leaf was given, since nobody's category is known then.
LEAVES = """
SELECT indicator_id, organization_id, period_id, cells, cell_id AS leaf_id, has_part, top, bottom,
    rank, is_late, rank = 2 AS estimated, rank = 4 AS suppressed, rank = 3 AS missing, recorded_at
FROM rollup_fact WHERE cell_id IS NOT NULL
UNION ALL
SELECT indicator_id, organization_id, period_id, cells, not_stated, true, top, bottom,
    rank, is_late, estimated, suppressed, missing, recorded_at
FROM (
    SELECT indicator_id, organization_id, period_id, kind, cells, not_stated,
        max(top) FILTER (WHERE cell_id IS NULL)
            - coalesce(sum(top) FILTER (WHERE cell_id IS NOT NULL), 0) AS top,
        max(bottom) FILTER (WHERE cell_id IS NULL)
            - coalesce(sum(bottom) FILTER (WHERE cell_id IS NOT NULL), 0) AS bottom,
        max(rank) AS rank, bool_or(is_late) AS is_late, bool_or(rank = 2) AS estimated,
        bool_or(rank = 4) AS suppressed, bool_or(rank = 3) AS missing,
        min(recorded_at) AS recorded_at
    FROM rollup_fact
    WHERE cells = 'sum' AND not_stated IS NOT NULL
    GROUP BY indicator_id, organization_id, period_id, kind, cells, not_stated
    HAVING bool_or(cell_id IS NULL AND has_part)
        AND NOT coalesce(bool_or(cell_id = not_stated), false)
        AND coalesce(bool_and(is_whole) FILTER (WHERE cell_id IS NOT NULL), true)
) AS rest
WHERE NOT (kind = 'mean' AND bottom = 0)
"""

# What each fact says of the total: an entered whole total alone, else everything.
TOTALS = """
SELECT f.indicator_id, f.organization_id, f.period_id, f.cells, NULL::bigint AS node_id,
    f.has_part, f.top, f.bottom, f.rank, f.is_late, f.rank = 2 AS estimated,
    f.rank = 4 AS suppressed, f.rank = 3 AS missing, f.recorded_at
FROM rollup_fact AS f
LEFT JOIN rollup_fact AS total
    ON total.indicator_id = f.indicator_id AND total.organization_id = f.organization_id
    AND total.period_id = f.period_id AND total.cell_id IS NULL AND total.has_part
WHERE f.cell_id IS NULL OR total.indicator_id IS NULL
"""

SLOTS = f"""
SELECT indicator_id, organization_id, node_id, period_id,
    CASE WHEN refused = '' THEN top END AS top,
    CASE WHEN refused = '' THEN bottom END AS bottom,
    rank, is_late AND refused = '' AND top IS NOT NULL AS is_late,
    estimated, suppressed, missing, refused, 0 AS back, recorded_at
FROM (
    SELECT indicator_id, organization_id, node_id, period_id,
        CASE WHEN cells = 'none' AND count(*) FILTER (WHERE has_part) > 1
            THEN 'cells' ELSE '' END AS refused,
        sum(top) AS top, sum(bottom) AS bottom,
        max(rank) AS rank, bool_or(is_late) AS is_late, bool_or(estimated) AS estimated,
        bool_or(suppressed) AS suppressed, bool_or(missing) AS missing,
        min(recorded_at) AS recorded_at
    FROM (
        SELECT l.indicator_id, l.organization_id, l.period_id, l.cells, c.id AS node_id,
            l.has_part, l.top, l.bottom, l.rank, l.is_late, l.estimated, l.suppressed,
            l.missing, l.recorded_at
        FROM ({LEAVES}) AS l
        JOIN rollup_indicator AS i ON i.indicator_id = l.indicator_id
        JOIN measures_cellleaf AS below
            ON below.initiative_id = %(initiative)s AND below.leaf_id = l.leaf_id
        JOIN measures_cell AS c
            ON c.initiative_id = %(initiative)s AND c.id = below.cell_id
            AND c.partition_id = i.partition_id
        UNION ALL {TOTALS}
    ) AS given
    GROUP BY indicator_id, organization_id, node_id, period_id, cells
) AS slot
"""

# A hole of a stock takes the last report, at most `carry` periods back; see `carry_forward`.
CARRIED = """
SELECT hole.indicator_id, hole.organization_id, hole.node_id, hole.period_id,
    source.top, source.bottom, 2 AS rank, false AS is_late, true AS estimated,
    false AS suppressed, coalesce(hole.missing, false) AS missing, ''::text AS refused,
    (hole.position - hole.before)::integer AS back, source.recorded_at
FROM (
    SELECT node.*, s.period_id, s.position, s.kind, s.carry, s.starts_on,
        here.indicator_id IS NULL
            OR (here.top IS NULL AND NOT here.suppressed AND here.refused = '') AS is_hole,
        here.missing,
        max(s.position) FILTER (WHERE here.top IS NOT NULL) OVER (
            PARTITION BY node.indicator_id, node.organization_id, node.node_id
            ORDER BY s.position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS before
    FROM (SELECT DISTINCT indicator_id, organization_id, node_id FROM rollup_slot) AS node
    JOIN rollup_span AS s ON s.indicator_id = node.indicator_id AND s.is_native
    LEFT JOIN rollup_slot AS here
        ON here.indicator_id = node.indicator_id AND here.organization_id = node.organization_id
        AND coalesce(here.node_id, 0) = coalesce(node.node_id, 0) AND here.period_id = s.period_id
    WHERE s.indicator_id IN (
        SELECT indicator_id FROM rollup_span WHERE is_native AND kind = 'stock' AND carry > 0
    )
) AS hole
JOIN rollup_expected AS e
    ON e.indicator_id = hole.indicator_id AND e.organization_id = hole.organization_id
    AND e.period_id = hole.period_id
JOIN rollup_span AS b
    ON b.indicator_id = hole.indicator_id AND b.is_native AND b.position = hole.before
JOIN rollup_slot AS source
    ON source.indicator_id = hole.indicator_id AND source.organization_id = hole.organization_id
    AND coalesce(source.node_id, 0) = coalesce(hole.node_id, 0) AND source.period_id = b.period_id
WHERE hole.is_hole AND hole.kind = 'stock' AND hole.carry > 0 AND hole.starts_on <= %(today)s
    AND hole.before >= hole.position - hole.carry
"""

IS_CARRIED = """old.indicator_id = new.indicator_id AND old.organization_id = new.organization_id
    AND coalesce(old.node_id, 0) = coalesce(new.node_id, 0) AND old.period_id = new.period_id"""
REPLACE = (
    f"DELETE FROM rollup_slot AS old USING rollup_carried AS new WHERE {IS_CARRIED}",
    "INSERT INTO rollup_slot SELECT * FROM rollup_carried",
)
# The same where tables cannot be written.
REPLACED = f"""
SELECT * FROM rollup_slot AS old
WHERE NOT EXISTS (SELECT FROM rollup_carried AS new WHERE {IS_CARRIED})
UNION ALL SELECT * FROM rollup_carried
"""

"""Stages two to four: one row for each period, and one for each place and the initiative."""


def quotient(top: str, bottom: str) -> str:
    """SQL of ``arithmetic.quotient``; the padding makes PostgreSQL divide beyond 20 decimals."""
    return f"round(round(round({top}, 40) / nullif({bottom}, 0), 20), 10)"


def worded(rank: str, hole: str) -> str:
    """SQL of ``arithmetic.reduction.worded``."""
    return f"""CASE WHEN reason <> '' THEN 'refused'
        WHEN {hole} THEN CASE WHEN suppressed > 0 THEN 'suppressed' ELSE 'missing' END
        ELSE (%(statuses)s::text[])[{rank} + 1] END"""


# One organization's node in one period, native or longer.
OWN = f"""
SELECT t.indicator_id, 'organization'::text AS scope, t.organization_id AS scope_id,
    t.period_id, t.node_id AS cell_id, t.version_id,
    CASE WHEN t.is_pair THEN t.top END AS numerator, t.bottom AS denominator,
    CASE WHEN t.bottom IS NULL THEN t.top
        ELSE {quotient("t.scale * t.top", "t.bottom")} END AS value,
    (coalesce(a.inputs, 0) > 0)::integer AS expected,
    (t.top IS NOT NULL)::integer AS reported,
    coalesce(a.inputs, 0)::integer AS inputs_expected,
    t.inputs_present, t.late, t.estimated, t.suppressed, t.missing,
    CASE WHEN t.reason = '' THEN t.stale ELSE 0 END AS stale,
    CASE WHEN t.top IS NOT NULL THEN t.oldest END AS oldest_input_at,
    {worded("t.rank", "t.top IS NULL")} AS status, t.reason
FROM (
    SELECT r.*,
        CASE WHEN r.reason = '' THEN r.all_tops END AS top,
        CASE WHEN r.reason = '' THEN r.all_bottoms END AS bottom
    FROM (
        SELECT indicator_id, organization_id, node_id, period_id, version_id, is_pair, scale,
            coalesce(
                min(refused) FILTER (WHERE refused <> ''),
                CASE WHEN time = 'none' AND count(top) > 1 THEN 'time' ELSE '' END
            ) AS reason,
            sum(top) FILTER (WHERE is_chosen) AS all_tops,
            sum(bottom) FILTER (WHERE is_chosen) AS all_bottoms,
            max(rank) FILTER (WHERE is_chosen OR time <> 'last' OR last IS NULL) AS rank,
            count(*) FILTER (WHERE top IS NOT NULL AND back = 0)::integer AS inputs_present,
            count(*) FILTER (WHERE is_late)::integer AS late,
            count(*) FILTER (WHERE estimated)::integer AS estimated,
            count(*) FILTER (WHERE suppressed)::integer AS suppressed,
            count(*) FILTER (WHERE missing)::integer AS missing,
            (
                coalesce(max(back) FILTER (WHERE is_chosen), 0)
                + CASE WHEN time = 'last' AND last IS NOT NULL THEN natives - last ELSE 0 END
            )::integer AS stale,
            min(recorded_at) FILTER (WHERE is_chosen) AS oldest
        FROM (
            SELECT p.*, p.top IS NOT NULL AND (p.time <> 'last' OR p.place = p.last) AS is_chosen
            FROM (
                SELECT f.indicator_id, f.organization_id, f.node_id, h.period_id, h.place,
                    h.natives, s.version_id, s.is_pair, s.scale, s.time, f.top, f.bottom,
                    f.rank, f.is_late, f.estimated, f.suppressed, f.missing, f.refused,
                    f.back, f.recorded_at,
                    max(h.place) FILTER (WHERE f.top IS NOT NULL) OVER (
                        PARTITION BY f.indicator_id, f.organization_id, f.node_id, h.period_id
                    ) AS last
                FROM rollup_slot AS f
                JOIN rollup_held AS h
                    ON h.indicator_id = f.indicator_id AND h.native_id = f.period_id
                JOIN rollup_span AS s
                    ON s.indicator_id = h.indicator_id AND s.period_id = h.period_id
            ) AS p
        ) AS present
        GROUP BY indicator_id, organization_id, node_id, period_id, version_id, is_pair, scale,
            time, last, natives
    ) AS r
) AS t
LEFT JOIN rollup_asked AS a
    ON a.indicator_id = t.indicator_id AND a.organization_id = t.organization_id
    AND a.period_id = t.period_id
"""

# The organizations that did not change, so that those above are taken over all.
OTHERS = """
INSERT INTO rollup_own
SELECT r.indicator_id, r.scope, r.scope_id, r.period_id, r.cell_id, r.version_id,
    r.numerator, r.denominator, r.value, r.expected, r.reported, r.inputs_expected,
    r.inputs_present, r.late, r.estimated, r.suppressed, r.missing, r.stale,
    r.oldest_input_at, r.status, r.reason
FROM measures_rollup AS r
WHERE r.initiative_id = %(initiative)s AND r.scope = 'organization'
    AND r.indicator_id IN (SELECT indicator_id FROM rollup_indicator)
    AND NOT EXISTS (
        SELECT FROM rollup_pair AS pair
        WHERE pair.indicator_id = r.indicator_id AND pair.organization_id = r.scope_id
    )
"""
# Everyone's numbers of the periods that are taken anew. OFFSET keeps the planner to the key: it
# would read the initiative's every rollup instead.
BESIDE = """
SELECT * FROM rollup_own WHERE (indicator_id, period_id) IN (
    SELECT indicator_id, period_id FROM rollup_touched
)
UNION ALL
SELECT r.indicator_id, r.scope, r.scope_id, r.period_id, r.cell_id, r.version_id,
    r.numerator, r.denominator, r.value, r.expected, r.reported, r.inputs_expected,
    r.inputs_present, r.late, r.estimated, r.suppressed, r.missing, r.stale,
    r.oldest_input_at, r.status, r.reason
FROM rollup_indicator AS i CROSS JOIN LATERAL (
    SELECT * FROM measures_rollup AS each
    WHERE each.initiative_id = %(initiative)s AND each.indicator_id = i.indicator_id
        AND each.scope = 'organization'
    OFFSET 0
) AS r
WHERE (r.indicator_id, r.period_id) IN (SELECT indicator_id, period_id FROM rollup_touched)
    AND (r.indicator_id, r.scope_id) NOT IN (SELECT indicator_id, organization_id FROM rollup_pair)
"""
IN_TOUCHED_SCOPES = """
        JOIN rollup_touched AS touched
            ON touched.indicator_id = o.indicator_id AND touched.period_id = o.period_id
            AND touched.scope = b.scope AND touched.scope_id = b.scope_id
"""


def above(*, touched: bool = False) -> str:
    """SQL for the places and the initiative, all of them or those in ``rollup_touched``."""
    if touched:
        return ABOVE.format(source="rollup_beside", chosen=IN_TOUCHED_SCOPES)
    return ABOVE.format(source="rollup_own", chosen="")


ABOVE = f"""
SELECT t.indicator_id, t.scope, t.scope_id, t.period_id, t.cell_id, t.version_id,
    CASE WHEN t.bottom IS NOT NULL THEN t.top END AS numerator, t.bottom AS denominator,
    CASE WHEN t.organizations = 'mean' THEN {quotient("t.top", "t.bottom")}
        WHEN t.bottom IS NULL THEN t.top
        ELSE {quotient("t.scale * t.top", "t.bottom")} END AS value,
    coalesce(a.expected, 0)::integer AS expected,
    CASE WHEN t.reason = '' THEN t.giving ELSE 0 END AS reported,
    coalesce(a.inputs, 0)::integer AS inputs_expected,
    t.inputs_present, t.late, t.estimated, t.suppressed, t.missing,
    CASE WHEN t.reason = '' THEN t.stale ELSE 0 END AS stale,
    CASE WHEN t.reason = '' THEN t.oldest END AS oldest_input_at,
    {worded("t.rank", "t.giving = 0")} AS status, t.reason
FROM (
    SELECT r.*,
        CASE WHEN r.reason = '' THEN r.all_tops END AS top,
        CASE WHEN r.reason = '' THEN r.all_bottoms END AS bottom
    FROM (
        SELECT o.indicator_id, b.scope, b.scope_id, o.period_id, o.cell_id, s.version_id,
            s.organizations, s.scale,
            coalesce(
                min(o.reason) FILTER (WHERE o.reason <> ''),
                CASE WHEN s.organizations = 'none' AND sum(o.reported) > 1
                    THEN 'organizations' ELSE '' END
            ) AS reason,
            CASE WHEN s.organizations <> 'mean' AND s.is_pair
                THEN sum(o.numerator) FILTER (WHERE o.reported = 1)
                ELSE sum(o.value) FILTER (WHERE o.reported = 1) END AS all_tops,
            CASE WHEN s.organizations = 'mean'
                THEN nullif(count(o.value) FILTER (WHERE o.reported = 1), 0)::numeric
                WHEN s.is_pair THEN sum(o.denominator) FILTER (WHERE o.reported = 1)
                END AS all_bottoms,
            max(array_position(%(statuses)s::text[], o.status::text) - 1) AS rank,
            sum(o.reported)::integer AS giving,
            sum(o.inputs_present)::integer AS inputs_present,
            sum(o.late)::integer AS late, sum(o.estimated)::integer AS estimated,
            sum(o.suppressed)::integer AS suppressed, sum(o.missing)::integer AS missing,
            coalesce(max(o.stale) FILTER (WHERE o.reported = 1), 0) AS stale,
            min(o.oldest_input_at) FILTER (WHERE o.reported = 1) AS oldest
        FROM {{source}} AS o
        JOIN rollup_scope AS b ON b.organization_id = o.scope_id
        {{chosen}}
        JOIN rollup_span AS s
            ON s.indicator_id = o.indicator_id AND s.period_id = o.period_id
        GROUP BY o.indicator_id, b.scope, b.scope_id, o.period_id, o.cell_id, s.version_id,
            s.organizations, s.is_pair, s.scale
    ) AS r
) AS t
LEFT JOIN (
    SELECT k.indicator_id, b.scope, b.scope_id, k.period_id,
        count(*) AS expected, sum(k.inputs) AS inputs
    FROM rollup_asked AS k JOIN rollup_scope AS b ON b.organization_id = k.organization_id
    GROUP BY k.indicator_id, b.scope, b.scope_id, k.period_id
) AS a
    ON a.indicator_id = t.indicator_id AND a.scope = t.scope AND a.scope_id = t.scope_id
    AND a.period_id = t.period_id
"""

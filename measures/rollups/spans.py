"""Stages two to four: one row for each period, and one for each place and the initiative."""


def quotient(top: str, bottom: str) -> str:
    """SQL of ``arithmetic.quotient``; the padding makes PostgreSQL divide beyond 20 decimals."""
    return f"round(round(round({top}, 40) / nullif({bottom}, 0), 20), 10)"


def worded(rank: str, hole: str) -> str:
    """SQL of ``arithmetic.reduction.worded``."""
    return f"""CASE WHEN reason <> '' THEN 'refused'
        WHEN {hole} THEN CASE WHEN suppressed > 0 THEN 'suppressed' ELSE 'missing' END
        ELSE (%(statuses)s::text[])[{rank} + 1] END"""


# The period that was reported: its slot as it is. ``{slots}`` are those of the stage before.
NATIVE = """
SELECT indicator_id, organization_id, node_id, period_id, refused, (top IS NOT NULL)::integer AS tops,
    top, CASE WHEN top IS NOT NULL THEN bottom END AS bottom, rank,
    (top IS NOT NULL AND back = 0)::integer AS inputs_present, is_late::integer AS late,
    estimated::integer AS estimated, suppressed::integer AS suppressed, missing::integer AS missing,
    CASE WHEN top IS NOT NULL THEN back ELSE 0 END AS stale,
    CASE WHEN top IS NOT NULL THEN recorded_at END AS oldest
FROM {slots}
"""


def longer(slots: str, *, chosen: str, ranked: str = "true", behind: str = "0") -> str:
    """SQL of the periods in which several native ones lie.

    ``chosen`` says which slots make the number, ``ranked`` which its status, ``behind`` how many
    periods passed since the last of them.
    """
    return f"""
    SELECT indicator_id, organization_id, node_id, period_id,
        coalesce(min(refused) FILTER (WHERE refused <> ''), '') AS refused,
        count(top)::integer AS tops,
        sum(top) FILTER (WHERE {chosen}) AS top, sum(bottom) FILTER (WHERE {chosen}) AS bottom,
        max(rank) FILTER (WHERE {ranked}) AS rank,
        count(*) FILTER (WHERE top IS NOT NULL AND back = 0)::integer AS inputs_present,
        count(*) FILTER (WHERE is_late)::integer AS late,
        count(*) FILTER (WHERE estimated)::integer AS estimated,
        count(*) FILTER (WHERE suppressed)::integer AS suppressed,
        count(*) FILTER (WHERE missing)::integer AS missing,
        (coalesce(max(back) FILTER (WHERE {chosen}), 0) + {behind})::integer AS stale,
        min(recorded_at) FILTER (WHERE {chosen}) AS oldest
    FROM ({slots}) AS present
    GROUP BY indicator_id, organization_id, node_id, period_id
    """


IN_LONGER = """
SELECT f.*, h.period_id AS longer_id, h.place, h.natives
FROM {{slots}} AS f
JOIN rollup_held AS h ON h.indicator_id = f.indicator_id AND h.native_id = f.period_id
WHERE NOT h.is_native AND h.time {time} 'last'
"""
PRESENT = """indicator_id, organization_id, node_id, longer_id AS period_id, top, bottom, rank, back,
    is_late, estimated, suppressed, missing, refused, recorded_at"""
# Sorting every slot to find the last one is only for those of which the last one counts.
ADDED = longer(
    f"SELECT {PRESENT} FROM ({IN_LONGER.format(time='<>')}) AS held", chosen="top IS NOT NULL"
)
LAST = longer(
    f"""
    SELECT {PRESENT}, place, natives, max(place) FILTER (WHERE top IS NOT NULL) OVER (
        PARTITION BY indicator_id, organization_id, node_id, longer_id
    ) AS last
    FROM ({IN_LONGER.format(time="=")}) AS held
    """,
    chosen="top IS NOT NULL AND place = last",
    ranked="last IS NULL OR top IS NOT NULL AND place = last",
    behind="coalesce(max(natives - last), 0)",
)

# One organization's node in one period, native or longer.
OWN_OF = f"""
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
    SELECT r.indicator_id, r.organization_id, r.period_id, r.node_id, r.version_id, r.is_pair,
        r.scale, r.rank, r.inputs_present, r.late, r.estimated, r.suppressed, r.missing, r.stale,
        r.oldest, r.reason,
        CASE WHEN r.reason = '' THEN r.top END AS top,
        CASE WHEN r.reason = '' THEN r.bottom END AS bottom
    FROM (
        SELECT each.*, s.version_id, s.is_pair, s.scale,
            CASE WHEN each.refused <> '' THEN each.refused
                WHEN s.time = 'none' AND each.tops > 1 THEN 'time' ELSE '' END AS reason
        FROM ({NATIVE} UNION ALL {ADDED} UNION ALL {LAST}) AS each
        JOIN rollup_span AS s
            ON s.indicator_id = each.indicator_id AND s.period_id = each.period_id
    ) AS r
) AS t
LEFT JOIN rollup_asked AS a
    ON a.indicator_id = t.indicator_id AND a.organization_id = t.organization_id
    AND a.period_id = t.period_id
"""
OWN = OWN_OF.format(slots="rollup_slot")

OF_OTHERS = """
    r.indicator_id, r.scope, r.scope_id, r.period_id, r.cell_id, r.version_id,
    r.numerator, r.denominator, r.value, r.expected, r.reported, r.inputs_expected,
    r.inputs_present, r.late, r.estimated, r.suppressed, r.missing, r.stale,
    r.oldest_input_at, r.status, r.reason
"""
NOT_MINE = """(r.indicator_id, r.scope_id) NOT IN (
    SELECT indicator_id, organization_id FROM rollup_pair
)"""
# The organizations that did not change, so that those above are taken over all.
OTHERS = f"""
SELECT {OF_OTHERS}
FROM rollup_indicator AS i CROSS JOIN LATERAL (
    SELECT * FROM measures_rollup AS each
    WHERE each.initiative_id = %(initiative)s AND each.indicator_id = i.indicator_id
        AND each.scope = 'organization'
    OFFSET 0
) AS r
WHERE {NOT_MINE}
"""
# Everyone's numbers of the periods and cells that are taken anew. OFFSET keeps the planner to the
# key: it would read the initiative's every rollup instead.
BESIDE = f"""
SELECT * FROM rollup_own WHERE (indicator_id, period_id, coalesce(cell_id, 0)) IN (
    SELECT indicator_id, period_id, cell FROM rollup_touched
)
UNION ALL
SELECT {OF_OTHERS}
FROM (
    SELECT indicator_id, array_agg(DISTINCT period_id) AS periods, array_agg(DISTINCT cell) AS cells
    FROM rollup_touched GROUP BY indicator_id
) AS i CROSS JOIN LATERAL (
    SELECT * FROM measures_rollup AS each
    WHERE each.initiative_id = %(initiative)s AND each.indicator_id = i.indicator_id
        AND each.scope = 'organization' AND each.period_id = ANY(i.periods)
        AND coalesce(each.cell_id, 0) = ANY(i.cells)
    OFFSET 0
) AS r
WHERE {NOT_MINE}
"""
IN_TOUCHED_SCOPES = """
    JOIN rollup_touched AS touched
        ON touched.indicator_id = o.indicator_id AND touched.period_id = o.period_id
        AND touched.cell = coalesce(o.cell_id, 0) AND touched.seat = b.seat
"""
ASKED_IN_TOUCHED = """(
    SELECT * FROM rollup_asked
    WHERE (indicator_id, period_id) IN (SELECT indicator_id, period_id FROM rollup_touched)
)"""


def above(source: str, *, asked: str = "rollup_asked", touched: bool = False) -> str:
    """SQL for the places and the initiative over the organizations' numbers in ``source``.

    All of them, or those in ``rollup_touched``; ``asked`` names who is to report.
    """
    chosen = IN_TOUCHED_SCOPES if touched else ""
    return ABOVE.format(source=source, asked=asked, of_touched=chosen)


# What does not depend on the scope is worked out before an organization is taken into each of its
# scopes (OFFSET keeps it there), and the names of a scope are added when there is one row of it.
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
        CASE WHEN r.reason = '' THEN
            CASE WHEN r.organizations <> 'mean' AND r.is_pair THEN r.numerators ELSE r.all_values END
        END AS top,
        CASE WHEN r.reason = '' THEN
            CASE WHEN r.organizations = 'mean' THEN nullif(r.known, 0)::numeric
                WHEN r.is_pair THEN r.denominators END
        END AS bottom
    FROM (
        SELECT each.*, b.scope, b.scope_id, s.version_id, s.organizations, s.is_pair, s.scale,
            CASE WHEN each.refused IS NOT NULL THEN each.refused
                WHEN s.organizations = 'none' AND each.giving > 1 THEN 'organizations' ELSE ''
            END AS reason
        FROM (
            SELECT o.indicator_id, b.seat, o.period_id, o.cell_id,
                min(o.refused) AS refused, sum(o.numerator) AS numerators,
                sum(o.denominator) AS denominators, sum(o.value) AS all_values,
                count(o.value) AS known, max(o.rank) AS rank,
                sum(o.reported)::integer AS giving,
                sum(o.inputs_present)::integer AS inputs_present,
                sum(o.late)::integer AS late, sum(o.estimated)::integer AS estimated,
                sum(o.suppressed)::integer AS suppressed, sum(o.missing)::integer AS missing,
                max(o.stale) AS stale, min(o.oldest_input_at) AS oldest
            FROM (
                SELECT *, nullif(reason, '') AS refused,
                    array_position(%(statuses)s::text[], status::text) - 1 AS rank
                FROM ({{source}}) AS everyone
                OFFSET 0
            ) AS o
            JOIN rollup_scope AS b ON b.organization_id = o.scope_id
            {{of_touched}}
            GROUP BY o.indicator_id, b.seat, o.period_id, o.cell_id
        ) AS each
        JOIN (SELECT DISTINCT seat, scope, scope_id FROM rollup_scope) AS b ON b.seat = each.seat
        JOIN rollup_span AS s
            ON s.indicator_id = each.indicator_id AND s.period_id = each.period_id
    ) AS r
) AS t
LEFT JOIN (
    SELECT k.indicator_id, b.seat, k.period_id, count(*) AS expected, sum(k.inputs) AS inputs
    FROM {{asked}} AS k JOIN rollup_scope AS b ON b.organization_id = k.organization_id
    GROUP BY k.indicator_id, b.seat, k.period_id
) AS a
    ON a.indicator_id = t.indicator_id AND a.seat = t.seat AND a.period_id = t.period_id
"""

"""Facts and submissions from the staging table ``import_row``: compared and written in a few statements.

Each step is one statement over all rows. The order of the locks is that of every other writer:
the ledger's turn of each organization, then submissions.
"""

from datetime import datetime
from typing import Any

from django.db import connection

from initiatives import jobs
from initiatives.tenancy import current_initiative_id
from measures.ledger.facts import take_turns

LOCK_SUBMISSIONS = """
SELECT count(*) FROM (
    SELECT s.id FROM measures_submission AS s
    WHERE s.initiative_id = %(initiative)s AND (s.round_id, s.organization_id) IN (
        SELECT round_id, organization_id FROM pg_temp.import_row WHERE kept
    )
    ORDER BY s.id FOR NO KEY UPDATE
) AS held
"""
# A file that does not say how sure a number is leaves that as it is, and a note by having no comment.
COMPARE = """
UPDATE pg_temp.import_row AS r
SET fact_id = o.id, change = CASE
    WHEN (o.value, o.numerator, o.denominator)
        IS NOT DISTINCT FROM (r.value, r.numerator, r.denominator)
        AND (r.status = o.status
            OR NOT r.is_sure_said AND r.status = 'normal' AND o.status <> 'suppressed')
        AND r.note IN ('', o.note, normalize(btrim(o.note, concat(' ', chr(13), chr(10))))) THEN 'same'
    WHEN o.status = 'missing' AND o.value IS NULL AND o.numerator IS NULL THEN 'new'
    ELSE 'changed' END
FROM measures_observation AS o
WHERE r.kept AND o.initiative_id = %(initiative)s AND o.superseded_at IS NULL
    AND o.indicator_id = r.indicator_id AND o.organization_id = r.organization_id
    AND o.period_id = r.period_id AND o.cell_id IS NOT DISTINCT FROM r.cell_id
"""
# What waits for review is held against what is written on submissions that are not accepted.
COMPARE_ENTRIES = """
UPDATE pg_temp.import_row AS r
SET fact_id = NULL, change = coalesce((
    SELECT CASE WHEN (e.value, e.numerator, e.denominator)
        IS NOT DISTINCT FROM (r.value, r.numerator, r.denominator)
        AND (r.status = e.status OR NOT r.is_sure_said AND r.status = 'normal'
            AND e.status IN ('provisional', 'estimated'))
        AND r.note IN ('', e.note) THEN 'same' ELSE 'rewritten' END
    FROM measures_entry AS e
    WHERE e.initiative_id = s.initiative_id AND e.submission_id = s.id
        AND e.indicator_id = r.indicator_id AND e.cell_id IS NOT DISTINCT FROM r.cell_id
), 'new')
FROM measures_submission AS s
WHERE r.kept AND s.initiative_id = %(initiative)s AND s.state <> 'accepted'
    AND s.round_id = r.round_id AND s.organization_id = r.organization_id
    AND NOT (s.accepted_at IS NULL AND r.change IN ('same', 'changed') AND EXISTS (
        SELECT FROM measures_observation AS o WHERE o.initiative_id = %(initiative)s
            AND o.id = r.fact_id AND o.submission_id = s.id
    ))
"""
# What is accepted of a submission that was never accepted as a whole stands.
REFUSE_STANDING = """
UPDATE pg_temp.import_row AS r SET kept = false, change = 'accepted'
FROM measures_submission AS s
WHERE r.kept AND r.change = 'changed' AND s.initiative_id = %(initiative)s
    AND s.round_id = r.round_id AND s.organization_id = r.organization_id
    AND s.state <> 'accepted' AND s.accepted_at IS NULL
"""
REFUSE = """
UPDATE pg_temp.import_row AS r SET kept = false, change = %(why)s
FROM measures_submission AS s
WHERE r.kept AND r.change <> 'same' AND s.initiative_id = %(initiative)s
    AND s.round_id = r.round_id AND s.organization_id = r.organization_id
    AND s.state = %(state)s
"""
UNEXPLAINED = """
UPDATE pg_temp.import_row SET kept = false, change = 'unexplained'
WHERE kept AND change = 'changed'
"""
# The submissions that rows are written on, and whether the file closes them. By what is accepted one
# that can still be written on stays open until all that it asks for is accepted and nothing else is
# written on it; what a reporter sends hands one in once something is written for all that it asks for.
WEIGHED = """
DROP TABLE IF EXISTS pg_temp.import_submission;
CREATE TEMPORARY TABLE import_submission (
    round_id bigint, organization_id bigint, differs boolean, closes boolean
) ON COMMIT DROP
"""
WEIGH = """
WITH wanted AS MATERIALIZED (
    SELECT round_id, organization_id, bool_or(change <> 'same') AS differs
    FROM pg_temp.import_row WHERE kept GROUP BY round_id, organization_id
), given AS MATERIALIZED (
    SELECT DISTINCT round_id, organization_id, indicator_id, cell_id
    FROM pg_temp.import_row WHERE kept
), going AS MATERIALIZED (
    SELECT w.round_id, w.organization_id, r.period_id, s.id AS submission_id, s.accepted_at
    FROM wanted AS w
    JOIN measures_round AS r ON r.initiative_id = %(initiative)s AND r.id = w.round_id
    LEFT JOIN measures_submission AS s ON s.initiative_id = %(initiative)s
        AND s.round_id = w.round_id AND s.organization_id = w.organization_id
    WHERE %(state)s = 'accepted' AND coalesce(s.state, '') <> 'accepted' AND (
        s.reopened_until > now() OR r.opens_at <= now() AND r.due_at >= r.created_at
            AND (r.closes_at IS NULL OR r.closes_at > now())
    ) OR %(is_own)s AND coalesce(s.state, '') NOT IN ('accepted', 'submitted')
), asked AS (
    SELECT DISTINCT g.round_id, g.organization_id, g.period_id, g.submission_id, a.indicator_id
    FROM going AS g
    JOIN measures_period AS p ON p.initiative_id = %(initiative)s AND p.id = g.period_id
    JOIN measures_assignment AS a ON a.initiative_id = %(initiative)s
        AND a.organization_id = g.organization_id AND a.starts_on < p.ends_on
        AND (a.ends_on IS NULL OR a.ends_on > p.starts_on)
    JOIN measures_indicator AS i ON i.initiative_id = %(initiative)s AND i.id = a.indicator_id
        AND i.state = 'agreed' AND i.calendar_id = p.calendar_id AND i.frequency = p.frequency
), waiting AS (
    SELECT a.round_id, a.organization_id FROM asked AS a
    WHERE NOT EXISTS (
        SELECT FROM given AS x WHERE (x.round_id, x.organization_id, x.indicator_id)
            = (a.round_id, a.organization_id, a.indicator_id)
    ) AND NOT EXISTS (
        SELECT FROM measures_observation AS o
        WHERE o.initiative_id = %(initiative)s AND o.superseded_at IS NULL
            AND o.indicator_id = a.indicator_id AND o.organization_id = a.organization_id
            AND o.period_id = a.period_id
    ) AND NOT (%(is_own)s AND EXISTS (
        SELECT FROM measures_entry AS e
        WHERE e.initiative_id = %(initiative)s AND e.submission_id = a.submission_id
            AND e.indicator_id = a.indicator_id AND (e.value, e.numerator, e.denominator, e.status)
                IS DISTINCT FROM (NULL, NULL, NULL, 'normal')
    ))
    UNION SELECT g.round_id, g.organization_id
    FROM going AS g JOIN measures_entry AS e
        ON e.initiative_id = %(initiative)s AND e.submission_id = g.submission_id
    WHERE NOT %(is_own)s AND (e.value, e.numerator, e.denominator, e.status)
            IS DISTINCT FROM (NULL, NULL, NULL, 'normal')
        AND NOT EXISTS (
            SELECT FROM given AS x WHERE (x.round_id, x.organization_id, x.indicator_id)
                = (g.round_id, g.organization_id, e.indicator_id)
                AND coalesce(x.cell_id, 0) = coalesce(e.cell_id, 0)
        ) AND NOT EXISTS (
            SELECT FROM measures_observation AS o
            WHERE o.initiative_id = %(initiative)s AND o.superseded_at IS NULL
                AND o.indicator_id = e.indicator_id AND o.organization_id = g.organization_id
                AND o.period_id = g.period_id AND o.cell_id IS NOT DISTINCT FROM e.cell_id
                AND (g.accepted_at IS NULL AND o.submission_id = g.submission_id
                    OR (o.value, o.numerator, o.denominator, o.status)
                    IS NOT DISTINCT FROM (e.value, e.numerator, e.denominator, e.status))
        )
)
INSERT INTO pg_temp.import_submission (round_id, organization_id, differs, closes)
SELECT w.round_id, w.organization_id, w.differs, o.round_id IS NULL
FROM wanted AS w LEFT JOIN waiting AS o
    ON o.round_id = w.round_id AND o.organization_id = w.organization_id
"""
# Submissions that come into their state now. One that was accepted before keeps its dates.
MOVE_SUBMISSIONS = """
UPDATE measures_submission AS s
SET state = %(state)s, version = s.version + 1, has_nothing = false, return_reason = '',
    reopened_until = NULL,
    submitted_at = CASE WHEN s.state = %(state)s THEN s.submitted_at ELSE %(now)s END,
    submitted_by_id = CASE WHEN s.state = %(state)s THEN s.submitted_by_id ELSE %(user)s END,
    is_late = CASE WHEN s.state = %(state)s THEN s.is_late ELSE {late} END,
    accepted_at = CASE WHEN %(state)s = 'accepted' AND s.state <> 'accepted' THEN %(now)s
        ELSE s.accepted_at END
FROM pg_temp.import_submission AS w JOIN measures_round AS r
    ON r.initiative_id = %(initiative)s AND r.id = w.round_id
WHERE w.closes AND s.initiative_id = %(initiative)s AND s.round_id = w.round_id
    AND s.organization_id = w.organization_id
    AND (w.differs OR s.state NOT IN (%(state)s, 'accepted'))
"""
# Who has one that stays open before them learns that it was written on.
TOUCH_SUBMISSIONS = """
UPDATE measures_submission AS s SET version = s.version + 1, has_nothing = false
FROM pg_temp.import_submission AS w
WHERE NOT w.closes AND w.differs AND s.initiative_id = %(initiative)s
    AND s.round_id = w.round_id AND s.organization_id = w.organization_id
"""
MAKE_SUBMISSIONS = """
INSERT INTO measures_submission (
    initiative_id, round_id, organization_id, state, version, note, has_nothing, return_reason,
    submitted_at, submitted_by_id, is_late, accepted_at
)
SELECT %(initiative)s, w.round_id, w.organization_id,
    CASE WHEN w.closes THEN %(state)s ELSE 'draft' END, 1, '', false, '',
    CASE WHEN w.closes THEN %(now)s END, CASE WHEN w.closes THEN %(user)s::bigint END,
    w.closes AND {late}, CASE WHEN w.closes AND %(state)s = 'accepted' THEN %(now)s END
FROM pg_temp.import_submission AS w
JOIN measures_round AS r ON r.initiative_id = %(initiative)s AND r.id = w.round_id
ORDER BY w.round_id, w.organization_id
ON CONFLICT ON CONSTRAINT one_submission_per_round DO NOTHING
"""
# Nobody is late for a round of the past that is loaded as accepted: it was made when it was over.
LATE = """(%(now)s > r.due_at AND NOT (%(state)s = 'accepted' AND r.due_at < r.created_at))"""
SUPERSEDE = """
UPDATE measures_observation AS o SET superseded_at = %(now)s
FROM pg_temp.import_row AS r
WHERE r.kept AND r.change <> 'same' AND r.fact_id IS NOT NULL
    AND o.initiative_id = %(initiative)s AND o.id = r.fact_id
"""
RECORD = """
INSERT INTO measures_observation (
    initiative_id, indicator_id, organization_id, period_id, cell_id,
    value, numerator, denominator, status, note, is_late, submission_id,
    reason, reason_text, recorded_by_id, recorded_at
)
SELECT %(initiative)s, r.indicator_id, r.organization_id, r.period_id, r.cell_id,
    r.value, r.numerator, r.denominator, r.status, r.note,
    CASE WHEN s.state = 'accepted' THEN s.is_late ELSE %(now)s > d.due_at END, s.id,
    CASE WHEN r.fact_id IS NULL THEN '' ELSE %(reason)s END,
    CASE WHEN r.fact_id IS NULL THEN '' ELSE %(reason_text)s END, %(user)s, %(now)s
FROM pg_temp.import_row AS r JOIN measures_submission AS s
    ON s.initiative_id = %(initiative)s AND s.round_id = r.round_id
    AND s.organization_id = r.organization_id
JOIN measures_round AS d ON d.initiative_id = %(initiative)s AND d.id = r.round_id
WHERE r.kept AND r.change <> 'same'
ORDER BY r.line
"""
# Any period of an indicator stands for all: a pair is recomputed whole.
MARK = """
INSERT INTO measures_dirtykey (initiative_id, indicator_id, organization_id, period_id, marked_at)
SELECT %(initiative)s, indicator_id, organization_id, min(period_id), now()
FROM pg_temp.import_row WHERE kept AND change <> 'same' GROUP BY indicator_id, organization_id
"""
WRITE = """
{before} INSERT INTO measures_entry (
    initiative_id, submission_id, indicator_id, cell_id, value, numerator, denominator, status, note
)
SELECT %(initiative)s, s.id, r.indicator_id, r.cell_id,
    r.value, r.numerator, r.denominator, r.status, r.note
FROM pg_temp.import_row AS r JOIN {submissions} AS s
    ON s.initiative_id = %(initiative)s AND s.round_id = r.round_id
    AND s.organization_id = r.organization_id
WHERE r.kept AND r.change <> 'same'
ORDER BY r.line
ON CONFLICT ON CONSTRAINT one_entry_per_field DO UPDATE SET
    value = excluded.value, numerator = excluded.numerator, denominator = excluded.denominator,
    status = excluded.status, note = excluded.note
"""
# What was opened again, and stays so, shows what is accepted meanwhile: handed in, it would undo it.
# Found first and kept: looked for at every row, in an import of many submissions, it takes minutes.
REOPENED = """
WITH reopened AS MATERIALIZED (
    SELECT s.* FROM pg_temp.import_submission AS w JOIN measures_submission AS s
        ON s.initiative_id = %(initiative)s AND s.round_id = w.round_id
        AND s.organization_id = w.organization_id
    WHERE NOT w.closes AND s.accepted_at IS NOT NULL
)
"""


def lock() -> None:
    """Hold the organizations and the submissions of the staged rows until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT organization_id FROM pg_temp.import_row WHERE kept")
        organizations = [organization for (organization,) in cursor]
    take_turns(organizations)
    _run(LOCK_SUBMISSIONS)


def moment() -> datetime:
    """Now, by the clock that stamps facts; to be asked for once the turns are taken."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    return now


def compare_with_facts() -> None:
    """Say of each row what it is beside the fact that stands."""
    _run(COMPARE)


def compare_with_submissions() -> None:
    """The same beside what is written on a submission that is not accepted yet."""
    _run(COMPARE_ENTRIES)


def refuse_on(state: str, why: str) -> int:
    """Let rows fall that would change a submission in ``state``; how many."""
    return _run(REFUSE, state=state, why=why)


def refuse_standing() -> int:
    """Let rows fall that would change a number accepted on a submission that is still open; how many."""
    return _run(REFUSE_STANDING)


def refuse_unexplained() -> int:
    """Let rows fall that would change a fact; how many."""
    return _run(UNEXPLAINED)


def weigh_submissions(state: str, *, is_own: bool = False) -> int:
    """Find which submissions come into ``state`` by the rows, and which stay open; how many stay.

    ``is_own``: who sends the file reports for them, so that what it leaves out is still to come.
    """
    _run(WEIGHED)
    _run(WEIGH, state=state, is_own=is_own)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_temp.import_submission WHERE NOT closes")
        (left,) = cursor.fetchone()
    return int(left)


def hand_in(state: str, *, user_id: int | None, now: datetime) -> int:
    """Bring the submissions that were weighed into their state; how many were touched."""
    stamp = {"state": state, "user": user_id, "now": now}
    steps = (MOVE_SUBMISSIONS, TOUCH_SUBMISSIONS, MAKE_SUBMISSIONS)
    return sum(_run(each.format(late=LATE), **stamp) for each in steps)


def record_facts(*, user_id: int | None, now: datetime, reason: str, reason_text: str) -> int:
    """Write what differs as facts, and mark it for the rollups; how many."""
    stamp = {"user": user_id, "now": now, "reason": reason, "reason_text": reason_text}
    _run(SUPERSEDE, **stamp)
    written = _run(RECORD, **stamp)
    if written:
        _run(WRITE.format(before=REOPENED, submissions="reopened"))
        _run(MARK)
        jobs.enqueue("rollup")
    return written


def write_entries() -> int:
    """Write what differs on the submissions; how many fields."""
    return _run(WRITE.format(before="", submissions="measures_submission"))


def _run(statement: str, **values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"initiative": current_initiative_id(), **values})
        return int(cursor.rowcount)

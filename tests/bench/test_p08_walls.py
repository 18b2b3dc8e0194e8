"""P8: row-level security with the scope's own filter, against the filter alone.

To see it fail: write the policy in ``initiatives.walls`` without its sub-select.
"""

import psycopg

from config import stack
from tests import database

ROUNDS = {"one row": 300, "200 rows": 60, "roll-up of an initiative": 2}
QUERIES = {
    "one row": "SELECT * FROM measures_observation WHERE initiative_id = {0} AND id = {1}",
    "200 rows": "SELECT * FROM measures_observation WHERE initiative_id = {0} AND indicator_id = {2} LIMIT 200",
    "roll-up of an initiative": (
        "SELECT indicator_id, period_id, sum(value) FROM measures_observation"
        " WHERE initiative_id = {0} AND superseded_at IS NULL GROUP BY 1, 2"
    ),
}
GOALS = {"one row": 1.4, "200 rows": 1.25, "roll-up of an initiative": 1.10}


def repeated(connection, query, count):
    def work():
        for _ in range(count):
            with connection.transaction():
                connection.execute("SELECT set_config('app.initiative', '1', true)")
                connection.execute(query).fetchall()

    return work


def test_walls(large, bench):
    with (
        psycopg.connect(stack.database_url(database=large.database)) as walled,
        psycopg.connect(database.admin_url(large.database)) as bare,
    ):
        assert large.first == 1
        row, indicator = bare.execute(
            "SELECT id, indicator_id FROM measures_observation WHERE initiative_id = %s LIMIT 1",
            [large.first],
        ).fetchone()
        for name, query in QUERIES.items():
            text = query.format(large.first, row, indicator)
            bench.compare(
                "P8",
                f"{name} behind the wall, {ROUNDS[name]} times",
                repeated(walled, text, ROUNDS[name]),
                repeated(bare, text, ROUNDS[name]),
                goal=GOALS[name],
                base="no wall, same WHERE",
            )

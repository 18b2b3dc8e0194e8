"""By what pages of numbers are known: how often the rollups changed, and who decided what last."""

from typing import Any

from django.db import connection

from initiatives.tenancy import current_initiative_id

LATEST = 64  # acts: one that commits after a later one is still among so many
# Asked by every page that a browser keeps, often the only question of the view: so that putting it
# together must not take longer than answering it.
VERSION = """
SELECT
    (SELECT number FROM measures_rolluprevision WHERE initiative_id = %(initiative)s),
    ARRAY(
        SELECT id FROM initiatives_act WHERE initiative_id = %(initiative)s
        ORDER BY id DESC LIMIT %(latest)s
    )
"""


def version_of_numbers(_request: Any) -> str:
    """Changes with every rollup and every act in the initiative in scope; empty before any rollup.

    Acts commit in another order than they are numbered, so the latest alone would not do. The
    rollups have a counter, which waits for who counts at the same time.
    """
    with connection.cursor() as cursor:
        cursor.execute(VERSION, {"initiative": current_initiative_id(), "latest": LATEST})
        number, acts = cursor.fetchone()
    return "" if number is None else f"{number}:{acts}"

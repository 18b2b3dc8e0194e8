"""A number that changes stays on its page and leaves the indexes alone; see decision 32."""

import pytest
from django.db import connection

from measures.rollups.differing import NUMBERS

pytestmark = pytest.mark.django_db

PARTS = """
SELECT c.relname, c.reloptions
FROM pg_class AS c JOIN pg_inherits AS i ON i.inhrelid = c.oid
WHERE i.inhparent = 'measures_rollup'::regclass
"""
INDEXED = """
SELECT DISTINCT a.attname
FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
WHERE i.indrelid = 'measures_rollup'::regclass
"""


def asked(question):
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchall()


def test_the_pages_of_rollups_have_room():
    parts = asked(PARTS)
    assert len(parts) == 8
    assert [name for name, options in parts if "fillfactor=75" not in (options or ())] == []


def test_nothing_that_changes_of_a_rollup_is_in_an_index():
    indexed = {name for (name,) in asked(INDEXED)}
    assert "scope_id" in indexed
    assert indexed & {*NUMBERS, "computed_at"} == set()

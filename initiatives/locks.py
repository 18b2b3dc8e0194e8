"""Locks that are not those of a row that is changed."""

from typing import TypeVar

from django.db import connection, models

Row = TypeVar("Row", bound=models.Model)


def share(row: Row) -> Row:
    """The row as it is now, kept so until the transaction ends. Others may share it; whoever locks
    it with ``select_for_update`` waits for all of them.

    Never lock a row alone that this transaction shares: two who try wait for each other.
    """
    quoted = connection.ops.quote_name(row._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {quoted} WHERE id = %s FOR SHARE", [row.pk])
    found: Row = type(row)._meta.model.objects.get(pk=row.pk)  # type: ignore[attr-defined]
    return found


def count_alone(what: str) -> None:
    """Let whoever counts ``what`` wait for who counts it now, until that transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [what])

"""What the database's own catalogue says of the walls: each function returns what is wrong."""

from django.apps import apps

from initiatives.walls import Wall

# Unique over all initiatives, and why that tells nothing.
UNIQUE_ALLOWED = {
    "measures_sharelink_link_id_key",  # the id of a link that only its own initiative issues
}
# Written by the engine alone, from rows joined inside one initiative, and recomputed at will:
# decision 14 says why nothing checks their references.
DERIVED = {"measures_rollup"}


def tables(*walls):
    """The tables of our models by wall."""
    return sorted(
        model._meta.db_table
        for model in apps.get_models()
        if getattr(model, "wall", Wall.GLOBAL) in (walls or (Wall.TENANT, Wall.MEMBER))
    )


def columns_that_may_be_empty(connection):
    return _names(
        connection,
        "SELECT relname FROM unnest(%s::text[]) AS t(relname) WHERE NOT EXISTS ("
        " SELECT FROM pg_attribute WHERE attrelid = relname::regclass"
        " AND attname = 'initiative_id' AND attnotnull)",
    )


def tables_without_row_security(connection):
    return _names(
        connection,
        "SELECT relname FROM pg_class WHERE oid = ANY(%s::text[]::regclass[])"
        " AND NOT (relrowsecurity AND relforcerowsecurity)",
    )


def tables_without_policy(connection):
    """A permissive policy for everything, that asks the function on the way in and out."""
    return _names(
        connection,
        "SELECT relname FROM unnest(%s::text[]) AS t(relname) WHERE NOT EXISTS ("
        " SELECT FROM pg_policies WHERE tablename = relname AND permissive = 'PERMISSIVE'"
        " AND cmd = 'ALL' AND with_check LIKE '%%( SELECT app.current_initiative()%%'"
        " AND qual ~ 'SELECT app\\.current_initiative\\(\\)|app\\.some_context\\(\\)')",
    )


def tables_with_another_policy(connection):
    """A second permissive policy would widen the first."""
    return _names(
        connection,
        "SELECT tablename FROM pg_policies WHERE tablename = ANY(%s) AND permissive = 'PERMISSIVE'"
        " GROUP BY tablename HAVING count(*) > 1",
    )


def tables_without_index(connection):
    return _names(
        connection,
        "SELECT relname FROM unnest(%s::text[]) AS t(relname) WHERE NOT EXISTS ("
        " SELECT FROM pg_index JOIN pg_attribute a ON attrelid = indrelid AND attnum = indkey[0]"
        " WHERE indrelid = relname::regclass AND attname = 'initiative_id')",
    )


def uniques_across_initiatives(connection):
    """Primary keys apart: an id from one sequence tells nothing of another initiative."""
    found = _names(
        connection,
        "SELECT indexrelid::regclass::text FROM pg_index"
        " WHERE indrelid = ANY(%s::text[]::regclass[]) AND indisunique AND NOT indisprimary"
        " AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = indrelid"
        " AND attnum = ANY(indkey) AND attname = 'initiative_id')",
    )
    return sorted(set(found) - UNIQUE_ALLOWED)


def references_out_of_the_initiative(connection):
    """Each reference between two walled tables takes the initiative along, on both sides."""
    walled = tables()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.conname FROM pg_constraint c"
            " WHERE contype = 'f' AND conparentid = 0"
            " AND conrelid = ANY(%s::text[]::regclass[]) AND confrelid = ANY(%s::text[]::regclass[])"
            " AND NOT EXISTS (SELECT FROM generate_subscripts(conkey, 1) i"
            " JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[i]"
            " JOIN pg_attribute b ON b.attrelid = confrelid AND b.attnum = confkey[i]"
            " WHERE a.attname = 'initiative_id' AND b.attname = 'initiative_id')",
            [walled, walled],
        )
        return [name for (name,) in cursor.fetchall()]


def references():
    """Every reference between walled models: (table, column, target table)."""
    walled = set(tables())
    return sorted(
        (model._meta.db_table, field.column, field.related_model._meta.db_table)
        for model in apps.get_models()
        if model._meta.db_table in walled - DERIVED
        for field in model._meta.local_fields
        if field.is_relation and field.related_model._meta.db_table in walled
    )


def references_that_nothing_holds(connection):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, attname, confrelid::regclass::text"
            " FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY(conkey)"
            " WHERE contype = 'f' AND cardinality(conkey) = 2"
        )
        held = set(cursor.fetchall())
    return [each for each in references() if each not in held]


def views(connection):
    return _names(
        connection,
        "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm')"
        " AND relnamespace IN ('public'::regnamespace, 'app'::regnamespace)"
        " AND %s::text[] IS NOT NULL",
    )


def functions_with_the_rights_of_their_owner(connection):
    return _names(
        connection,
        "SELECT proname FROM pg_proc WHERE prosecdef AND %s::text[] IS NOT NULL"
        " AND pronamespace IN ('public'::regnamespace, 'app'::regnamespace)",
    )


def parts_that_the_web_role_reaches(connection):
    """The parts of a split table have no policy: they are reached through the whole alone."""
    return _names(
        connection,
        "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'"
        " AND %s::text[] IS NOT NULL"
        " AND has_table_privilege('app_web', oid, 'SELECT, INSERT, UPDATE, DELETE')",
    )


def _names(connection, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement, [tables()])
        return [name for (name,) in cursor.fetchall()]


CHECKS = [
    columns_that_may_be_empty,
    tables_without_row_security,
    tables_without_policy,
    tables_with_another_policy,
    tables_without_index,
    uniques_across_initiatives,
    references_out_of_the_initiative,
    references_that_nothing_holds,
    views,
    functions_with_the_rights_of_their_owner,
    parts_that_the_web_role_reaches,
]

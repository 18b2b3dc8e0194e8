"""Have facts and rollups planned alike for every initiative; see decision 24.

What the server has counted of a large table is of yesterday. An initiative that was not in it looks
empty, and the planner reads all of it, over and over, where one look into the index would do. So
nothing is counted of the columns of the keys; how many values each has *within one initiative* is
said here, once.
"""

from django.db import migrations

# Of initiatives: in one part of the table.
DISTINCT = {
    "measures_observation": {
        "initiative_id": 8,
        "indicator_id": 25,
        "organization_id": 100,
        "period_id": 60,
    },
    "measures_rollup": {"initiative_id": 8, "indicator_id": 25, "scope_id": 100, "period_id": 60},
}
PARTS = 8


def _targets(table):
    """The whole, of which the counts are of all its parts, and the parts."""
    return [(table, "true"), *((f"{table}_{part}", "false") for part in range(PARTS))]


def say_counts(apps, schema_editor):
    for table, columns in DISTINCT.items():
        for column, values in columns.items():
            schema_editor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")
            for name, inherited in _targets(table):
                schema_editor.execute(
                    f"SELECT pg_clear_attribute_stats('public', '{name}', '{column}', {inherited}),"
                    " pg_restore_attribute_stats("
                    f"'schemaname', 'public', 'relname', '{name}', 'attname', '{column}',"
                    f" 'inherited', {inherited}, 'null_frac', 0::real, 'avg_width', 8,"
                    f" 'n_distinct', {values}::real)"
                )
        for part in range(PARTS):
            schema_editor.execute(
                f"ALTER TABLE {table}_{part} SET (autovacuum_analyze_scale_factor = 0.02)"
            )


def count_again(apps, schema_editor):
    for table, columns in DISTINCT.items():
        for column in columns:
            schema_editor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS -1")
        for part in range(PARTS):
            schema_editor.execute(
                f"ALTER TABLE {table}_{part} RESET (autovacuum_analyze_scale_factor)"
            )


class Migration(migrations.Migration):
    dependencies = [("measures", "0009_meanings_corrected")]

    operations = [migrations.RunPython(say_counts, count_again)]

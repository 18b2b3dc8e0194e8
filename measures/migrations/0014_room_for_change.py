"""Leave room on the pages of rollups: a number that changes stays where it is.

Nothing that changes of a rollup is in an index. With room on its page PostgreSQL writes the new
row beside the old one and leaves the three indexes alone; without it, each change of each number
is three more entries, and a longer journal. What is on the disk already is laid out so as it is
written anew.
"""

from django.db import migrations

PARTS = 8
FILLED = 75  # percent


def leave_room(apps, schema_editor):
    for part in range(PARTS):
        schema_editor.execute(f"ALTER TABLE measures_rollup_{part} SET (fillfactor = {FILLED})")


def fill(apps, schema_editor):
    for part in range(PARTS):
        schema_editor.execute(f"ALTER TABLE measures_rollup_{part} RESET (fillfactor)")


class Migration(migrations.Migration):
    dependencies = [("measures", "0013_walls_of_told_columns")]

    operations = [migrations.RunPython(leave_room, fill)]

"""What an item is about, papers as files, and items whose papers came late."""

import django.db.models.deletion
import initiatives.tenancy
from django.db import migrations, models

from initiatives.walls import reference_sql

# A new reference is checked against walled tables; nothing refers yet.
REFERENCE = f"""
SELECT set_config('app.initiative', '0', true);
{reference_sql("meetings_agendaitem", "difference_id", "agenda_difference")}
SELECT set_config('app.initiative', '', true);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("agenda", "0002_walls"),
        ("meetings", "0006_walls_of_links"),
    ]

    operations = [
        migrations.AddField(
            model_name="agendaitem",
            name="difference",
            field=initiatives.tenancy.TenantForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agenda.difference",
            ),
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="is_lowered",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="preread",
            name="file",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="preread",
            name="file_name",
            field=models.CharField(blank=True, max_length=150),
        ),
        migrations.RunSQL(REFERENCE, migrations.RunSQL.noop),
    ]

"""What became of a request for another agenda: in whose words, and in which."""

import django.db.models.deletion
from django.db import migrations, models

import initiatives.tenancy
from initiatives.walls import reference_sql

WITHIN = f"""
SELECT set_config('app.initiative', '0', true);
{reference_sql("meetings_agendaanswer", "resolved_by_id", "initiatives_membership")}
SELECT set_config('app.initiative', '', true);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("initiatives", "0008_series_facilitators"),
        ("meetings", "0017_walls_of_answers"),
    ]

    operations = [
        migrations.AddField(
            model_name="agendaanswer",
            name="resolution",
            field=models.TextField(blank=True, verbose_name="what became of it"),
        ),
        migrations.AddField(
            model_name="agendaanswer",
            name="resolved_by",
            field=initiatives.tenancy.TenantForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="initiatives.membership",
            ),
        ),
        migrations.RunSQL(WITHIN, migrations.RunSQL.noop),
    ]

"""Let an indicator say which of the ratified goals it measures."""

from django.db import migrations, models

import initiatives.tenancy
from initiatives.walls import reference_sql

# A new reference is checked against walled tables; no row has it yet.
REFER = (
    "SELECT set_config('app.initiative', '0', true);"
    + reference_sql("measures_indicator", "goal_id", "agenda_goal")
    + "SELECT set_config('app.initiative', '', true);"
)


class Migration(migrations.Migration):
    dependencies = [("agenda", "0004_versions_walls"), ("measures", "0006_lighter_facts")]
    operations = [
        migrations.AddField(
            model_name="indicator",
            name="goal",
            field=initiatives.tenancy.TenantForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=models.deletion.PROTECT,
                related_name="indicators",
                to="agenda.goal",
            ),
        ),
        migrations.RunSQL(REFER, migrations.RunSQL.noop),
    ]

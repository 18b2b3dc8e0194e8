"""Take from facts and rollups the indexes no query needs, and from rollups the references."""

import django.db.models.deletion
import initiatives.tenancy
from django.conf import settings
from django.db import migrations, models


LET_GO = "".join(
    f"ALTER TABLE measures_rollup DROP CONSTRAINT measures_rollup_{name}_id_own;"
    for name in ("cell", "indicator", "period", "version")
)


class Migration(migrations.Migration):
    dependencies = [
        ("initiatives", "0004_meeting_links"),
        ("measures", "0005_walls_of_runs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="observation",
            name="cell",
            field=initiatives.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="measures.cell",
            ),
        ),
        migrations.AlterField(
            model_name="observation",
            name="indicator",
            field=initiatives.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="observations",
                to="measures.indicator",
            ),
        ),
        migrations.AlterField(
            model_name="observation",
            name="initiative",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="initiatives.initiative",
            ),
        ),
        migrations.AlterField(
            model_name="observation",
            name="organization",
            field=initiatives.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="observations",
                to="initiatives.organization",
            ),
        ),
        migrations.AlterField(
            model_name="observation",
            name="period",
            field=initiatives.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="measures.period",
            ),
        ),
        migrations.AlterField(
            model_name="observation",
            name="recorded_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="observation",
            name="submission",
            field=initiatives.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="measures.submission",
            ),
        ),
        migrations.AlterField(
            model_name="rollup",
            name="cell",
            field=initiatives.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="measures.cell",
            ),
        ),
        migrations.AlterField(
            model_name="rollup",
            name="indicator",
            field=initiatives.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rollups",
                to="measures.indicator",
            ),
        ),
        migrations.AlterField(
            model_name="rollup",
            name="initiative",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="initiatives.initiative",
            ),
        ),
        migrations.AlterField(
            model_name="rollup",
            name="period",
            field=initiatives.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="measures.period",
            ),
        ),
        migrations.AlterField(
            model_name="rollup",
            name="version",
            field=initiatives.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="measures.indicatorversion",
            ),
        ),
        migrations.RunSQL(LET_GO, migrations.RunSQL.noop),
    ]

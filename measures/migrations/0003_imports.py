"""What is known of a sent file, when a round was made, and which papers came late."""

import django.db.models.deletion
import django.utils.timezone
import initiatives.tenancy
from django.conf import settings
from django.db import migrations, models

from initiatives.walls import reference_sql

# A new reference is checked against walled tables; nothing refers yet.
REFERENCE = f"""
SELECT set_config('app.initiative', '0', true);
{reference_sql("measures_importrun", "organization_id", "initiatives_organization")}
SELECT set_config('app.initiative', '', true);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("initiatives", "0002_walls"),
        ("measures", "0002_walls"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="importrun",
            options={"base_manager_name": "objects", "ordering": ["-created_at", "-id"]},
        ),
        migrations.RemoveIndex(
            model_name="importrun",
            name="import_by_digest",
        ),
        migrations.AddField(
            model_name="importrun",
            name="created_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name="importrun",
            name="decimal_mark",
            field=models.CharField(
                blank=True,
                choices=[("point", "a point: 1,234.5"), ("comma", "a comma: 1.234,5")],
                max_length=5,
                verbose_name="decimals are written with",
            ),
        ),
        migrations.AddField(
            model_name="importrun",
            name="file",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name="importrun",
            name="is_accepting",
            field=models.BooleanField(default=False, verbose_name="accept at once"),
        ),
        migrations.AddField(
            model_name="importrun",
            name="organization",
            field=initiatives.tenancy.TenantForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="initiatives.organization",
            ),
        ),
        migrations.AddField(
            model_name="importrun",
            name="reason",
            field=models.TextField(blank=True, verbose_name="reason"),
        ),
        migrations.AddField(
            model_name="importrun",
            name="report",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="importrun",
            name="size",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="importrun",
            name="state",
            field=models.CharField(
                choices=[
                    ("checking", "Being checked"),
                    ("checked", "Checked"),
                    ("importing", "Being imported"),
                    ("imported", "Imported"),
                    ("refused", "Refused"),
                    ("failed", "Failed"),
                    ("dropped", "Dropped"),
                ],
                default="imported",
                max_length=9,
            ),
        ),
        migrations.AddField(
            model_name="round",
            name="created_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name="submission",
            name="is_late",
            field=models.BooleanField(default=False, verbose_name="handed in late"),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="digest",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="imported_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="name",
            field=models.CharField(max_length=255, verbose_name="file"),
        ),
        migrations.AddIndex(
            model_name="importrun",
            index=models.Index(fields=["initiative", "created_at"], name="import_by_time"),
        ),
        migrations.RunSQL(REFERENCE, migrations.RunSQL.noop),
    ]

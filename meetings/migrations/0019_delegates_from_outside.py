"""Delegates without an account: known by name and address, there and let in by their mandate."""

import django.db.models.deletion
import initiatives.tenancy
from django.db import migrations, models

from initiatives.walls import reference_sql

# A new reference is checked against walled tables; no row has it yet.
REFERENCES = f"""
SELECT set_config('app.initiative', '0', true);
{reference_sql("meetings_attendance", "delegation_id", "meetings_delegation")}
{reference_sql("meetings_seatlink", "delegation_id", "meetings_delegation")}
SELECT set_config('app.initiative', '', true);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("initiatives", "0008_series_facilitators"),
        ("meetings", "0018_changes_answered"),
    ]

    operations = [
        migrations.AddField(
            model_name="attendance",
            name="delegation",
            field=initiatives.tenancy.TenantForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attendances",
                to="meetings.delegation",
            ),
        ),
        migrations.AddField(
            model_name="delegation",
            name="outside_email",
            field=models.EmailField(blank=True, max_length=254, verbose_name="e-mail address"),
        ),
        migrations.AddField(
            model_name="delegation",
            name="outside_level",
            field=models.CharField(
                blank=True,
                choices=[
                    ("governing", "Governing"),
                    ("executive", "Executive"),
                    ("management", "Management"),
                    ("frontline", "Frontline"),
                    ("lived_experience", "Lived experience"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="delegation",
            name="outside_name",
            field=models.CharField(blank=True, max_length=150, verbose_name="name"),
        ),
        migrations.AddField(
            model_name="seatlink",
            name="delegation",
            field=initiatives.tenancy.TenantForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="meetings.delegation",
            ),
        ),
        migrations.AlterField(
            model_name="attendance",
            name="person",
            field=initiatives.tenancy.TenantForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="initiatives.membership",
            ),
        ),
        migrations.AlterField(
            model_name="delegation",
            name="delegate",
            field=initiatives.tenancy.TenantForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="delegations",
                to="initiatives.membership",
            ),
        ),
        migrations.AlterField(
            model_name="seatlink",
            name="membership",
            field=initiatives.tenancy.TenantForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="initiatives.membership",
            ),
        ),
        migrations.AddConstraint(
            model_name="attendance",
            constraint=models.UniqueConstraint(
                condition=models.Q(("left_at", None)),
                fields=("initiative", "meeting", "delegation"),
                name="no_outsider_is_there_twice",
            ),
        ),
        migrations.AddConstraint(
            model_name="attendance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("delegation", None), ("person__isnull", False)),
                    models.Q(
                        ("delegation__isnull", False), ("person", None), ("seat__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="there_by_membership_or_by_mandate",
            ),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("delegate__isnull", False), ("outside_email", ""), ("outside_name", "")
                    ),
                    models.Q(
                        ("delegate", None),
                        models.Q(("outside_name", ""), _negated=True),
                        models.Q(("outside_level", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="delegate_is_a_member_or_named",
            ),
        ),
        migrations.AddConstraint(
            model_name="seatlink",
            constraint=models.UniqueConstraint(
                fields=("initiative", "delegation"), name="one_link_of_a_delegation"
            ),
        ),
        migrations.AddConstraint(
            model_name="seatlink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("delegation", None), ("membership__isnull", False)),
                    models.Q(("delegation__isnull", False), ("membership", None)),
                    _connector="OR",
                ),
                name="link_of_a_member_or_by_mandate",
            ),
        ),
        migrations.RunSQL(REFERENCES, migrations.RunSQL.noop),
    ]

"""A meaning may be stamped as superseded, once; at most one stands for a day."""

from django.db import migrations, models

STAMPED = """
DROP TRIGGER append_only ON measures_indicatorversion;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON measures_indicatorversion
    FOR EACH ROW EXECUTE FUNCTION app.refuse_rewriting();
GRANT UPDATE (superseded_at) ON measures_indicatorversion TO app_web;
"""


class Migration(migrations.Migration):
    dependencies = [("measures", "0008_marks_of_what_was_agreed")]

    operations = [
        migrations.AddField(
            model_name="indicatorversion",
            name="superseded_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RemoveConstraint(model_name="indicatorversion", name="one_version_per_day"),
        migrations.AddConstraint(
            model_name="indicatorversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(superseded_at=None),
                fields=["initiative", "indicator", "effective_from"],
                name="one_version_per_day",
            ),
        ),
        migrations.RunSQL(STAMPED, migrations.RunSQL.noop),
    ]

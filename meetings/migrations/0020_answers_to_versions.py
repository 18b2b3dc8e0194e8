"""Which version of a decision an answer was given to, and what came with which version."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0019_delegates_from_outside"),
    ]

    operations = [
        migrations.AddField(
            model_name="decisionresponse",
            name="seen",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="decisionresponse",
            name="was_said",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="evidence",
            name="since",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="interest",
            name="since",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="score",
            name="since",
            field=models.PositiveIntegerField(default=1),
        ),
    ]

"""Raise the wall around what organizations say of minutes."""

from django.db import migrations

from initiatives.walls import RaiseWall


class Migration(migrations.Migration):
    dependencies = [("meetings", "0011_keep_outcomes_and_yes")]
    operations = [RaiseWall("Confirmation")]

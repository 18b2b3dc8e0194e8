"""Raise the wall around what was given to facilitate."""

from django.db import migrations

from initiatives.walls import RaiseWall


class Migration(migrations.Migration):
    dependencies = [("meetings", "0013_facilitations")]
    operations = [RaiseWall("Facilitation")]

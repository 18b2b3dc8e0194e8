"""Raise the walls around what is remembered of computing."""

from django.db import migrations

from initiatives.walls import RaiseWall


class Migration(migrations.Migration):
    dependencies = [("measures", "0004_runs")]
    operations = [RaiseWall("RollupRevision", "RollupCheck")]

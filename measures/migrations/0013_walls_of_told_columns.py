"""Raise the wall around what headings were told to be."""

from django.db import migrations

from initiatives.walls import RaiseWall


class Migration(migrations.Migration):
    dependencies = [("measures", "0012_told_columns")]
    operations = [RaiseWall("RememberedColumn")]

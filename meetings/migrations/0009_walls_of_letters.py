"""Raise the wall around digests and the ceiling of minutes."""

from django.db import migrations

from initiatives.walls import RaiseWall


class Migration(migrations.Migration):
    dependencies = [("meetings", "0008_letters")]
    operations = [RaiseWall("DigestEntry", "MinutesCeiling")]

"""Raise the wall around the links of seats."""

from django.db import migrations

from initiatives.walls import RaiseWall


class Migration(migrations.Migration):
    dependencies = [("meetings", "0005_seat_links")]
    operations = [RaiseWall("SeatLink")]

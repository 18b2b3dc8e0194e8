"""Raise the walls around bodies, series, meetings and their items."""

from django.db import migrations

from initiatives.walls import RaiseWall


class Migration(migrations.Migration):
    dependencies = [("meetings", "0001_initial")]
    operations = [RaiseWall("Body", "Seat", "MeetingSeries", "Meeting", "AgendaItem")]

"""Raise the wall around what is answered to requests."""

from django.db import migrations

from initiatives.walls import RaiseWall


class Migration(migrations.Migration):
    dependencies = [("meetings", "0016_answers_to_requests")]
    operations = [RaiseWall("RequestAnswer")]

"""The twins have known passwords: they are written for a rehearsal and nowhere else."""

import json

import pytest
from django.core.management import CommandError, call_command

from initiatives.models import Initiative, User

pytestmark = pytest.mark.django_db(transaction=True)


def test_in_a_deployment_they_are_refused(settings):
    settings.DEBUG, settings.EMBEDDED = False, False
    with pytest.raises(CommandError, match="not in a deployment"):
        call_command("seed_twins")
    assert not Initiative.objects.exists()
    assert not User.objects.exists()


def test_twice_they_are_refused(capsys):
    call_command("seed_twins", "--json")
    told = json.loads(capsys.readouterr().out)["initiatives"]
    assert [each["slug"] for each in told] == ["twin-a", "twin-b"]
    assert all(each["tokens"] and each["people"] and each["canaries"] for each in told)
    with pytest.raises(CommandError, match="here already"):
        call_command("seed_twins")

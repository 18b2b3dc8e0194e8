from datetime import date
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command

from backbone.management.commands import load_demo
from initiatives.models import Initiative, Membership, User
from initiatives.permissions import Role
from initiatives.tenancy import scope
from measures.choices import RoundState
from measures.models import Observation, Rollup, Round, Submission

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def password_file(tmp_path, monkeypatch):
    monkeypatch.setattr(load_demo, "PASSWORD_FILE", tmp_path / "var" / "demo-password")


def load():
    out = StringIO()
    call_command("load_demo", stdout=out)
    return out.getvalue()


def rollups_are_whole_but(late):
    """Whoever was not founded yet, or is no more, is not missing."""
    over = Rollup.objects.filter(scope="initiative", period__ends_on__lt=date(2022, 1, 1))
    told = over.exclude(period__code=late).values_list("expected", "reported")
    assert told
    assert all(expected == reported > 0 for expected, reported in told)


def rounds_are_over_but(late, still_open):
    states = dict(Round.objects.values_list("period__code", "state"))
    assert states.pop(late) == RoundState.GRACE
    assert states.pop(still_open) == RoundState.OPEN
    assert set(states.values()) == {RoundState.CLOSED}


def test_two_initiatives_with_people_in_every_role_and_forms_in_every_state(settings, tmp_path):
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = load_demo.TO_FILES, tmp_path / "mail"
    told = load()
    assert f"{tmp_path}/mail/" in told  # where the letters are, which nobody sends

    password = load_demo.PASSWORD_FILE.read_text().strip()
    assert password in told
    assert authenticate(username="dana@concert.example", password=password)
    for slug, late, still_open in (
        ("veterans-homelessness", "2022", "2023"),
        ("school-offers", "2021/22", "2022/23"),
    ):
        with scope(Initiative.objects.get(slug=slug).pk):
            held = {role for each in Membership.objects.all() for role in each.roles}
            assert held == set(Role.values)
            states = set(Submission.objects.values_list("state", flat=True))
            assert states == {"draft", "submitted", "returned", "accepted"}
            rollups_are_whole_but(late)
            rounds_are_over_but(late, still_open)


def test_loading_again_changes_nothing():
    first = load()
    initiative = Initiative.objects.get(slug="school-offers")
    with scope(initiative.pk):
        before = Observation.objects.count()

    assert load() == first
    assert User.objects.count() == 27
    with scope(initiative.pk):
        assert Observation.objects.count() == before

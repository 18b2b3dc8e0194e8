from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command

from backbone.management.commands import load_demo
from initiatives.models import Initiative, Membership, User
from initiatives.permissions import Role
from initiatives.tenancy import scope
from measures.models import Observation, Rollup, Submission

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def password_file(tmp_path, monkeypatch):
    monkeypatch.setattr(load_demo, "PASSWORD_FILE", tmp_path / "var" / "demo-password")


def load():
    out = StringIO()
    call_command("load_demo", stdout=out)
    return out.getvalue()


def test_two_initiatives_with_people_in_every_role_and_papers_in_every_state():
    told = load()

    password = load_demo.PASSWORD_FILE.read_text().strip()
    assert password in told
    assert authenticate(username="dana@concert.example", password=password)
    for slug in ("veterans-homelessness", "school-offers"):
        with scope(Initiative.objects.get(slug=slug).pk):
            held = {role for each in Membership.objects.all() for role in each.roles}
            assert held == set(Role.values)
            states = set(Submission.objects.values_list("state", flat=True))
            assert states == {"draft", "submitted", "returned", "accepted"}
            assert Rollup.objects.filter(scope="initiative").exists()


def test_loading_again_changes_nothing():
    first = load()
    initiative = Initiative.objects.get(slug="school-offers")
    with scope(initiative.pk):
        before = Observation.objects.count()

    assert load() == first
    assert User.objects.count() == 27
    with scope(initiative.pk):
        assert Observation.objects.count() == before

"""What was read at the door holds until what is written is stored: a membership that ends, or
loses its roles, between the two writes nothing.
"""

import threading

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from initiatives import access, services
from initiatives.models import Initiative, InitiativeProfile, Membership, Organization, User
from initiatives.permissions import Role
from initiatives.tenancy import scope
from tests.waiting import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def river():
    """An initiative with two project managers, Ann and Bob."""
    initiative = Initiative.objects.create(slug="river", name="River")
    with scope(initiative.pk):
        InitiativeProfile.here(time_zone="UTC").save()
        home = Organization.here(code="home", name="Home", kind="backbone", state="active")
        home.save()
        people = {}
        for name in ("ann", "bob"):
            user = User.objects.create(email=f"{name}@home.test", name=name)
            row = Membership.here(user=user, organization=home, roles=[Role.PROJECT_MANAGER])
            row.save()
            people[name] = row
    return initiative, people


def in_thread(work):
    def body():
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=body)
    thread.start()
    return thread


def rename(client, name):
    given = {"name": name, "question": "", "description": "", "place": "", "time_zone": "UTC"}
    return client.post(reverse("initiatives:settings", args=["river"]), given)


def change(people, ended, *, end):
    """What another one does to Bob's membership, in its own transaction."""
    with scope(people["ann"].initiative_id):
        both = {"actor": people["ann"], "membership": people["bob"]}
        if end:
            services.end_membership(**both)
        else:
            services.change_roles(**both, roles=[Role.OBSERVER])
    ended.set()


@pytest.mark.parametrize("end", [True, False], ids=["ended", "without the role"])
def test_who_is_out_before_the_write_writes_nothing(river, monkeypatch, end):
    initiative, people = river
    client, ended = Client(), threading.Event()
    client.force_login(people["bob"].user)
    found = access._acting

    def slowly(request, mine):
        if request.method == "POST" and not ended.is_set():
            in_thread(lambda: change(people, ended, end=end)).join(PATIENCE)
        return found(request, mine)

    monkeypatch.setattr(access, "_acting", slowly)
    assert rename(client, "Taken over").status_code == 503
    assert ended.is_set()
    again = rename(client, "Taken over")  # with the last membership the session is gone too
    assert again.status_code == (302 if end else 403)
    assert not end or again.url.startswith("/account/login/")
    assert Initiative.objects.get(pk=initiative.pk).name == "River"


def test_who_ends_a_membership_waits_for_what_it_is_writing(river, monkeypatch):
    initiative, people = river
    client, ended, threads = Client(), threading.Event(), []
    client.force_login(people["bob"].user)
    update = services.update_initiative

    def while_ending(**said):
        threads.append(in_thread(lambda: change(people, ended, end=True)))
        assert not ended.wait(0.5)
        return update(**said)

    monkeypatch.setattr(services, "update_initiative", while_ending)
    assert rename(client, "Lake").status_code == 302
    threads[0].join(PATIENCE)
    assert ended.is_set()
    assert Initiative.objects.get(pk=initiative.pk).name == "Lake"


def test_reading_holds_nobody_up(river):
    _initiative, people = river
    client = Client()
    client.force_login(people["bob"].user)
    with scope(people["bob"].initiative_id), transaction.atomic():
        Membership.objects.select_for_update().get(pk=people["bob"].pk)
        said = []
        in_thread(
            lambda: said.append(client.get(reverse("initiatives:settings", args=["river"])))
        ).join(PATIENCE)
        assert said[0].status_code == 200

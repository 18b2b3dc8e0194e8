"""The list of people: page by page, found by name; and where one lands after signing in."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from initiatives import services
from initiatives.models import Membership, User
from initiatives.permissions import Role
from initiatives.tenancy import scope, visitor
from tests.initiatives.test_sign_in import PASSWORD, Client, founded, manager, person, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["founded", "manager"]
PEOPLE = "/i/reading/people/"


def crowd(founded, number):
    with scope(founded.initiative_id):
        name = f"Library {number}"
        library = services.create_organization(actor=founded, name=name, state="active")
        users = [
            User.objects.create(email=f"p{n}@{number}.example", name=f"Person {n:03}")
            for n in range(number)
        ]
        Membership.objects.bulk_create(
            Membership.here(user=user, organization=library, roles=[Role.PARTNER_REPORTER])
            for user in users
        )


def test_many_people_are_listed_page_by_page_and_found(founded, manager):
    crowd(founded, 60)
    client = signed_in(manager)
    first = client.get(PEOPLE)
    assert len(first.context["page"]) == 50
    assert "Person 059" not in first.content.decode()
    assert "Person 059" in client.get(PEOPLE, {"page": 2}).content.decode()
    for wanted, found in (("person 05", 10), ("P7@", 1), ("library", 50), ("%", 0), ("\0", 50)):
        assert len(client.get(PEOPLE, {"q": wanted}).context["page"]) == found, wanted
    assert "Nobody here has this name" in client.get(PEOPLE, {"q": "zz"}).content.decode()


def test_the_list_costs_the_same_for_few_and_for_many(founded, manager):
    client = signed_in(manager)
    client.get(PEOPLE)  # notes the session
    counts = []
    for number in (3, 57):
        crowd(founded, number)
        with CaptureQueriesContext(connection) as queries:
            client.get(PEOPLE)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 15


def test_who_belongs_to_one_initiative_lands_there_and_others_choose(founded, manager):
    def landing(email):
        given = {"login": email, "password": PASSWORD}
        return Client().post("/account/login/", given, follow=True).redirect_chain[-1][0]

    assert landing(manager.email) == "/i/reading/"
    with visitor(manager.pk):
        services.create_initiative(user=manager, name="Walk", slug="walking")
    assert landing(manager.email) == "/?signed-in"
    assert landing(person("new@example.org").email) == "/?signed-in"
    wanted = {"login": manager.email, "password": PASSWORD, "next": "/account/"}
    assert Client().post("/account/login/", wanted)["Location"] == "/account/"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0",
            "Firefox on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0.0.0 Safari/537.36 Edg/126.0",
            "Edge on Linux",
        ),
        ("<b>curl</b>/7.88", "&lt;b&gt;curl&lt;/b&gt;/7.88"),
        ("", "Unknown browser"),
    ],
)
def test_sessions_are_listed_in_words_and_ended_elsewhere(manager, agent, words):
    here, there = signed_in(manager), Client(headers={"User-Agent": agent})
    there.post("/account/login/", {"login": manager.email, "password": PASSWORD})
    shown = here.get("/account/sessions/").content.decode()
    assert f"<b>{words}</b>" in shown
    assert shown.count("this one") == 1
    assert there.get("/account/").status_code == 200
    here.post("/account/sessions/")
    assert there.get("/account/").status_code == 302
    assert here.get("/account/").status_code == 200

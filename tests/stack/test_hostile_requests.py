"""Requests that are made to be read in two ways, kept where they should not be, or pile up."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from initiatives import schedule
from initiatives.models import User
from tests.initiatives.test_sign_in import person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/account/login/", "/account/", "/nowhere/", "/healthz"])
@pytest.mark.parametrize(
    "query", ["next=/&next=//evil.test", "page=1&q=x&page=2", "a&a", "%61=1&a=2"]
)
def test_an_address_that_asks_the_same_twice_is_refused(client, path, query):
    answer = client.get(path, QUERY_STRING=query)
    assert answer.status_code == 400
    assert "could not be understood" in answer.text
    assert client.post(path, QUERY_STRING=query).status_code == 400


def test_what_turns_letters_around_is_left_out_and_nothing_else(client):
    mia = person("mia@example.org")
    client.force_login(mia)
    given = "\u202eMia\u202d Müller \u05d0\u05d1 \u2067x\u2069 😀"
    assert client.post("/account/", {"name": given}).status_code == 302
    assert User.objects.get(pk=mia.pk).name == "Mia Müller \u05d0\u05d1 \u2067x\u2069 😀"


@pytest.mark.parametrize(
    "path",
    [
        *("/account/login/", "/account/password/reset/", "/account/password/reset/key/x-y/"),
        *("/i/reading/", "/link/form/cip_x/", "/nowhere/"),
    ],
)
def test_what_stands_before_signing_in_is_kept_by_nobody(client, path):
    assert "no-store" in client.get(path)["Cache-Control"]


def test_who_signs_out_takes_along_what_the_browser_kept(client):
    client.force_login(person("mia@example.org"))
    assert "Clear-Site-Data" not in client.get("/account/")
    assert client.post("/account/logout/")["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in client.get("/account/login/")


def test_sessions_that_ended_are_forgotten(client):
    client.force_login(person("mia@example.org"))
    client.get("/account/")
    other = Client()
    other.force_login(person("noa@example.org"))
    other.get("/account/")
    assert UserSession.objects.count() == 2
    ended = Session.objects.filter(session_key=other.session.session_key)
    ended.update(expire_date=timezone.now() - timedelta(seconds=1))
    schedule.forget_sessions()
    assert [each.session_key for each in Session.objects.all()] == [client.session.session_key]
    assert UserSession.objects.get().user.email == "mia@example.org"

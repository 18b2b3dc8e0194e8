"""Signing up: what it costs tells nobody who has an account, and few guesses at a code are looked at."""

import re
from collections import Counter

import pytest
from allauth.account import forms
from django.contrib.auth.hashers import get_hasher
from django.core import mail
from django.core.cache import caches
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from initiatives import codes
from tests.initiatives.at_once import at_once
from tests.initiatives.test_sign_in import SIGN_UP, code_in_letter, knows, person

pytestmark = pytest.mark.django_db(transaction=True)
TO_CONFIRM = "/account/confirm-email/"
WRITES = {"INSERT": "writes", "UPDATE": "writes", "DECLARE": "SELECT"}


def signing_up(email):
    """How many statements of which kind it takes, and letters."""
    client = Client()
    client.get("/account/signup/")
    mail.outbox.clear()
    with CaptureQueriesContext(connection) as asked:
        answer = client.post("/account/signup/", SIGN_UP | {"email": email})
    assert answer["Location"] == TO_CONFIRM
    words = [each["sql"].split()[0] for each in asked]
    return Counter(WRITES.get(word, word) for word in words), len(mail.outbox)


def test_signing_up_costs_as_much_for_an_address_that_is_known(monkeypatch):
    person("mia@example.org")
    hasher, made = type(get_hasher()), []
    encode = hasher.encode

    def counted(self, *args, **options):
        made.append(args)
        return encode(self, *args, **options)

    monkeypatch.setattr(hasher, "encode", counted)
    known = signing_up("mia@example.org"), len(made)
    made.clear()
    unknown = signing_up("new@example.org"), len(made)
    assert known == unknown


def looked_at(monkeypatch, *, email):
    """How many of many guesses at the code of one sign-up are compared with it."""
    client = Client()
    client.post("/account/signup/", SIGN_UP | {"email": email})
    compare, looks = forms.compare_user_code, []

    def counted(**options):
        looks.append(options)
        return compare(**options)

    monkeypatch.setattr(forms, "compare_user_code", counted)

    def guess(_n):
        other = Client()
        other.cookies = client.cookies.copy()
        other.post(TO_CONFIRM, {"code": "nothing"})

    at_once(12, guess)
    return client, len(looks)


@pytest.mark.parametrize("email", ["mia@example.org", "new@example.org"])
def test_few_of_many_guesses_at_once_are_looked_at(monkeypatch, email):
    person("mia@example.org")
    client, looks = looked_at(monkeypatch, email=email)
    assert looks == 3
    client.post(TO_CONFIRM, {"code": code_in_letter() if "new" in email else "nothing"})
    assert not knows(client)


def test_who_waits_too_long_behind_other_guesses_is_told(monkeypatch):
    def busy(_what):
        raise OperationalError

    monkeypatch.setattr(codes, "count_alone", busy)
    answer = Client().post(TO_CONFIRM, {"code": "nothing"})
    assert answer.status_code == 429
    assert "too often" in answer.text


def test_too_many_sign_ups_are_told_so_in_our_words():
    client = Client()
    answers = [client.post("/account/signup/", {}) for _ in range(21)]
    assert answers[-1].status_code == 429
    assert "asked for too often" in answers[-1].text


def asked_again(email, monkeypatch):
    """What "Send a new code" costs: statements, hashes and letters."""
    client = Client()
    client.post("/account/signup/", SIGN_UP | {"email": email})
    caches["default"].clear()  # a code is sent every ten seconds
    mail.outbox.clear()
    hasher, made = type(get_hasher()), []
    monkeypatch.setattr(hasher, "encode", lambda *args, **_options: made.append(args) or "")
    with CaptureQueriesContext(connection) as asked:
        answer = client.post(TO_CONFIRM, {"action": "resend"})
    monkeypatch.undo()
    assert answer["Location"] == TO_CONFIRM
    words = [each["sql"].split()[0] for each in asked]
    writes = sum(word in WRITES for word in words)
    return writes, len(made), [each.to for each in mail.outbox], client.get(TO_CONFIRM).text


def test_a_new_code_is_a_letter_for_an_address_that_is_known_too(monkeypatch):
    person("mia@example.org")
    *known, letters, page = asked_again("mia@example.org", monkeypatch)
    *unknown, their_letters, their_page = asked_again("new@example.org", monkeypatch)
    assert known == unknown
    assert (letters, their_letters) == ([["mia@example.org"]], [["new@example.org"]])
    assert without_tokens(page) == without_tokens(their_page.replace("new@", "mia@"))


def without_tokens(page):
    return re.sub(r'(value|nonce)="[^"]+"|csrf[^}]+', "", page, flags=re.IGNORECASE)

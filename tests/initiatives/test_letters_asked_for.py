"""Letters that strangers ask for: so many reach one address, however patiently somebody asks."""

import time
from types import SimpleNamespace

import pytest
from allauth.core.internal import ratelimit
from django.core import mail
from django.test import Client

from tests.initiatives.test_sign_in import SIGN_UP, person

pytestmark = pytest.mark.django_db(transaction=True)
A_MINUTE = 61


@pytest.fixture
def patiently(monkeypatch):
    """Let a minute pass between one request and the next."""
    now = [time.time()]

    def later():
        now[0] += A_MINUTE
        return now[0]

    clock = SimpleNamespace(time=lambda: now[0], monotonic=time.monotonic, sleep=time.sleep)
    monkeypatch.setattr(ratelimit, "time", clock)
    return later


@pytest.mark.parametrize("email", ["mia@example.org", "nobody@example.org"])
@pytest.mark.parametrize("page", ["/account/password/reset/", "/account/signup/"])
def test_an_address_gets_so_many_letters_and_no_more(patiently, page, email):
    person("mia@example.org")
    for _request in range(24):
        patiently()
        Client().post(page, SIGN_UP | {"email": email})
    assert len(mail.outbox) == 20

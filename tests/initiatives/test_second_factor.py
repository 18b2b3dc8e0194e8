"""Codes of six digits: few of them are looked at, whatever becomes of Redis."""

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import caches
from django.test import Client

from initiatives.services import guesses
from tests.initiatives.test_sign_in import PASSWORD, person

pytestmark = pytest.mark.django_db(transaction=True)
AT_SIGN_IN, ONCE_MORE = "/account/2fa/authenticate/", "/account/2fa/reauthenticate/"


@pytest.fixture
def secret():
    secret = generate_totp_secret()
    TOTP.activate(person("mia@example.org"), secret)
    return secret


@pytest.fixture
def without_redis(settings, tmp_path):
    settings.CACHES = {
        "default": {
            "BACKEND": "config.cache.SteadyRedisCache",
            "LOCATION": f"unix://{tmp_path}/nobody.sock",
        }
    }
    assert caches["default"].get("x") is None


def code(secret, shift=0):
    """The code of now, or another."""
    (counter,) = yield_hotp_counters_from_time()
    return format_hotp_value((hotp_value(secret, counter) + shift) % 10**6)


def guess(page, code):
    """Try a code with the right password, each time in a new browser."""
    client = Client()
    client.post("/account/login/", {"login": "mia@example.org", "password": PASSWORD})
    return client.post(page, {"code": code})


@pytest.mark.usefixtures("without_redis")
def test_without_redis_guesses_at_a_code_are_counted(secret, monkeypatch):
    """The password's are not: hashing each takes its time, and a code takes none."""
    said = ["Too many" in guess(AT_SIGN_IN, code(secret, n)).text for n in range(1, 8)]
    assert said == [False] * 5 + [True] * 2
    assert "Too many" in guess(AT_SIGN_IN, code(secret)).text
    monkeypatch.setattr(guesses, "COUNTED_SECONDS", 0)
    assert guess(AT_SIGN_IN, code(secret)).status_code == 302
    monkeypatch.undo()
    assert "Incorrect" in guess(AT_SIGN_IN, code(secret, 1)).text


@pytest.mark.usefixtures("without_redis")
def test_without_redis_they_are_counted_where_a_code_is_asked_once_more(secret):
    client = Client()
    client.post("/account/login/", {"login": "mia@example.org", "password": PASSWORD})
    assert client.post(AT_SIGN_IN, {"code": code(secret)}).status_code == 302
    said = [
        "Too many" in client.post(ONCE_MORE, {"code": code(secret, n)}).text for n in range(1, 8)
    ]
    assert said == [False] * 5 + [True] * 2

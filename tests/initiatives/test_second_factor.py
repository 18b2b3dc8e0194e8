"""Codes of six digits: few of them are looked at, whatever becomes of Redis."""

import time
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth
from allauth.mfa.totp.internal.auth import (
    SECRET_SESSION_KEY,
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import caches
from django.test import Client

from initiatives import guesses
from initiatives.models import User
from tests.initiatives.at_once import at_once
from tests.initiatives.test_sign_in import PASSWORD, person

pytestmark = pytest.mark.django_db(transaction=True)
AT_SIGN_IN, ONCE_MORE = "/account/2fa/authenticate/", "/account/2fa/reauthenticate/"
SET_UP = "/account/2fa/totp/activate/"


@pytest.fixture(autouse=True)
def stopped(monkeypatch):
    """Let no code run out while a test looks at it."""
    now = time.time()
    for module in (auth, guesses):
        monkeypatch.setattr(module, "time", SimpleNamespace(time=lambda: now))


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
    assert "This is not the code" in guess(AT_SIGN_IN, code(secret, 1)).text


@pytest.mark.usefixtures("without_redis")
def test_without_redis_they_are_counted_where_a_code_is_asked_once_more(secret):
    client = Client()
    client.post("/account/login/", {"login": "mia@example.org", "password": PASSWORD})
    assert client.post(AT_SIGN_IN, {"code": code(secret)}).status_code == 302
    said = [
        "Too many" in client.post(ONCE_MORE, {"code": code(secret, n)}).text for n in range(1, 8)
    ]
    assert said == [False] * 5 + [True] * 2


def opened(pages):
    return sum(page.status_code == 302 for page in pages)


@pytest.mark.usefixtures("without_redis")
def test_without_redis_a_code_opens_once(secret):
    right = code(secret)
    pages = [guess(AT_SIGN_IN, right) for _ in range(3)]
    assert opened(pages) == 1
    assert "This is not the code" in pages[-1].text


@pytest.mark.usefixtures("without_redis")
def test_without_redis_a_code_given_many_times_at_once_opens_once(secret):
    right, pages = code(secret), []
    at_once(4, lambda _n: pages.append(guess(AT_SIGN_IN, right)))
    assert (len(pages), opened(pages)) == (4, 1)


def test_a_recovery_code_given_many_times_at_once_opens_once(secret):
    user = User.objects.get()
    codes = RecoveryCodes.activate(user)
    right, pages = codes.get_unused_codes()[0], []
    at_once(4, lambda _n: pages.append(guess(AT_SIGN_IN, right)))
    assert (len(pages), opened(pages)) == (4, 1)


def test_the_code_that_set_the_app_up_opens_nothing_afterwards():
    person("mia@example.org")
    client = Client()
    client.post("/account/login/", {"login": "mia@example.org", "password": PASSWORD})
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    client.get(SET_UP)
    right = code(client.session[SECRET_SESSION_KEY])
    assert client.post(SET_UP, {"code": right}).status_code == 302
    assert Authenticator.objects.filter(type=Authenticator.Type.TOTP).exists()
    caches["default"].clear()
    assert "This is not the code" in guess(AT_SIGN_IN, right).text

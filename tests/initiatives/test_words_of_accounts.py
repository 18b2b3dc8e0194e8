"""Signing in speaks like the other pages: no word of the library that does it."""

import html
import re
from pathlib import Path

import allauth
import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core import mail
from django.test import Client

from tests.initiatives.test_sign_in import PASSWORD, SIGN_UP, person, proven, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
THEIRS = re.compile(
    r"two-factor|signup|sign[- ]?in code|reauthenticat|\blog ?(in|ged|out)\b|\bemail\b|passwordless"
    r"|invalidate|\baccount exists|user account|token|spam|TOTP|WebAuthn"
    r"|(Sign|Reset|Confirm|Change|Recovery|Security|Authenticator) [A-Z]",
)
# What nobody is led to here: telephone numbers, codes in place of passwords, passkeys at sign-up,
# many addresses, links that prove an address, browsers that are trusted.
UNUSED = re.compile(
    r"phone|login_code|signup_by_passkey|webauthn/signup|password_reset_code|account/email\.html"
    r"|email_confirm\.html|verification_sent|verified_email_required|trust|warn_no_email"
    r"|already_logged_in|signup_subject|signup_message|base_manage|base_entrance|snippets|download"
)


def said(page):
    text = re.sub(r"<(script|style|svg).*?</\1>", "", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "\n", text))


def theirs(text):
    lines = re.sub(r"http\S+", "", text).splitlines()
    return [line.strip() for line in lines if THEIRS.search(line)]


@pytest.mark.parametrize(
    "address", ["login/", "signup/", "password/reset/", "password/reset/done/"]
)
def test_before_signing_in(address):
    client = Client()
    assert theirs(said(client.get(f"/account/{address}").text)) == []
    assert theirs(said(client.post(f"/account/{address}", {"email": "x"}).text)) == []


@pytest.mark.parametrize(
    "address",
    [
        *("email/", "password/change/", "reauthenticate/", "logout/", "sessions/", "2fa/"),
        *("2fa/totp/deactivate/", "2fa/webauthn/", "2fa/webauthn/add/", "2fa/recovery-codes/"),
        *("2fa/recovery-codes/generate/", "2fa/reauthenticate/"),
    ],
)
def test_signed_in_with_a_second_step(address):
    mia = person("mia@example.org")
    client = proven(signed_in(mia))
    TOTP.activate(mia, generate_totp_secret())
    RecoveryCodes.activate(mia)
    answer = client.get(f"/account/{address}")
    assert answer.status_code == 200
    assert theirs(said(answer.text)) == []


def test_on_the_way():
    mia = person("mia@example.org")
    client = proven(signed_in(mia))
    assert theirs(said(client.get("/account/2fa/totp/activate/").text)) == []
    TOTP.activate(mia, generate_totp_secret())
    other = Client()
    form = {"login": mia.email, "password": PASSWORD}
    page = other.post("/account/login/", form, follow=True).text
    assert "The second step" in page
    assert theirs(said(page)) == []
    newcomer = Client()
    page = newcomer.post("/account/signup/", SIGN_UP, follow=True).text
    assert "Enter the code" in page
    assert theirs(said(page)) == []
    Client().post("/account/signup/", SIGN_UP | {"email": mia.email})
    Client().post("/account/password/reset/", {"email": mia.email})
    Client().post("/account/password/reset/", {"email": "nobody@example.org"})
    new = "another quiet choir sings"
    client.post(
        "/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    assert len(mail.outbox) == 5
    assert [theirs(each.subject + "\n" + each.body) for each in mail.outbox] == [[]] * 5


def test_a_letter_says_an_address_as_it_is():
    person("o'hara@example.org")
    Client().post("/account/signup/", SIGN_UP | {"email": "o'hara@example.org"})
    assert "o'hara@example.org" in mail.outbox[-1].body


def test_every_page_and_letter_that_is_used_is_ours():
    """What a newer allauth brings is written in our words before anybody reads it."""
    there = Path(allauth.__file__).parent / "templates"
    names = {
        str(each.relative_to(there))
        for part in ("account", "mfa", "usersessions")
        for each in (there / part).rglob("*.*")
    }
    here = settings.BASE_DIR / "templates"
    missing = [name for name in names if not UNUSED.search(name) and not (here / name).is_file()]
    assert sorted(missing) == []

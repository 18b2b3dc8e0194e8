"""Ways of signing in, with a browser's own authenticator and with an app's codes."""

import time
from urllib.parse import urlsplit

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.browser.judging import judge
from tests.browser.test_on_the_way import sign_in

pytestmark = pytest.mark.browser

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def prove(page, person):
    """Say the password once more, where that is asked."""
    page.wait_for_url("**/reauthenticate/**")
    page.get_by_label("Password", exact=True).fill(person["password"])
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url(lambda url: "/reauthenticate/" not in url)


def code(secret):
    """What an app shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def type_codes(page, secret, label, button):
    """Give the code that the app shows; as people do, the next one where it ran out meanwhile."""
    form = urlsplit(page.url).path
    for _code in range(5):
        before = int(time.time()) // 30
        page.get_by_label(label).fill(code(secret))
        with page.expect_navigation():
            page.get_by_role("button", name=button, exact=True).click()
        if urlsplit(page.url).path != form:
            return
        assert int(time.time()) // 30 > before, "a code was refused in its own time"


def sign_out(page):
    page.goto("/account/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/account/login/**")


def test_a_passkey_is_added_and_signs_in_alone(visitor, site):
    person = site.twins[1].people[4]
    page = visitor.window(viewport=PHONE)
    line = page.context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    line.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    sign_in(page, person)
    page.goto("/account/2fa/webauthn/add/")
    prove(page, person)
    page.get_by_label("Name").fill("My telephone")
    page.get_by_label("A passkey").check()
    assert judge(page) == []
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert judge(page) == []
    page.goto("/account/2fa/webauthn/")
    expect(page.get_by_text("My telephone", exact=True).first).to_be_visible()
    assert judge(page) == []
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{site.address}/")
    expect(page.get_by_role("heading", name="My initiatives")).to_be_visible()
    page.goto("/account/2fa/webauthn/")
    page.get_by_role("link", name="Remove").click()
    prove(page, person)
    expect(page.get_by_role("heading", name="Remove My telephone")).to_be_visible()
    assert judge(page) == []
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("There is none yet.")).to_be_visible()


def test_an_app_is_set_up_and_its_code_asked_for(visitor, site):
    person = site.twins[1].people[5]
    page = visitor.window(viewport=PHONE)
    sign_in(page, person)
    page.goto("/account/2fa/totp/activate/")
    prove(page, person)
    secret = page.get_by_label("The key in the picture").input_value()
    page.emulate_media(color_scheme="dark")  # a camera reads the code here too
    expect(page.locator("main img")).to_have_css("background-color", "rgb(255, 255, 255)")
    page.emulate_media(color_scheme="light")
    assert judge(page) == []

    page.get_by_label("Code that the app shows").fill(
        "000000" if code(secret) != "000000" else "111111"
    )
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_text("This is not the code")).to_be_visible()
    type_codes(page, secret, "Code that the app shows", "Set up")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    sign_out(page)
    sign_in(page, person)
    page.wait_for_url("**/2fa/authenticate/**")
    time.sleep(30 - time.time() % 30)  # a code is taken once
    type_codes(page, secret, "Code", "Sign in")
    page.wait_for_url(f"**/i/{site.twins[1].slug}/**")

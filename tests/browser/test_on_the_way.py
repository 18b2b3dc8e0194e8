"""Pages that no address alone opens: in the middle of signing in, from a letter, of a refusal."""

import pytest
from playwright.sync_api import expect

from initiatives.permissions import Role
from tests.browser import pages
from tests.browser.judging import judge

pytestmark = pytest.mark.browser


def sign_in(page, person):
    """Until the password is taken; a code may still be asked for."""
    page.goto("/account/login/")
    page.get_by_label("E-mail address").fill(person["email"])
    page.get_by_label("Password", exact=True).fill(person["password"])
    page.locator("main button.primary").first.click()
    page.wait_for_url(lambda url: "/account/login/" not in url)


def test_the_second_factor_is_asked_for(visitor, site):
    person = site.twins[1].people[2]
    site.run(pages.secure, person["email"])
    page = visitor.window()
    sign_in(page, person)
    page.wait_for_url("**/2fa/authenticate/**")
    assert judge(page) == []


def test_a_new_password_is_set_from_a_letter(visitor, site):
    email = site.twins[1].people[3]["email"]
    page = visitor.window()
    page.goto("/account/password/reset/")
    page.get_by_label("E-mail address").fill(email)
    page.locator("main button.primary").click()
    page.goto(site.link_in_letter(email, "/password/reset/key/"))
    assert judge(page) == []
    page.get_by_label("New password", exact=True).fill("eleven green kites climb")
    page.get_by_label("The new password again").fill("eleven green kites climb")
    page.locator("main button.primary").click()
    expect(page.get_by_role("heading", name="Your password is set")).to_be_visible()


@pytest.mark.parametrize(
    ("role", "path", "heading"),
    [
        (Role.OBSERVER, "settings/", "This page is not part of your role"),
        (Role.OBSERVER, "nothing/", "There is nothing here"),
    ],
)
def test_a_refusal_reads_well(visitor, site, role, path, heading):
    twin = site.twins[0]
    page = visitor.window(twin.person(role))
    page.goto(f"/i/{twin.slug}/{path}")
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    assert judge(page) == []


def test_mistakes_read_well(visitor, site):
    """A form that came back: the errors are part of the page."""
    twin = site.twins[0]
    page = visitor.window(twin.person(Role.PROJECT_MANAGER))
    page.goto(f"/i/{twin.slug}/organizations/")
    page.get_by_label("Who to invite").fill("no address here")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_label("Who to invite")).to_have_value("no address here")
    expect(page.locator(".error").first).to_be_visible()
    assert judge(page) == []


def test_a_chart_is_drawn_within_the_policy(visitor, site):
    twin = site.twins[0]
    page = visitor.window(twin.person(Role.PROJECT_MANAGER))
    page.goto(f"/i/{twin.slug}/measures/indicators/{twin.objects['indicator_id']}/")
    page.locator("chart-figure").scroll_into_view_if_needed()
    expect(page.locator("chart-figure[data-state='drawn'] .plot svg").first).to_be_attached()


def test_the_menu_leads_to_everything_of_ones_own(visitor, site):
    twin = site.twins[0]
    page = visitor.window(twin.person(Role.PARTNER_REPORTER))
    page.goto(f"/i/{twin.slug}/")
    page.get_by_role("button", name="You:").click()
    page.get_by_role("link", name="My account").click()
    expect(page.get_by_role("heading", name="My account")).to_be_visible()
    main = page.locator("main")
    for name in ("E-mail address", "Password", "Two-step sign-in and passkeys", "Sessions"):
        expect(main.get_by_role("link", name=name)).to_be_visible()
    expect(main.get_by_role("button", name="Sign out")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Ollie Renamed")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Ollie Renamed")

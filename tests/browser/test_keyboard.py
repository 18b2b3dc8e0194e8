"""With the keyboard alone: everything is reached by Tab, seen when reached, and done by Enter."""

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser
MOST_STEPS = 40
PASSWORD = "nine slow otters sing"


def reach(page: Page, wanted: Locator) -> None:
    """Press Tab until the focus is there, and see that it shows."""
    expect(wanted).to_be_visible()
    for _step in range(MOST_STEPS):
        page.keyboard.press("Tab")
        if wanted.evaluate("each => each === document.activeElement"):
            shown = wanted.evaluate("each => getComputedStyle(each).outlineStyle")
            assert shown != "none", f"{wanted} does not show its focus"
            return
    message = f"{wanted} is not reached by {MOST_STEPS} times Tab"
    raise AssertionError(message)


def test_the_first_stop_leads_past_the_navigation(visitor, form):
    page = visitor.window(form.reporter)
    page.goto(form.path)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_an_invitation_is_accepted(visitor, site):
    page = visitor.window()
    page.goto(f"/link/invitation/{site.twins[1].tokens['invitation']}/")
    reach(page, page.get_by_label("Choose a password"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Today")).to_be_visible()


def test_a_form_is_filled_and_handed_in(visitor, form):
    page = visitor.window(form.reporter)
    page.goto(form.path)
    reach(page, page.get_by_label("Served canary-twin-b", exact=True))
    page.keyboard.type("1204")
    reach(page, page.get_by_role("button", name="Check and submit"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Handed in. Thank you.")).to_be_visible()


def test_the_menu_opens_and_signs_out(visitor, form):
    page = visitor.window(form.reporter)
    page.goto(form.path)
    reach(page, page.get_by_role("button", name="You:"))
    page.keyboard.press("Enter")
    reach(page, page.get_by_role("button", name="Sign out"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()

"""The form as reporters use it: on a phone, on a bad line, two at once."""

import re
import threading

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.browser.test_room import go_offline

pytestmark = pytest.mark.browser
SAVED = re.compile(r"· saved \d\d:\d\d")
SERVED = "Served canary-twin-b"


def opened(visitor, form, who, **options):
    page = visitor.window(who, PHONE, **options)
    page.goto(form.path)
    return page


def served(page):
    return page.get_by_label(SERVED, exact=True)


def test_what_is_typed_is_saved_while_typing(visitor, form):
    page = opened(visitor, form, form.reporter)
    served(page).fill("1204")
    served(page).press("Tab")
    expect(page.get_by_text(SAVED)).to_be_visible()
    page.reload()
    expect(served(page)).to_have_value("1204")


def test_a_number_is_saved_before_its_field_is_left(visitor, form):
    page = opened(visitor, form, form.reporter)
    with page.expect_request_finished(lambda request: is_save(request, "=1205")):
        served(page).press_sequentially("1205")
    expect(page.get_by_text(SAVED)).to_be_visible()
    expect(served(page)).to_be_focused()
    page.reload()
    expect(served(page)).to_have_value("1205")


def test_what_cannot_be_read_is_said_beside_it_and_stays(visitor, form):
    page = opened(visitor, form, form.reporter)
    served(page).fill("about ten")
    served(page).press("Tab")
    expect(page.locator(".field .error")).to_be_visible()
    expect(served(page)).to_have_attribute("aria-invalid", "true")
    expect(served(page)).to_have_value("about ten")
    expect(page.get_by_text("0 of 1 done · 1 needs another look")).to_be_visible()
    served(page).fill("10")
    served(page).press("Tab")
    expect(served(page)).not_to_have_attribute("aria-invalid", "true")
    served(page).fill("about ten")
    page.get_by_role("button", name="Check and submit").click()
    expect(served(page)).to_have_attribute("aria-invalid", "true")
    expect(served(page)).to_have_value("about ten")


def test_the_second_of_two_editors_is_told(visitor, form):
    first = opened(visitor, form, form.reporter)
    second = opened(visitor, form, form.lead)
    served(first).fill("10")
    served(first).press("Tab")
    expect(first.get_by_text(SAVED)).to_be_visible()
    served(second).fill("20")
    served(second).press("Tab")
    expect(second.get_by_role("alert")).to_be_visible()
    expect(served(second)).to_have_value("20")
    first.reload()
    expect(served(first)).to_have_value("10")
    second.get_by_role("button", name="Keep what I typed").click()
    expect(second.get_by_role("alert")).to_have_count(0)
    first.reload()
    expect(served(first)).to_have_value("20")


def test_the_form_works_without_javascript(visitor, form):
    page = opened(visitor, form, form.reporter, java_script_enabled=False)
    served(page).fill("about ten")
    page.get_by_role("button", name="Check and submit").click()
    expect(page.locator(".field .error")).to_be_visible()
    expect(served(page)).to_have_value("about ten")
    served(page).fill("77")
    page.get_by_role("button", name="Save").click()
    expect(served(page)).to_have_value("77")
    page.get_by_role("button", name="Check and submit").click()
    expect(page.get_by_text("Handed in. Thank you.")).to_be_visible()


def test_a_lost_connection_loses_nothing(visitor, form):
    page = opened(visitor, form, form.reporter)
    go_offline(page, is_off=True)
    served(page).fill("31")
    served(page).press("Tab")
    expect(page.get_by_text("No connection.")).to_be_visible()
    expect(served(page)).to_have_value("31")
    go_offline(page, is_off=False)
    assert all("htmx:" in each for each in visitor.complaints)
    visitor.complaints.clear()  # that the line was cut, which it was
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("1 of 1 done")).to_be_visible()
    page.reload()
    expect(served(page)).to_have_value("31")


def test_submitting_at_once_is_not_taken_for_a_second_editor(visitor, form):
    """Whoever presses the button while the last number is still being saved is one person."""
    page = opened(visitor, form, form.reporter)
    slow, sent = [], threading.Event()

    def hold(route):
        is_held = is_save(route.request) and not sent.is_set()
        slow.append(route) if is_held else route.continue_()

    page.route(lambda url: url.endswith(form.path), hold)
    served(page).fill("12")
    with page.expect_request(is_save):
        served(page).press("Tab")
    page.get_by_role("button", name="Check and submit").click()
    assert slow  # which nobody has answered yet
    sent.set()
    for save in slow:
        save.continue_()
    expect(page.get_by_text("Handed in. Thank you.")).to_be_visible()


def is_save(request, text=""):
    return "hx-request" in request.headers and text in (request.post_data or "")

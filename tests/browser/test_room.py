"""The screen of a meeting that runs: two who type at once, and a line that is down for a while."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from initiatives.models import Initiative, Organization
from initiatives.permissions import Role
from initiatives.tenancy import scope
from meetings.models import Note
from meetings.services.agendas import accept_item, propose_item
from meetings.services.bodies import add_seats, create_body
from meetings.services.running import next_item, start_meeting
from meetings.services.series import create_series, open_meeting
from tests.browser.conftest import PHONE, SECONDS
from tests.meetings.conftest import member

pytestmark = pytest.mark.browser


def begin(slug, is_on=True):
    """A meeting that runs, with two seats and two items, the first of them on; its number."""
    initiative = Initiative.objects.create(slug=slug, name="Room")
    with scope(initiative.pk):
        backbone = Organization.here(code=f"bb-{slug}", name="Backbone", kind="backbone")
        backbone.state = "active"
        backbone.save()
        manager = member(backbone, Role.PROJECT_MANAGER, "pat")
        organizations = []
        for code in ("ark", "bee"):
            row = Organization.here(code=f"{code}-{slug}", name=code.title(), state="active")
            row.save()
            member(row, Role.PARTNER_LEAD, "lee")
            organizations.append(row)
        body = create_body(actor=manager, name="Steering")
        add_seats(actor=manager, body=body, organizations=organizations)
        begins = timezone.now() - timedelta(minutes=5)
        series = create_series(
            actor=manager,
            body=body,
            name="Steering",
            starts_on=begins.date(),
            starts_at=begins.time().replace(second=0, microsecond=0),
            minutes=60,
            time_zone="UTC",
        )
        meeting = open_meeting(actor=manager, series=series, day=begins.date())
        for title in ("The van", "The kitchen"):
            item = propose_item(actor=manager, body=body, title=title)
            accept_item(actor=manager, item=item, meeting=meeting)
        start_meeting(actor=manager, meeting=meeting)
        if is_on:
            next_item(actor=manager, meeting=meeting)
        return initiative.pk, meeting.pk


def stored(initiative_id):
    with scope(initiative_id):
        rows = Note.objects.filter(is_struck=False).order_by("id")
        return sorted((each.text, each.item.title if each.item else "") for each in rows)


class Room:
    """One meeting on the site, and windows onto it."""

    def __init__(self, visitor, site, slug, *, is_on=True):
        self.visitor, self.site, self.slug = visitor, site, slug
        self.initiative_id, self.meeting_id = site.run(begin, slug, is_on)

    def window(self, who, **options):
        email = {"pat": f"pat@bb-{self.slug}.test"}.get(who, f"lee@{who}-{self.slug}.test")
        page = self.visitor.window(email, **options)
        page.goto(f"/i/{self.slug}/meetings/meetings/{self.meeting_id}/run/")
        return page

    def stored(self):
        return self.site.run(stored, self.initiative_id)


@pytest.fixture
def room(visitor, site, request):
    return Room(visitor, site, request.node.name.split("_")[-1])


def note(page):
    return page.get_by_label("Note", exact=True).last


def state(page):
    return page.locator("note-lines .save-state")


def test_the_lines_of_two_typists_survive(room):
    """Each sees the other's lines; what both change at once stays as both wrote it."""
    pat, ark = room.window("pat"), room.window("ark", viewport=PHONE)
    for number in range(3):
        note(pat).press_sequentially(f"Pat {number}")
        note(ark).press_sequentially(f"Ark {number}")
        note(pat).press("Enter")
        note(ark).press("Enter")
    for page in (pat, ark):
        expect(state(page)).to_have_text("Saved")
        for text in ("Pat 0", "Pat 2", "Ark 0", "Ark 2"):
            expect(page.locator("#now .words", has_text=text)).to_be_visible()
    lines = [(f"{who} {number}", "The van") for who in ("Pat", "Ark") for number in range(3)]
    assert room.stored() == sorted(lines)
    other = room.window("pat")
    for page in (pat, other):  # both take up the same line
        page.locator("#now li", has_text="Pat 1").get_by_role("button", name="Change").click()
        expect(note(page)).to_have_value("Pat 1")
    note(other).fill("Pat 1, as of the other window")
    expect(state(other)).to_have_text("Saved")
    note(pat).fill("Pat 1, as of this window")
    expect(state(pat)).to_contain_text("both texts are kept")
    note(pat).press("Enter")
    for page in (pat, ark):
        expect(page.locator("#now .words:visible", has_text="Pat 1, as of")).to_have_count(2)
    texts = [text for text, _item in room.stored()]
    assert {"Pat 1, as of the other window", "Pat 1, as of this window"} <= set(texts)
    assert len(texts) == 7


def test_nothing_typed_is_lost_while_the_line_is_down(room):
    page = room.window("ark", viewport=PHONE)
    note(page).fill("Before")
    expect(state(page)).to_have_text("Saved")
    page.context.set_offline(True)
    note(page).fill("Before it fell")
    note(page).press("Enter")
    note(page).press_sequentially("While it was down")
    note(page).press("Enter")
    note(page).press_sequentially("Half a li")
    expect(state(page)).to_contain_text("No connection")
    expect(page.locator(".waiting li")).to_have_text(["Before it fell", "While it was down"])
    page.wait_for_timeout(5 * SECONDS)  # the screen asks in vain
    expect(note(page)).to_be_in_viewport()
    expect(note(page)).to_be_focused()
    assert room.stored() == [("Before", "The van")]
    page.context.set_offline(False)
    expect(state(page)).to_have_text("Saved")
    expect(page.locator(".waiting li")).to_have_count(0)
    expect(page.locator("#now .words", has_text="While it was down")).to_be_visible()
    assert [text for text, _item in room.stored()] == [
        *("Before it fell", "Half a li", "While it was down"),
    ]
    expect(page.locator("#messages")).not_to_contain_text("connection")
    # The library remarks on every request that fails.
    complaints = room.visitor.complaints
    complaints[:] = [each for each in complaints if "error: htmx:" not in each]


def test_a_window_closed_while_the_line_was_down_sends_it_when_opened_again(room):
    page = room.window("ark")
    page.context.route("**/notes/", lambda route: route.abort())
    note(page).fill("Half a line")
    expect(state(page)).to_contain_text("No connection")
    page.close()
    again = page.context.new_page()
    page.context.unroute("**/notes/")
    again.goto(page.url)
    expect(note(again)).to_have_value("Half a line")
    expect(state(again)).to_have_text("Saved")
    assert room.stored() == [("Half a line", "The van")]


def test_who_runs_it_goes_on_and_the_next_line_belongs_there(room):
    pat, ark = room.window("pat"), room.window("ark")
    note(ark).press_sequentially("Of the van")
    pat.get_by_role("button", name="Next: The kitchen").click()
    for page in (pat, ark):
        expect(page.locator("#now-title")).to_have_text("The kitchen")
    note(ark).press("Enter")  # begun while the van was talked about
    note(ark).press_sequentially("Of the kitchen")
    note(ark).press("Enter")
    ark.locator("note-lines select").select_option("The van")
    ark.wait_for_timeout(5 * SECONDS)  # what was chosen stays chosen
    note(ark).press_sequentially("Of the van again")
    note(ark).press("Enter")
    expect(state(ark)).to_have_text("Saved")
    assert room.stored() == [
        *(("Of the kitchen", "The kitchen"), ("Of the van", "The van")),
        ("Of the van again", "The van"),
    ]


def test_what_was_begun_before_the_first_item_moves_to_it(visitor, site):
    room = Room(visitor, site, "early", is_on=False)
    pat = room.window("pat")
    note(pat).fill("Of the van")
    expect(state(pat)).to_have_text("Saved")
    pat.get_by_text("Note an action").click()
    action = pat.locator("#noted form").first
    action.locator("[name=text]").fill("Order it")
    pat.get_by_role("button", name="Begin with The van").click()
    expect(pat.locator("note-lines select option:checked")).to_have_text("The van")
    expect(action.locator("[name=item] option:checked")).to_have_text("The van")
    expect(action.locator("[name=text]")).to_have_value("Order it")
    note(pat).press("Enter")
    expect(pat.locator("#now .words")).to_have_text("Of the van")
    assert room.stored() == [("Of the van", "The van")]


def test_who_was_signed_out_is_told_and_keeps_the_screen(room):
    page = room.window("ark")
    page.context.clear_cookies()
    expect(page.locator("#messages")).to_contain_text("You are signed out", timeout=10 * SECONDS)
    expect(page.locator("#now-title")).to_have_text("The van")

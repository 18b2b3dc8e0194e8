"""The screen of a meeting that runs: two who type at once, and a line that is down for a while."""

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from initiatives.models import Initiative, Organization
from initiatives.permissions import Role
from initiatives.tenancy import scope
from meetings.models import Attendance, ItemClock, Meeting, Note
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


def attended(initiative_id):
    """Who came, and who of them is still there, by name."""
    with scope(initiative_id):
        rows = Attendance.objects.select_related("person__user").order_by("id")
        return [(str(each.person.user), each.left_at is None) for each in rows]


def plan_again(initiative_id, meeting_id):
    """As if it had not begun."""
    with scope(initiative_id):
        row = Meeting.objects.get(pk=meeting_id)
        row.state, row.started_at, row.version = "agenda_open", None, row.version + 1
        row.save()


def overrun(initiative_id):
    """The clock of what is on has run for an hour."""
    with scope(initiative_id):
        ItemClock.objects.update(started_at=timezone.now() - timedelta(minutes=61))


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
    slug = hashlib.sha256(request.node.name.encode()).hexdigest()[:12]  # short, and its own
    return Room(visitor, site, f"room-{slug}")


def note(page):
    return page.get_by_label("Note", exact=True).last


def go_offline(page, *, is_off):
    """Cut the line or mend it, until the page itself has heard of it."""
    page.context.set_offline(is_off)
    page.wait_for_function("isOff => navigator.onLine !== isOff", arg=is_off)


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


def test_a_line_that_differs_is_kept_once_however_often_it_is_sent(room):
    """The screen sends again what is not confirmed, also while the answer is on its way."""
    pat, other = room.window("pat"), room.window("pat")
    note(pat).fill("First")
    note(pat).press("Enter")
    for page in (pat, other):
        page.locator("#now li", has_text="First").get_by_role("button", name="Change").click()
    note(other).fill("First, as of the other window")
    expect(state(other)).to_have_text("Saved")
    held = []
    pat.route("**/notes/", lambda route: held.append(route) if not held else route.continue_())
    with pat.expect_request("**/notes/"):
        note(pat).fill("First, as of this window")
    for _time in range(2):
        pat.evaluate("window.dispatchEvent(new Event('online'))")
    held[0].continue_()
    expect(state(pat)).to_contain_text("both texts are kept")
    note(pat).fill("First, as of this window, and on")
    note(pat).press("Enter")
    expect(pat.locator("#now .words", has_text="and on")).to_be_visible()
    assert room.stored() == [
        ("First, as of the other window", "The van"),
        ("First, as of this window, and on", "The van"),
    ]


def test_nothing_typed_is_lost_while_the_line_is_down(room):
    page = room.window("ark", viewport=PHONE)
    note(page).fill("Before")
    expect(state(page)).to_have_text("Saved")
    go_offline(page, is_off=True)
    note(page).fill("Before it fell")
    note(page).press("Enter")
    note(page).press_sequentially("While it was down")
    note(page).press("Enter")
    note(page).press_sequentially("Half a li")
    expect(state(page)).to_contain_text("No connection")
    expect(page.locator(".waiting li")).to_have_text(["Before it fell", "While it was down"])
    before = note(page).bounding_box()["y"]
    expect(page.locator("#messages")).to_contain_text("connection")  # the screen asked in vain
    assert abs(note(page).bounding_box()["y"] - before) < 2
    expect(note(page)).to_be_in_viewport()
    expect(note(page)).to_be_focused()
    assert room.stored() == [("Before", "The van")]
    go_offline(page, is_off=False)
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
    expect(state(pat)).to_have_text("Saved")
    assert room.stored() == [("Of the van", "The van")]


def test_who_was_signed_out_is_told_and_keeps_the_screen(room):
    page = room.window("ark")
    page.context.clear_cookies()
    expect(page.locator("#messages")).to_contain_text("You are signed out")
    expect(page.locator("#now-title")).to_have_text("The van")


def test_a_double_click_does_once_what_it_says(room):
    """The second press would meet the button that came in the place of the first."""
    pat, ark = room.window("pat"), room.window("ark", viewport=PHONE)
    ark.locator("#people [aria-pressed]").first.dblclick()
    expect(ark.locator("#people [aria-pressed=true]")).to_have_count(1)
    pat.get_by_role("button", name="Next: The kitchen").dblclick()
    expect(pat.locator("#now-title")).to_have_text("The kitchen")
    pat.wait_for_timeout(1 * SECONDS)
    expect(pat.locator("#now-title")).to_have_text("The kitchen")
    expect(ark.locator("#people [aria-pressed=true]")).to_have_count(1)
    assert room.site.run(attended, room.initiative_id) == [("Lee", True)]


def test_two_who_run_it_end_an_item_and_the_meeting_once(room):
    pat, other = room.window("pat"), room.window("pat", viewport=PHONE)
    other.context.route("**/notes/*", lambda route: route.fulfill(status=304))  # has not heard
    pat.get_by_role("button", name="Next: The kitchen").click()
    expect(pat.locator("#now-title")).to_have_text("The kitchen")
    other.get_by_role("button", name="Next: The kitchen").click()
    expect(other.locator("#now-title")).to_have_text("The kitchen")
    expect(other.get_by_role("button", name="This item is dealt with")).to_be_visible()
    pat.locator("summary", has_text="End the meeting").click()
    pat.locator(".confirm").get_by_role("button", name="End the meeting").click()
    expect(pat.locator("#now")).to_contain_text("The meeting has ended.")
    other.get_by_role("button", name="This item is dealt with").click()
    expect(other.locator("#now .error")).to_contain_text("The meeting is not running.")
    expect(other.locator("#now")).to_contain_text("The meeting has ended.")
    expect(other.locator("summary", has_text="End the meeting")).to_be_hidden()


def test_what_others_write_moves_nothing_under_the_hands(room):
    """Neither what is chosen nor where the keyboard stands changes as the screen is drawn anew."""
    pat, ark = room.window("pat"), room.window("ark")
    chosen = pat.get_by_label("Somebody else")
    chosen.select_option(index=0)
    name = chosen.evaluate("each => each.selectedOptions[0].text")
    pat.locator("#people [aria-pressed]").first.focus()
    for number in range(12):
        note(ark).fill(f"A line of some length that says more of it, {number}")
        note(ark).press("Enter")
    expect(pat.locator("#now .words")).to_have_count(12)
    expect(pat.locator("#people [aria-pressed]").first).to_be_focused()
    assert chosen.evaluate("each => each.selectedOptions[0].text") == name
    expect(ark.locator("#now .words").last).to_be_in_viewport()
    expect(note(ark)).to_be_in_viewport()
    pat.keyboard.press("Enter")
    expect(pat.locator("#people [aria-pressed=true]")).to_have_count(1)
    expect(pat.locator("#people [aria-pressed]").first).to_be_focused()


def test_an_action_half_written_is_kept(room):
    """Beside a decision that is put meanwhile, and when the page is opened anew."""
    pat = room.window("pat")
    pat.get_by_text("Note an action").click()
    action = pat.locator("form:has([value=assign])")
    action.locator("[name=text]").fill("Order two vans")
    pat.get_by_text("Put a decision").click()
    frame = pat.locator("form:has([value=frame])")
    frame.locator("[name=question]").fill("Which vans?")
    frame.locator("[name=options]").nth(0).fill("Electric")
    frame.locator("[name=options]").nth(1).fill("None")
    frame.get_by_role("button", name="Put it", exact=True).click()
    expect(pat.locator("#now, #items")).to_contain_text(["", "Which vans?"])
    for _time in range(2):
        expect(action.locator("[name=text]")).to_have_value("Order two vans")
        expect(frame.locator("[name=question]")).to_have_value("")
        pat.reload()
    expect(pat.locator(".kept:visible")).to_have_count(1)


def test_who_waits_for_the_beginning_sees_it_begin_and_the_clock_run_over(room):
    room.site.run(plan_again, room.initiative_id, room.meeting_id)
    ark, pat = room.window("ark", viewport=PHONE), room.window("pat")
    expect(ark.locator("main")).to_contain_text("It has not begun.")
    pat.get_by_role("button", name="Begin the meeting").click()
    expect(ark.locator("#now-title")).to_be_visible()
    room.site.run(overrun, room.initiative_id)
    pat.reload()
    expect(pat.locator("running-clock")).to_contain_text("over time")


def test_a_line_is_sent_after_a_second_signing_in(room):
    page = room.window("ark")
    page.context.clear_cookies()
    note(page).fill("Written while signed out")
    expect(state(page)).to_contain_text("Sign in again")
    key = room.site.session(f"lee@ark-{room.slug}.test")
    page.context.add_cookies(
        [{"name": "sessionid", "value": key, "url": room.site.address, "httpOnly": True}]
    )
    expect(state(page)).to_have_text("Saved")
    assert room.stored() == [("Written while signed out", "The van")]


def test_presses_that_overtake_each_other_leave_the_screen_as_it_is(room):
    """The first answer comes late, when the button that asked for it was drawn anew by the second."""
    pat = room.window("pat")
    slow = []
    pat.route("**/run/", lambda route: slow.append(route) if not slow else route.continue_())
    first, second = (pat.locator("#people [aria-pressed]").nth(place) for place in (0, 1))
    first.click()
    expect(first).to_be_visible()
    pat.wait_for_timeout(500)
    second.click()
    expect(pat.locator("#people [aria-pressed=true]")).to_have_count(1)
    slow[0].continue_()
    expect(pat.locator("#people [aria-pressed=true]")).to_have_count(2)
    assert sorted(room.site.run(attended, room.initiative_id)) == [("Lee", True), ("Lee", True)]


def test_who_is_elsewhere_reads_when_it_is_there(room):
    """The meeting's own clock first; the reader's beside it where it is another."""
    here, tokyo = (room.window("pat", timezone_id=zone) for zone in ("UTC", "Asia/Tokyo"))
    for page in (here, tokyo):
        page.goto(f"/i/{room.slug}/meetings/meetings/{room.meeting_id}/")
    expect(tokyo.locator("local-time .own").first).to_contain_text("your time")
    expect(here.locator("local-time time[title]").first).to_be_visible()  # the element has run
    assert here.locator("local-time .own").count() == 0

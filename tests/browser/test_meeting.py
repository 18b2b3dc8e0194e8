"""A meeting from its series to its approved minutes, as its people hold it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from initiatives.models import Initiative, Organization
from initiatives.permissions import Role
from initiatives.tenancy import scope
from meetings.services.bodies import add_seats, create_body
from tests.browser.conftest import PHONE
from tests.browser.judging import judge
from tests.meetings.conftest import member

pytestmark = pytest.mark.browser


def seed():
    """An initiative with a body of two seats, and whoever is wanted; the body's number."""
    initiative = Initiative.objects.create(slug="council", name="The council")
    with scope(initiative.pk):
        backbone = Organization.here(code="bb-c", name="Backbone", kind="backbone", state="active")
        backbone.save()
        manager = member(backbone, Role.PROJECT_MANAGER, "pat")
        member(backbone, Role.FACILITATOR, "fran")
        ark, bee = (
            Organization.here(code=f"{name}-c", name=name.title(), state="active")
            for name in ("ark", "bee")
        )
        for organization in (ark, bee):
            organization.save()
            member(organization, Role.PARTNER_LEAD, "lee")
        member(ark, Role.PARTNER_REPORTER, "zoe")
        body = create_body(actor=manager, name="Steering")
        add_seats(actor=manager, body=body, organizations=[ark, bee])
        return body.pk


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def fill(page, **fields):
    """Fill in the form's fields by their names."""
    for name, value in fields.items():
        field = page.locator(f"main [name={name}]:visible")
        if field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def answer(page, form, choice):
    """Answer a question that is asked on a seat's page."""
    page.locator(f"form:has(input[value={form}])").get_by_label(choice, exact=True).check()


def plan(page, body_id):
    """A series, and the agenda of its first meeting; the address of that."""
    page.goto(f"/i/council/meetings/bodies/{body_id}/")
    page.get_by_role("link", name="New series").click()
    day = timezone.localdate() + timedelta(days=2)
    fill(page, name="Council meeting", starts_on=day.isoformat(), starts_at="14:00", quorum="2")
    fill(page, pattern="weekly", time_zone="Europe/Berlin", place="Town hall", notice_days="0")
    press(page, "Save")
    expect(page.get_by_role("heading", name="Council meeting")).to_be_visible()
    page.get_by_role("button", name="Open the agenda").first.click()
    page.wait_for_url("**/meetings/meetings/*/")
    return page.url


def propose(page, meeting):
    page.goto(meeting)
    page.get_by_role("link", name="Propose an item").click()
    fill(page, title="Shall we buy the van?", minutes="20")
    page.get_by_role("radio", name="Decide").check()
    page.locator("main button.primary").click()
    expect(page.locator("#agenda")).to_contain_text("Shall we buy the van?")


def agree_and_ask(fran, pat, meeting):
    """The item is taken up, and every seat is written to."""
    fran.goto(meeting)
    fran.get_by_role("button", name="Put it on this agenda").click()
    expect(fran.locator("#agenda ol.rows")).to_contain_text("Shall we buy the van?")
    pat.goto(meeting)
    pat.locator("form[action$='/ask/'] button").click()


def answer_by_link(visitor, site, who, **options):
    """The page that a letter leads to; nobody signs in."""
    page = visitor.window(viewport=PHONE, **options)
    page.goto(site.link_in_letter(who, "/link/seat/"))
    answer(page, "agenda", "Agree")
    press(page, "Answer")
    expect(page.get_by_text("You agreed to it")).to_be_visible()
    return page


def name_delegate(page):
    page.get_by_text("Somebody else comes for us").click()
    page.get_by_label("Who comes instead").select_option(index=1)
    fill(page, mandate="Only below ten thousand")
    press(page, "Name the delegate")
    expect(page.locator("main")).to_contain_text("Only below ten thousand")


def be_briefed(page):
    expect(page.locator("main")).to_contain_text("Only below ten thousand")
    assert judge(page) == []
    answer(page, "briefing", "We consent")
    press(page, "This is our line")
    expect(page.get_by_text("Briefing answered")).to_be_visible()


def run(page, meeting):
    """The meeting on its screen, until it is over."""
    page.goto(meeting + "run/")
    page.get_by_text("Begin the meeting").click()
    press(page, "Begin it now all the same")
    people = page.locator("#people")
    for name, number in (("Zoe", 0), ("Lee", 1)):  # of Ark, and of Bee
        people.get_by_role("button", name=name).nth(number).click()
        expect(people.get_by_role("button", name=name, pressed=True)).to_be_visible()
    page.get_by_role("button", name="Begin with").click()
    expect(page.locator("#now-title")).to_have_text("Shall we buy the van?")
    page.get_by_label("Note", exact=True).last.fill("Two offers lie on the table")
    expect(page.locator("note-lines .save-state")).to_have_text("Saved")
    page.get_by_text("Put a decision").click()
    form = page.locator("#noted form").last
    form.locator("[name=question]").fill("Which van?")
    for number, text in enumerate(("The small one", "None")):
        form.locator("[name=options]").nth(number).fill(text)
    press(page, "Put it")
    page.locator("#now").get_by_role("link", name="Which van?").click()
    decide(page)
    page.goto(meeting + "run/")
    page.get_by_text("Note an action").click()
    form = page.locator("#noted form").first
    form.locator("[name=text]").fill("Order the van")
    form.locator("[name=organization]").select_option(label="Bee")
    form.locator("[name=due_on]").fill((timezone.localdate() + timedelta(days=30)).isoformat())
    press(page, "Note it")
    expect(page.locator("#now")).to_contain_text("Order the van")
    page.get_by_text("End the meeting").first.click()
    press(page, "End the meeting")
    expect(page.get_by_role("link", name="Minutes")).to_be_visible()


def decide(page):
    """On evidence, with the reason and the dissent."""
    page.get_by_text("Add evidence").click()
    form = page.locator("kept-form[data-name=evidence]")
    form.locator("[name=text]").fill("Two offers, of 8 200 and 9 900")
    form.get_by_role("button", name="Add it").click()
    expect(page.locator("#evidence + ul")).to_contain_text("Two offers, of 8 200 and 9 900")
    form = page.locator("kept-form[data-name=decide]")
    form.get_by_label("The small one").check()
    form.locator("[name=rationale]").fill("It does for all we carry")
    form.locator("[name=dissent]").fill("none")
    form.get_by_role("button", name="It is decided").click()
    expect(page.get_by_role("button", name="Copy to cite")).to_be_visible()
    assert judge(page) == []


def write_minutes(page, meeting):
    page.goto(meeting + "minutes/")
    for step in ("Make the minutes", "Send them to every seat"):
        press(page, step)
        expect(page.get_by_role("button", name=step, exact=True)).to_have_count(0)
    page.get_by_text("Approve: from then on they never change").click()
    press(page, "Approve them now all the same")
    minutes = page.locator("article.minutes")
    for text in ("Two offers lie on the table", "The small one", "Order the van", "Zoe"):
        expect(minutes).to_contain_text(text)
    assert judge(page) == []


def test_a_meeting_from_its_series_to_its_minutes(visitor, site):
    body_id = site.run(seed)
    pat, fran = visitor.window("pat@bb-c.test"), visitor.window("fran@bb-c.test")
    meeting = plan(pat, body_id)
    propose(visitor.window("lee@ark-c.test"), meeting)
    agree_and_ask(fran, pat, meeting)
    name_delegate(answer_by_link(visitor, site, "lee@ark-c.test"))
    answer_by_link(visitor, site, "lee@bee-c.test")
    zoe = visitor.window(viewport=PHONE)
    zoe.goto(site.link_in_letter("zoe@ark-c.test", "/link/seat/"))
    be_briefed(zoe)
    fran.goto(meeting)
    expect(fran.locator("#agenda")).to_contain_text("2 of 2 organizations agree")
    run(fran, meeting)
    write_minutes(fran, meeting)
    assert site.link_in_letter("lee@bee-c.test", "/minutes/")

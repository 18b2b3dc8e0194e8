"""Six organizations agree: from an empty page to the public one, as each of them sees it."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone
from playwright.sync_api import expect

from agenda.models import AgendaVersion
from tests.agenda.ratifying import World
from tests.browser.conftest import PHONE
from tests.waiting import until

pytestmark = pytest.mark.browser

ANSWERED = re.compile("Your answer is in|Yours was the last answer")

TEXTS = {
    "Problem": "Too few children read well.",
    "Vision": "Every child reads with joy.",
    "Primary goal": "By 2030 eight of ten read at level.",
    "Approach": "We read with children every day.",
    "Action": "Each school opens a reading room.",
}


@pytest.fixture
def six(site):
    def made():
        world = World(6, slug="agree")
        # The manager has set up a second factor: the site asks for one.
        Authenticator.objects.create(
            user=world.pm.user, type=Authenticator.Type.TOTP, data={"secret": "unread"}
        )
        return world

    return site.run(made)


def end_comments(world):
    with world.inside():
        AgendaVersion.objects.update(comments_until=timezone.now())


def answer(visitor, lead, path, *exceptions, **options):
    """Answer on a phone: consent to everything but ``exceptions``; once it is said to be in."""
    page = visitor.window(lead.user.email, PHONE, **options)
    page.goto(path)
    for text, stance, reason in exceptions:
        place = page.get_by_role("group").filter(has_text=text).last
        place.get_by_label(stance).check()
        place.get_by_label("Why?").fill(reason)
    page.get_by_role("button", name="Send our answer").click()
    expect(page.get_by_text(ANSWERED)).to_be_visible()
    return page


def until_ratified(page, version):
    """A worker ends the version; who waits for it loads the page again."""

    def look():
        page.goto(version)
        return page.get_by_text("Ratified", exact=True).count()

    until(look, lambda: page.inner_text("main"), every=0.5)


def test_six_organizations_agree(visitor, site, six):
    desk = visitor.window(six.fa.user.email)
    desk.goto("/i/agree/agenda/versions/")
    desk.get_by_role("button", name="Write the first version").click()
    for kind, text in TEXTS.items():
        desk.get_by_label(kind, exact=True).fill(text)
    desk.get_by_role("button", name="Save", exact=True).click()
    desk.get_by_role("button", name="Open it for comments").click()
    expect(desk.get_by_text("Open for comments").first).to_be_visible()
    version = desk.url

    talk = visitor.window(six.leads[0].user.email)
    talk.goto(version)
    vision = talk.get_by_role("article").filter(has_text="with joy")
    vision.get_by_text("Comment").first.click()
    vision.get_by_label("Your comment").fill("Joy is a fine word.")
    vision.get_by_role("button", name="Comment").click()
    expect(talk.get_by_text("Joy is a fine word.")).to_be_visible()

    site.run(lambda: end_comments(six))
    desk.goto(version)
    desk.get_by_role("link", name="Put it to everyone").click()
    desk.get_by_role("button", name="Fix the text and ask everyone").click()
    expect(desk.get_by_text("0 of 6 have answered")).to_be_visible()
    respond = version + "respond/"

    for lead in six.leads[:3]:
        answer(visitor, lead, respond)
    doubt = ("Each school", "With reservation", "Only with a librarian.")
    answer(visitor, six.leads[3], respond, doubt)
    answer(visitor, six.leads[4], respond, java_script_enabled=False)
    last = answer(visitor, six.leads[5], respond, ("Each school", "Object", "Not in ours."))
    expect(last.get_by_text("Not in ours.")).to_be_visible()
    last.goto(respond)
    last.get_by_role("group").filter(has_text="Each school").last.get_by_label("Consent").check()
    last.get_by_role("button", name="Send our answer").click()
    expect(last.get_by_text("Everyone has answered")).to_be_visible()
    until_ratified(last, version)

    manager = visitor.window(six.pm.user.email)
    manager.goto(version)
    manager.get_by_role("button", name="Publish it").click()
    expect(manager.get_by_role("link", name="The public page")).to_be_visible()
    desk.goto("/agenda/agree/")
    expect(desk.get_by_text("Ratified by 6 organizations")).to_be_visible()
    expect(desk.get_by_text("1 reservation open")).to_be_visible()

    ledger = visitor.window(six.leads[3].user.email, PHONE)
    ledger.goto("/i/agree/agenda/reservations/")
    ledger.get_by_role("link", name="Only with a librarian.").click()
    ledger.get_by_role("button", name="Lift it").click()
    expect(ledger.get_by_text("Lifted").first).to_be_visible()
    desk.reload()
    expect(desk.get_by_text("0 reservations open, 1 lifted since version 1")).to_be_visible()


def test_an_answer_is_given_by_keyboard_alone(visitor, site):
    world = site.run(lambda: World(2, slug="keys"))
    path = site.run(lambda: opened(world))
    page = visitor.window(world.leads[0].user.email)
    page.goto(path)
    page.get_by_role("button", name="Send our answer").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your answer is in")).to_be_visible()


def opened(world):
    with world.inside():
        return f"/i/keys/agenda/versions/{world.opened().pk}/respond/"

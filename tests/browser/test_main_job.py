"""The product's main job, end to end, as its people do it: from nothing to a funder's page."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from initiatives.models import Initiative, Organization
from initiatives.tenancy import scope
from measures.models import Calendar, Period
from measures.services.rounds import advance_rounds
from measures.services.setup.assignments import assign
from measures.services.setup.indicators import create_indicator
from measures.services.setup.rounds import open_round
from tests.browser.conftest import PHONE
from tests.waiting import until

pytestmark = pytest.mark.browser

NAME = "Riverside Reads"
PASSWORD = "seven quiet herons wade"
MANAGER, REPORTER, FUNDER = (f"{who}@riverside.test" for who in ("mara", "rae", "finn"))


def sign_up(page: Page, site) -> None:
    page.goto("/account/signup/")
    page.get_by_label("E-mail address").fill(MANAGER)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.locator("main button.primary").click()
    page.get_by_label("Code").fill(site.code_in_letter(MANAGER))
    page.locator("main button.primary").click()
    page.wait_for_url(lambda url: "/account/" not in url)


def begin(page: Page) -> str:
    """Through the wizard; the address of the new initiative."""
    page.goto("/")
    page.get_by_role("link", name="Begin an initiative").click()
    page.get_by_label("Your name").fill("Mara Lund")
    page.get_by_label("Name of the initiative").fill(NAME)
    page.get_by_label("Your organization").fill("Riverside Backbone")
    page.get_by_label("Place").fill("Riverside")
    page.get_by_label("Time zone").select_option("America/Chicago")
    for _step in range(2):
        page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/i/*/")
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    return page.url


def invite(page: Page, home: str, line: str, role: str) -> None:
    page.goto(home + "organizations/")
    page.get_by_label("Who to invite").fill(line)
    page.get_by_label("As", exact=True).select_option(label=role)
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_text("1 invited.")).to_be_visible()


def accept_invitation(page: Page, site, email: str) -> None:
    page.goto(site.link_in_letter(email, "/link/invitation/"))
    page.get_by_label("Choose a password").fill(PASSWORD)
    page.get_by_role("button", name="Accept and begin").click()
    # Who only reads, and for whom nothing waits, is led on to the numbers.
    expect(page).to_have_url(re.compile(r"/i/[^/]+/(measures/)?$"))


def has_calendar(initiative_id: int) -> bool:
    with scope(initiative_id):
        return Period.objects.filter(frequency="year").count() > 1


def agree_on_an_indicator() -> None:
    """What is asked of whom, and a round for it that is open now."""
    initiative = Initiative.objects.get(name=NAME)
    until(lambda: has_calendar(initiative.pk), "laid out by a worker", every=0.2)
    with scope(initiative.pk):
        calendar, partners = Calendar.objects.get(), Organization.objects.filter(kind="partner")
        last_year = Period.objects.get(
            calendar=calendar, frequency="year", starts_on__year=timezone.localdate().year - 1
        )
        indicator = create_indicator(
            actor=None,
            code="readers",
            name="Children who read",
            kind="count",
            calendar=calendar,
            frequency="year",
        )
        assign(actor=None, indicator=indicator, organizations=partners)
        open_round(actor=None, period=last_year, opens_at=timezone.now())
        advance_rounds()


def report(page: Page, home: str) -> None:
    page.goto(home)
    page.get_by_role("link", name="Report ").click()
    page.get_by_label("Children who read", exact=True).fill("1204")
    page.get_by_role("button", name="Check and submit").click()
    expect(page.get_by_text("Handed in. Thank you.")).to_be_visible()


def accept(page: Page, home: str) -> None:
    page.goto(home)
    page.get_by_role("link", name="Review the numbers of ").click()
    page.get_by_role("link", name="North Clinic").click()
    page.get_by_role("button", name="Accept", exact=True).click()
    expect(page.get_by_text("1 accepted.")).to_be_visible()


def share(page: Page, home: str) -> str:
    page.goto(home + "measures/shares/")
    page.get_by_label("For whom").fill("The council")
    page.get_by_role("button", name="Make a link").click()
    return page.locator("copy-text code").inner_text()


def shows(page: Page, url: str, text: str) -> None:
    """Look again until the number is there: the page of somebody who just waits for it."""

    def look() -> bool:
        page.goto(url)
        return text in page.locator("main").inner_text()

    until(look, f"{text} on {url}", every=1)


def test_main_job(visitor, site):
    manager, reporter = visitor.window(), visitor.window(viewport=PHONE)
    funder, reader = visitor.window(), visitor.window()
    sign_up(manager, site)
    home = begin(manager)
    invite(manager, home, f"North Clinic; Rae Nord; {REPORTER}", "Partner reporter")
    invite(manager, home, f"Riverside Fund; Finn Abara; {FUNDER}", "Funder")
    accept_invitation(reporter, site, REPORTER)
    accept_invitation(funder, site, FUNDER)
    site.run(agree_on_an_indicator)
    link = share(manager, home)
    reader.goto(link)
    assert "1,204" not in reader.locator("main").inner_text()
    report(reporter, home)
    accept(manager, home)
    shows(funder, home + "measures/", "1,204")
    shows(reader, link, "1,204")

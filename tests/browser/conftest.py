"""A real browser at a real site. What a page must never do is watched on every page of every test."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from backbone.management import twins
from initiatives.permissions import Role
from initiatives.tenancy import scope
from measures.choices import SubmissionState
from measures.models import Entry, Submission
from tests.browser.site import Site
from tests.waiting import PATIENCE

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1440, "height": 900}
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
SECONDS = 1000
# For what a page is to show: how long a machine may stand still, not how slow the product may be.
PATIENT = PATIENCE // 2 * SECONDS

expect.set_options(timeout=PATIENT)


@pytest.fixture(scope="package")
def site(django_db_blocker):
    """The stack, with the twins in its database."""
    var = Path(tempfile.mkdtemp(prefix="concert-browser-"))
    running = Site(var, django_db_blocker.unblock)
    try:
        running.start()
        running.twins = running.run(twins.seed)
        yield running
    finally:
        running.stop()
        shutil.rmtree(var, ignore_errors=True)


@pytest.fixture(scope="package")
def browser(site):
    """Ends with this folder: while the driver's event loop runs, Django works in no other test."""
    program = subprocess.run(
        ["bin/browser"], cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    )
    assert program.returncode == 0, program.stderr
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=program.stdout.strip(), args=ARGUMENTS, timeout=PATIENT
        )
        yield launched
        launched.close()


class Visitor:
    """Opens windows for people, and remembers what went wrong in any of them."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self.browser, self.site = browser, site
        self.contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def window(self, email: str = "", viewport: dict[str, int] = DESK, **options) -> Page:
        """A window of somebody who is signed in, or of a stranger."""
        context = self.browser.new_context(
            base_url=self.site.address, viewport=viewport, locale="en-US", **options
        )
        self.contexts.append(context)
        context.set_default_timeout(PATIENT)
        if email:
            key = self.site.session(email)
            context.add_cookies(
                [{"name": "sessionid", "value": key, "url": self.site.address, "httpOnly": True}]
            )
        page = context.new_page()
        self.watch(page)
        return page

    def watch(self, page: Page) -> None:
        """Nothing from another host, no error in the console, no refusal by the policy."""
        page.on("request", lambda request: self._note_host(page, request.url))
        page.on("console", lambda said: self._note_console(page, said))
        page.on("pageerror", lambda error: self._note(page, f"script: {error}"))

    def _note(self, page: Page, text: str) -> None:
        self.complaints.append(f"{urlsplit(page.url).path}: {text}")

    def _note_host(self, page: Page, url: str) -> None:
        if not url.startswith((self.site.address + "/", "data:", "blob:", "about:")):
            self._note(page, f"asked {url}")

    def _note_console(self, page: Page, said) -> None:
        # The browser itself remarks on every answer of 4xx; those a test asks for on purpose.
        if said.type in {"error", "warning"} and "Failed to load resource" not in said.text:
            self._note(page, f"{said.type}: {said.text}")

    def close(self) -> None:
        for context in self.contexts:
            context.close()


@pytest.fixture
def visitor(browser, site):
    made = Visitor(browser, site)
    yield made
    made.close()
    assert made.complaints == []


@pytest.fixture
def form(site):
    """A form of the second twin that nobody has written on; who may, and where it is."""
    twin = site.twins[1]
    site.run(_wipe, twin)
    return Form(
        f"/i/{twin.slug}/measures/form/{twin.objects['submission_id']}/",
        twin.person(Role.PARTNER_REPORTER, "first"),
        twin.person(Role.PARTNER_LEAD, "first"),
    )


class Form(NamedTuple):
    path: str
    reporter: str
    lead: str


def _wipe(twin) -> None:
    with scope(twin.initiative_id):
        row = Submission.objects.get(pk=twin.objects["submission_id"])
        Entry.objects.filter(submission=row).delete()
        row.state, row.submitted_at, row.submitted_by = SubmissionState.DRAFT, None, None
        row.accepted_at = timezone.now()  # opened again: its fact does not stand in a field
        row.save()

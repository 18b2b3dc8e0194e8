"""Every page, as a machine can judge it: readable by everyone, on every screen, light in weight."""

import json
import os
from pathlib import Path

import pytest

from config import stack
from tests.browser import pages
from tests.browser.conftest import DESK, Visitor
from tests.browser.judging import judge

pytestmark = pytest.mark.browser

REFUSED = {403, 404}
MOST_QUERIES = 17  # with the two ends of the transaction
MOST_BYTES = 100_000
MOST_BYTES_OF = {"measures:submission": 60_000, "form_link": 60_000}
CHARTS = "/plotly"
# Not pages: what machines read, downloads, and doors that only lead on.
NO_PAGE = {301, 302, 405}
"""What a GET may answer instead of a page."""
READ_ANEW = {"meetings:notes"}
"""Parts of a page that tell it to be loaded again, before there is anything on it to change."""


class Weight:
    """What a window receives over the wire, compressed as it comes, by address."""

    def __init__(self, page) -> None:
        self.addresses: dict[str, str] = {}
        self.received: dict[str, int] = {}
        wire = page.context.new_cdp_session(page)
        wire.on("Network.requestWillBeSent", self._asked)
        wire.on("Network.loadingFinished", self._came)
        wire.send("Network.enable")
        wire.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def _asked(self, event) -> None:
        self.addresses[event["requestId"]] = event["request"]["url"]

    def _came(self, event) -> None:
        url = self.addresses.get(event["requestId"], "")
        if not url.startswith("data:"):
            self.received[url] = int(event["encodedDataLength"])

    @property
    def charts(self) -> bool:
        return any(CHARTS in url for url in self.received)

    @property
    def total(self) -> int:
        return sum(size for url, size in self.received.items() if CHARTS not in url)


class Tour:
    """One window per person, kept from page to page."""

    def __init__(self, browser, site) -> None:
        self.visitor = Visitor(browser, site)
        self.site = site
        self.windows, self.keys = {}, {}
        self.places = {place.name: place for place in pages.places(site.twins[0])}
        site.run(pages.secure, site.twins[0].people[1]["email"])
        self.records: dict[str, dict[str, int]] = {}

    def key(self, email: str) -> str:
        if email and email not in self.keys:
            self.keys[email] = self.site.session(email)
        return self.keys.get(email, "")

    def visit(self, place: pages.Place) -> tuple[str, pages.Answer]:
        """What the first says whom the place does not refuse."""
        for email in place.emails:
            answer = self.site.run(pages.ask, place.path, self.key(email))
            if answer.status not in REFUSED:
                break
        return email, answer

    def window(self, email: str):
        if email not in self.windows:
            page = self.visitor.window(email)
            self.windows[email] = page, Weight(page)
        page, weight = self.windows[email]
        weight.received.clear()
        self.visitor.complaints.clear()
        page.set_viewport_size(DESK)
        page.emulate_media(color_scheme="light")
        return page, weight


@pytest.fixture(scope="module")
def tour(browser, site):
    made = Tour(browser, site)
    yield made
    made.visitor.close()
    place = Path(os.environ.get("PAGES_RECORD") or stack.var() / "pages.json")
    place.write_text(json.dumps(dict(sorted(made.records.items())), indent=1) + "\n")


@pytest.mark.parametrize("name", pages.names())
def test_page(tour, name):
    place = tour.places[name]
    email, answer = tour.visit(place)
    if answer.kind != "text/html" or answer.status in NO_PAGE:
        assert answer.status in {200, *NO_PAGE}, f"{place.path}: {answer.status}"
        return
    if name in READ_ANEW:
        assert answer.status == 204, place.path
        return
    assert answer.status == 200, place.path
    page, weight = tour.window(email)
    page.goto(place.path)
    said = judge(page)
    tour.records[name] = {"bytes": weight.total, "queries": answer.queries}
    assert said == []
    assert tour.visitor.complaints == []
    assert answer.queries <= MOST_QUERIES
    assert weight.total <= MOST_BYTES_OF.get(name, MOST_BYTES), weight.received
    assert not weight.charts or page.locator("chart-figure").count(), "charts nobody asked for"

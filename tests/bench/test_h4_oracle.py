"""H4: how long an answer takes does not tell whether what was asked for is somebody else's.

The answers themselves are held by ``tests/isolation/test_lists.py``; a time belongs here. To see
it fail: look for the indicator without its initiative in ``measures.views.setup.indicators.seen``
and raise 404 only after its rollups were counted.
"""

import logging
import statistics

import pytest

from initiatives.models import Initiative, Organization
from initiatives.tenancy import scope
from measures.models import Indicator
from tests.bench.harness import said, seconds, times
from tests.bench.pages import Site
from tests.bench.world import APART

ASKED = 200
FURTHEST = 1.2  # either way
NEVER = 987_654_321


def paths(large):
    """What is asked for, at an address of somebody else's and at one of nobody's."""
    with scope(large.first):
        indicator = Indicator.objects.earliest("pk").pk
        organization = Organization.objects.earliest("pk").pk
    Initiative.objects.get_or_create(slug="of-others", defaults={"name": "Of others"})
    for what, there, own in (
        ("an indicator", "/i/bench-0/measures/indicators/{}/", indicator),
        ("its set-up", "/i/bench-0/measures/setup/indicators/{}/", indicator),
        ("an organization", "/i/bench-0/organizations/{}/", organization),
    ):
        yield what, there.format(own), there.format(own + APART), there.format(NEVER)
    yield "an initiative", "/i/bench-0/", "/i/of-others/", "/i/of-nobody/"


@pytest.fixture
def quietly():
    """A log line for each answer would be most of what is measured."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("quietly")
def test_a_foreign_id_takes_as_long_as_none(large, bench):
    assert large.initiatives > 1, "one initiative has no ids of another: raise BENCH_OBSERVATIONS"
    site = Site("project_manager@bench.test")
    for what, own, foreign, nobodys in paths(large):
        assert site.get(own)[0] in {200, 302}, own
        taken = {foreign: [], nobodys: []}
        for number in range(ASKED + 10):
            # Each goes first as often as the other.
            for path in (foreign, nobodys) if number % 2 else (nobodys, foreign):
                found = seconds(lambda path=path: asked(site, path))
                if number >= 10:
                    taken[path].append(found)
        there, nowhere = (statistics.median(taken[path]) for path in (foreign, nobodys))
        ratio = there / nowhere
        bench.add(
            "H4",
            f"404 of {what} of others, median of {ASKED}",
            said(there),
            f"of nobody {said(nowhere)}",
            times(ratio),
            goal="0.83× – 1.20×",
            is_met=1 / FURTHEST <= ratio <= FURTHEST,
        )


def asked(site, path):
    assert site.get(path)[0] == 404

"""P3: the dashboard of 30 indicators and 12 periods, against hello through the same middlewares.

To see it fail: render the template twice in ``measures.views.dashboards.dashboard``.
"""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.bench.harness import percentile, said, seconds, times
from tests.bench.pages import Site

READS = 40
ADDRESS = "/i/bench-0/measures/"


def many(ask):
    def work():
        for _ in range(READS):
            ask()

    return work


def test_dashboard(large, bench):
    site = Site("data_manager@bench.test")
    status, headers, body = site.get(ADDRESS)
    assert status == 200
    assert body.count(b"Indicator ") >= 30
    bench.compare(
        "P3",
        f"dashboard, 30 indicators × 12 periods, {READS} reads",
        many(lambda: site.get(ADDRESS)),
        many(lambda: site.get("/hello")),
        goal=10,
        base="hello, same middlewares",
    )
    tag = headers["ETag"]
    assert site.get(ADDRESS, tag)[0] == 304
    bench.compare(
        "P3",
        f"the same, unchanged (304), {READS} reads",
        many(lambda: site.get(ADDRESS, tag)),
        many(lambda: site.get("/hello")),
        goal=4,
        base="hello, same middlewares",
    )
    mine = [seconds(lambda: site.get(ADDRESS)) for _ in range(100)]
    theirs = [seconds(lambda: site.get("/hello")) for _ in range(100)]
    slow, base = percentile(mine, 0.95), percentile(theirs, 0.5)
    bench.add(
        "P3",
        "dashboard, slowest of twenty (p95), against hello's median",
        said(slow),
        said(base),
        times(slow / base),
        goal="≤ 20×",
        is_met=slow <= 20 * base,
    )


def test_queries_of_the_dashboard(large, bench):
    site = Site("data_manager@bench.test")
    site.get(ADDRESS)
    with CaptureQueriesContext(connection) as queries:
        site.get(ADDRESS)
    count = len(queries)
    bench.add(
        "P3",
        "queries of the dashboard",
        str(count),
        "",
        str(count),
        goal="≤ 12",
        is_met=count <= 12,
    )

"""P7: bytes over the wire of a first visit, compressed, scripts and styles and fonts included.

To see it fail: link the chart library from ``templates/base.html``.
"""

import re

from django.contrib.staticfiles import finders

from tests.bench.pages import Site, compressed

LINKED = re.compile(rb'(?:href|src)="/static/([^"?#]+)"')
INSIDE = re.compile(
    rb"url\(['\"]?([^)'\"]+)['\"]?\)|@import\s+['\"]([^'\"]+)['\"]|from\s*['\"](\./[^'\"]+)['\"]"
)


def assets(body):
    """What a page links, and what that links."""
    found, waiting = {}, [each.decode() for each in LINKED.findall(body)]
    while waiting:
        name = waiting.pop()
        place = finders.find(name)
        if name in found or not place:
            continue
        with open(place, "rb") as file:  # noqa: PTH123
            found[name] = file.read()
        if name.endswith((".css", ".js")):
            folder = name.rpartition("/")[0]
            for groups in INSIDE.findall(found[name]):
                inner = next(each for each in groups if each).decode()
                if not inner.startswith(("data:", "http", "#")):
                    waiting.append(
                        re.sub(r"[^/]+/\.\./", "", f"{folder}/{inner.removeprefix('./')}")
                    )
    return found


def weight(body):
    packed = (".woff2", ".png", ".jpg", ".webp")
    linked = assets(body)
    return compressed(body) + sum(
        len(each) if name.endswith(packed) else compressed(each) for name, each in linked.items()
    ), linked


def test_first_visits(large, bench):
    for role, address, what, most in (
        (
            "partner_reporter",
            "/i/bench-0/measures/own/",
            "an organization's own page, where its forms are",
            60_000,
        ),
        ("data_manager", "/i/bench-0/measures/", "dashboard before charts", 100_000),
    ):
        status, _headers, body = Site(f"{role}@bench.test").get(address)
        assert status == 200
        size, linked = weight(body)
        assert linked, "styles at least"
        assert not any("plotly" in name for name in linked)
        bench.add(
            "P7",
            f"{what}, {len(linked)} files",
            f"{size / 1000:.0f} kB",
            "",
            f"{size / 1000:.0f} kB",
            goal=f"≤ {most // 1000} kB",
            is_met=size <= most,
        )

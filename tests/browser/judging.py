"""What a machine can say of a page: axe-core's rules, and whether it fits the screen."""

import json

from axe_playwright_python.base import AXE_SCRIPT

from tests.browser.conftest import PHONE

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ALL_RULES = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
COLORS = {
    "runOnly": {"type": "rule", "values": ["color-contrast"]},
    "resultTypes": ["violations"],
}


def violations(page, rules) -> list[str]:
    found = page.evaluate(f"axe.run(document, {json.dumps(rules)})")["violations"]
    return [
        f"{each['id']}: {node['target']} {node['html'][:160]} {_said(node)}"
        for each in found
        for node in each["nodes"]
    ]


def _said(node) -> str:
    return "; ".join(each["message"] for each in [*node["any"], *node["all"], *node["none"]])


def sideways(page) -> list[str]:
    over = page.evaluate(
        "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
    )
    width = page.viewport_size["width"]
    return [f"{over} px beyond a screen of {width}"] if over > 0 else []


def judge(page) -> list[str]:
    """Both themes at both widths: all rules once for each width, colors for each theme."""
    page.evaluate(AXE_SCRIPT)
    said = [*violations(page, ALL_RULES), *sideways(page)]
    page.emulate_media(color_scheme="dark")
    said += violations(page, COLORS)
    page.set_viewport_size(PHONE)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    said += sideways(page)
    said += violations(page, COLORS)
    page.emulate_media(color_scheme="light")
    return said + violations(page, ALL_RULES)

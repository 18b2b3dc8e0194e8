"""What a browser calls itself, in words that its owner would use."""

from django import template
from django.utils.translation import gettext as _

register = template.Library()

# In this order: most claim to be the ones below them as well.
PROGRAMS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "CrOS": "ChromeOS",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}
LONGEST = 60


@register.filter
def browser(agent: str) -> str:
    """Say "Firefox on Windows" for what a browser sends; what nobody knows as it came, shortened."""
    program = _first(PROGRAMS, agent)
    system = _first(SYSTEMS, agent)
    if program and system:
        return _("%(program)s on %(system)s") % {"program": program, "system": system}
    return program or system or agent[:LONGEST] or _("Unknown browser")


def _first(names: dict[str, str], agent: str) -> str:
    return next((name for mark, name in names.items() if mark in agent), "")

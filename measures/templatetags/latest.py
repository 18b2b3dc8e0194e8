"""The table of latest numbers, its rows written in one go.

It stands on the dashboard, which is made anew whenever a number changes: a template's words, a
dozen to a row, took longer than finding the numbers.
"""

from collections.abc import Iterable

from django import template
from django.urls import reverse
from django.utils.formats import localize
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from measures.selectors.figures import Figure

register = template.Library()

ROW = (
    '<tr><th scope="row"><a href="{own}">{name}</a> <small class="{kind}">{period}</small></th>'
    '<td class="r{missing}" data-label="{latest_label}">{number}</td>'
    '<td class="r" data-label="{change_label}">{change}</td>'
    '<td class="r" data-label="{target_label}">{target}</td>'
    '<td data-label="{progress_label}">{progress}</td>'
    '<td class="r" data-label="{reported_label}">{reported}</td></tr>'
)
COMING = '{} <small class="line">{}</small>'
NUMBER = '<a href="{}">{}<span class="visually-hidden"> {}</span></a>'
# As components/status_pill.html has it.
PILL = '<span class="pill {}"><svg class="icon" aria-hidden="true"><use href="#i-{}"></use></svg><span>{}</span></span>'
NONE = "–"
PLACES = (1_000_000_001, 1_000_000_002)  # stand for an indicator and a period in an address


@register.simple_tag
def latest_rows(figures: Iterable[Figure], slug: str) -> SafeString:
    """A row for each figure: its latest number, change, target, progress, and who reported."""
    own, origin = _address("measures:indicator", slug, 1), _address("measures:computed", slug, 2)
    words = {
        "latest_label": _("Latest"),
        "change_label": _("Change"),
        "target_label": _("Target"),
        "progress_label": _("Progress"),
        "reported_label": _("Reported"),
    }
    how, star = _("How was this computed?"), _("*")
    return format_html_join(
        "\n",
        "{}",
        ((_row(each, words, how, star, own, origin),) for each in figures),
    )


def _row(
    figure: Figure, words: dict[str, str], how: str, star: str, own: str, origin: str
) -> SafeString:
    latest, verdict, key = figure.latest, figure.verdict, figure.indicator.pk
    share = " %" if figure.indicator.unit == "%" else ""
    number: str | SafeString = figure.value or NONE
    if figure.known and latest:
        value = f"{figure.value}{share}"
        number = format_html(NUMBER, origin.format(key, latest.period_id), value, how)
    progress: str | SafeString = ""
    if verdict:
        progress = format_html(PILL, verdict.tone, verdict.icon, verdict.brief or verdict.words)
    target: str | SafeString = figure.goal_value and f"{figure.goal_value}{share}"
    if coming := figure.coming_goal:
        since = _("from %(period)s") % {"period": coming.period}
        target = format_html(COMING, target, since)
    return format_html(
        ROW,
        **words,
        own=own.format(key),
        name=figure.indicator.name,
        kind="nowrap" if figure.known else "line",
        period=latest.period if figure.known and latest else figure.nothing,
        missing="" if figure.known else " missing",
        number=number,
        change=f"{figure.difference or NONE}{star if figure.then else ''}",
        target=target,
        progress=progress,
        reported=f"{localize(latest.reported)} / {localize(latest.expected)}" if latest else "",
    )


def _address(name: str, slug: str, places: int) -> str:
    """An address with places left open for numbers: to ask for each one costs as much as its row."""
    left = reverse(name, args=[slug, *PLACES[:places]])
    parts = []
    for place in reversed(PLACES[:places]):
        left, _found, right = left.rpartition(str(place))
        parts.append(right)
    return "{}".join([left, *reversed(parts)])

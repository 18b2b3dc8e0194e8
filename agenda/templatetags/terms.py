"""Texts in which agreed terms open their meaning, by tap, hover or keyboard and without a script."""

import re
from collections.abc import Iterable
from itertools import count
from typing import Any

from django import template
from django.template.defaultfilters import urlize
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from agenda.arithmetic.words import Found, split_by_terms
from agenda.selectors.glossary import Linkable, linkable

register = template.Library()
# The group keeps the addresses when a line is split by them.
ADDRESS = re.compile(r"(https?://\S+)")
HELD, NOTED = "_linkable_terms", "_noted_terms"


@register.simple_tag(takes_context=True)
def linked_terms(context: Any, text: str | None, *, addresses: bool = False) -> SafeString:
    """The text, escaped, with line breaks, and each agreed term in it as a button.

    ``addresses``: what is written as an address of the web leads there.

    The glossary is read once for a page, however many texts it has.
    """
    terms, numbers = _held(getattr(context, "request", None))
    by_id = {each.term_id: each for each in terms}
    forms = [(form, each.term_id) for each in terms for form in each.forms]
    slug = _slug(context)
    lines = (text or "").replace("\r\n", "\n").split("\n")
    return format_html_join(
        format_html("<{}>", "br"),
        "{}",
        (
            (
                format_html_join(
                    "",
                    "{}",
                    (
                        (_piece(each, by_id, next(numbers), slug),)
                        for part in (ADDRESS.split(line) if addresses else [line])
                        for each in _split(part, forms)
                    ),
                ),
            )
            for line in lines
        ),
    )


@register.simple_tag(takes_context=True)
def named_terms(context: Any, text: str | None) -> str:
    """The text as it is, where no button may stand: in a link, a label, an option.

    ``words_here`` beneath it shows what its terms mean.
    """
    request = getattr(context, "request", None)
    if request is not None and text:
        terms, _numbers = _held(request)
        forms = [(form, each.term_id) for each in terms for form in each.forms]
        noted = request.__dict__.setdefault(NOTED, {})
        noted |= {each.key: None for each in split_by_terms(str(text), forms) if each.key}
    return text or ""


@register.inclusion_tag("agenda/_words_here.html", takes_context=True)
def words_here(context: Any) -> dict[str, Any]:
    """What the terms mean that ``named_terms`` found since the last time, to be opened."""
    return {"terms": found_terms(context), "slug": _slug(context)}


@register.inclusion_tag("agenda/_terms_in.html", takes_context=True)
def terms_in(context: Any, *texts: str | None) -> dict[str, Any]:
    """Beneath a field in which texts are changed: the agreed terms in them, each once, as buttons
    that open what it means.
    """
    terms, numbers = _held(getattr(context, "request", None))
    forms = [(form, each.term_id) for each in terms for form in each.forms]
    said = {
        each.key for text in texts if text for each in split_by_terms(str(text), forms) if each.key
    }
    slug = _slug(context)
    return {
        "pieces": [
            _button(each, each.label, next(numbers), slug) for each in terms if each.term_id in said
        ]
    }


@register.simple_tag(takes_context=True)
def found_terms(context: Any) -> list[Linkable]:
    """The terms that ``named_terms`` found since the last time, by name."""
    request = getattr(context, "request", None)
    noted = request.__dict__.pop(NOTED, {}) if request is not None else {}
    return [each for each in _held(request)[0] if each.term_id in noted] if noted else []


def _held(request: Any) -> tuple[list[Linkable], Any]:
    """What the request holds of the glossary; without a request it is read anew."""
    if request is None:
        return linkable(), count()
    if not hasattr(request, HELD):
        setattr(request, HELD, (linkable(), count()))
    found: tuple[list[Linkable], Any] = getattr(request, HELD)
    return found


def _slug(context: Any) -> str:
    membership = getattr(getattr(context, "request", None), "membership", None)
    return membership.initiative.slug if membership else ""


def _split(part: str, forms: list[tuple[str, int]]) -> Iterable[Found | SafeString]:
    """The terms in a part of a line; an address is one piece, whatever words it has."""
    return (
        [urlize(part, autoescape=True)] if ADDRESS.fullmatch(part) else split_by_terms(part, forms)
    )


def _piece(
    found: Found | SafeString, by_id: dict[int, Linkable], number: int, slug: str
) -> str | SafeString:
    if isinstance(found, SafeString):
        return found
    if found.key is None:
        return found.text
    return _button(by_id[found.key], found.text, number, slug)


def _button(term: Linkable, text: str, number: int, slug: str) -> SafeString:
    target = f"term-{term.term_id}-{number}"
    return format_html(
        '<span class="term"><button type="button" popovertarget="{}" title="{}">{}</button>'
        '<span popover id="{}" class="meaning"><b>{}</b> {}{}</span></span>',
        target,
        term.meaning,
        text,
        target,
        term.label,
        term.meaning,
        _more(term, slug),
    )


def _more(term: Linkable, slug: str) -> str | SafeString:
    if not slug:
        return ""
    url = reverse("agenda:term", args=[slug, term.term_id])
    return format_html(' <a href="{}">{}</a>', url, _("In the glossary"))

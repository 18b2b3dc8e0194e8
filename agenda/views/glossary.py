"""The glossary: words, what they mean here, and what each organization means by them."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agenda.forms.glossary import (
    MapForm,
    MoveTermForm,
    NewTermForm,
    RedefineForm,
    RenameForm,
    VariantForm,
    VersionForm,
)
from agenda.models import GlossaryTerm, TermVariant
from agenda.selectors.glossary import entry_of, glossary_for
from agenda.services import glossary as words
from initiatives.access import InitiativeRequest, initiative_view
from initiatives.permissions import Permission


@require_safe
@initiative_view(Permission.AGENDA_VIEW)
def glossary(request: InitiativeRequest) -> HttpResponse:
    """All terms with their meanings."""
    return render(request, "agenda/glossary.html", {"terms": glossary_for(request.membership)})


@require_http_methods(["GET", "POST"])
@initiative_view(Permission.AGENDA_GLOSSARY_PROPOSE)
def term_new(request: InitiativeRequest) -> HttpResponse:
    """Propose a word."""
    form = NewTermForm(request.POST or None)
    if form.is_valid():
        try:
            found = words.propose_term(actor=request.membership, **form.cleaned_data)
            return _back(request, found)
        except ValidationError as error:
            form.add_error(None, error)
    status = 422 if form.is_bound else 200
    return render(request, "agenda/term_form.html", {"form": form}, status=status)


@require_safe
@initiative_view(Permission.AGENDA_VIEW)
def term(request: InitiativeRequest, term_id: int) -> HttpResponse:
    """One word: its meaning, its versions, how each organization uses it."""
    return _page(request, _seen(request, term_id))


def _seen(request: Any, term_id: int) -> GlossaryTerm:
    found: GlossaryTerm = get_object_or_404(
        GlossaryTerm.objects.visible_to(request.membership), pk=term_id
    )
    return found


def _page(request: Any, found: GlossaryTerm, *, status: int = 200, **more: Any) -> HttpResponse:
    entry = entry_of(request.membership, found)
    ours = (
        {e: getattr(entry.ours, e) for e in ("mapping", "label", "meaning")} if entry.ours else {}
    )
    latest = entry.latest
    shown = {"version": found.version, "meaning": latest.text if latest else ""}
    context = {
        "entry": entry,
        "saying": VariantForm(initial=ours, auto_id="saying_%s"),
        "defining": RedefineForm(initial=shown, auto_id="defining_%s"),
        "renaming": RenameForm(initial=RenameForm.values_of(found), auto_id="renaming_%s"),
        "mapping": MapForm(auto_id="mapping_%s"),
    } | more
    return render(request, "agenda/term.html", context, status=status)


def _back(request: Any, found: GlossaryTerm) -> HttpResponse:
    return redirect("agenda:term", request.membership.initiative.slug, found.pk)


def _decide(
    request: Any, found: GlossaryTerm, name: str, form: forms.Form, decide: Callable[..., object]
) -> HttpResponse:
    """Do what the form asks, or show the page again with what was typed and what is wrong."""
    form.auto_id = f"{name}_%s"
    if form.is_valid():
        try:
            decide(actor=request.membership, **form.cleaned_data)
            return _back(request, found)
        except ValidationError as error:
            form.add_error(None, error)
    return _page(request, _seen(request, found.pk), status=422, **{name: form})


@require_POST
@initiative_view(Permission.AGENDA_GLOSSARY_PROPOSE)
def term_define(request: InitiativeRequest, term_id: int) -> HttpResponse:
    """Put the meaning into other words."""
    found, form = _seen(request, term_id), RedefineForm(request.POST)
    return _decide(request, found, "defining", form, lambda **k: words.define_term(term=found, **k))


@require_POST
@initiative_view(Permission.AGENDA_GLOSSARY_EDIT)
def term_rename(request: InitiativeRequest, term_id: int) -> HttpResponse:
    """Write it differently."""
    found, form = _seen(request, term_id), RenameForm(request.POST)
    return _decide(request, found, "renaming", form, lambda **k: words.rename_term(term=found, **k))


@require_POST
@initiative_view(Permission.AGENDA_GLOSSARY_EDIT)
def term_agree(request: InitiativeRequest, term_id: int) -> HttpResponse:
    """Agree on the latest meaning."""
    found, form = _seen(request, term_id), VersionForm(request.POST)
    return _decide(request, found, "refusing", form, lambda **k: words.agree_term(term=found, **k))


@require_POST
@initiative_view(Permission.AGENDA_GLOSSARY_EDIT)
def term_move(request: InitiativeRequest, term_id: int) -> HttpResponse:
    """Discuss it, or use it no longer."""
    found, form = _seen(request, term_id), MoveTermForm(request.POST)
    return _decide(request, found, "refusing", form, lambda **k: words.move_term(term=found, **k))


@require_POST
@initiative_view(Permission.AGENDA_VIEW)
def variant_say(request: InitiativeRequest, term_id: int) -> HttpResponse:
    """Say how one's own organization uses it."""
    found, form = _seen(request, term_id), VariantForm(request.POST)
    return _decide(request, found, "saying", form, lambda **k: words.say_variant(term=found, **k))


@require_POST
@initiative_view(Permission.AGENDA_VIEW)
def variant_map(request: InitiativeRequest, term_id: int, variant_id: int) -> HttpResponse:
    """Say what a clashing word corresponds to."""
    rows = TermVariant.objects.visible_to(request.membership).select_related("term")
    found: TermVariant = get_object_or_404(rows, pk=variant_id, term=_seen(request, term_id))
    form = MapForm(request.POST)
    return _decide(
        request, found.term, "mapping", form, lambda **k: words.map_variant(variant=found, **k)
    )

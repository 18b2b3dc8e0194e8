"""Other words for one statement: proposed beside it, and decided there."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agenda.forms.versions import AmendmentForm, WordForm
from agenda.models import Amendment
from agenda.selectors.amendments import may_amend
from agenda.services import amendments as deciding
from agenda.views.versions import found, page
from initiatives.access import InitiativeRequest, initiative_view
from initiatives.permissions import Permission


@require_POST
@initiative_view(Permission.AGENDA_COMMENT)
def amendment_create(request: InitiativeRequest, agenda_id: int) -> HttpResponse:
    """Propose other words for a statement, or draft them for who may."""
    agenda, form = found(request, agenda_id), AmendmentForm(request.POST)
    key = request.POST.get("key", "").replace("\0", "")[:16]
    if form.is_valid():
        try:
            deciding.write_amendment(
                actor=request.membership, agenda=agenda, dimension_key=key, **form.cleaned_data
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            if not may_amend(request.membership):
                messages.success(request, _("Kept. Your lead sees it and can propose it."))
            return _at(request, agenda.pk, key)
    return page(request, agenda, status=422, amending=_typed(form, request, "to_text", key=key))


@require_POST
@initiative_view(Permission.AGENDA_COMMENT)
def amendment_send(request: InitiativeRequest, amendment_id: int) -> HttpResponse:
    """Propose what somebody of one's own organization drafted."""
    row = _own(request, amendment_id)
    return _done(
        request,
        row,
        lambda: deciding.send_amendment(actor=request.membership, amendment=row),
    )


@require_POST
@initiative_view(Permission.AGENDA_COMMENT)
def amendment_withdraw(request: InitiativeRequest, amendment_id: int) -> HttpResponse:
    """Take one's own words back."""
    row = _own(request, amendment_id)
    return _done(
        request,
        row,
        lambda: deciding.withdraw_amendment(actor=request.membership, amendment=row),
    )


@require_POST
@initiative_view(Permission.AGENDA_DRAFT)
def amendment_decide(request: InitiativeRequest, amendment_id: int) -> HttpResponse:
    """Take the words up, or decline them with a word."""
    rows = Amendment.objects.visible_to(request.membership).select_related("agenda__initiative")
    row: Amendment = get_object_or_404(rows, pk=amendment_id)
    form = WordForm(request.POST)
    if form.is_valid():
        accepts = request.POST.get("choice") == "accept"
        decide = deciding.accept_amendment if accepts else deciding.decline_amendment
        try:
            decide(actor=request.membership, amendment=row, word=form.cleaned_data["word"])
            return _at(request, row.agenda_id, row.dimension_key)
        except ValidationError as error:
            form.add_error(None, error)
    typed = _typed(form, request, "word", pk=row.pk, key=row.dimension_key)
    return page(request, row.agenda, status=422, answering=typed)


def _own(request: InitiativeRequest, amendment_id: int) -> Amendment:
    rows = Amendment.objects.visible_to(request.membership).filter(
        organization_id=request.membership.organization_id
    )
    row: Amendment = get_object_or_404(rows.select_related("agenda__initiative"), pk=amendment_id)
    return row


def _typed(form: Any, request: InitiativeRequest, name: str, **more: Any) -> dict[str, Any]:
    """What was typed, and what is wrong with it, for the place on the page where it stood."""
    errors = [each for found in form.errors.values() for each in found]
    reason = request.POST.get("reason", "")
    return {name: request.POST.get(name, ""), "reason": reason, "error": " ".join(errors)} | more


def _done(request: InitiativeRequest, row: Amendment, work: Any) -> HttpResponse:
    try:
        work()
    except ValidationError as error:
        return page(request, row.agenda, status=422, refused=error.messages)
    return _at(request, row.agenda_id, row.dimension_key)


def _at(request: InitiativeRequest, agenda_id: int, key: str) -> HttpResponse:
    to = redirect("agenda:agenda_version", request.membership.initiative.slug, agenda_id)
    return redirect(f"{to.url}#d-{key}")

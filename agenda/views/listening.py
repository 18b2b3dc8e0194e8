"""Listening rounds: prepared, opened, watched, closed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agenda.forms.listening import ExtendForm, FacetForm, RoundForm
from agenda.forms.versions import ReasonForm
from agenda.models import Asked, ListeningRound, RoundFacet
from agenda.selectors.listening import asked_of, desk_of
from agenda.services import facets, listening as rounds
from initiatives.access import InitiativeRequest, initiative_view
from initiatives.idempotency import once
from initiatives.permissions import Permission


def seen(request: InitiativeRequest, listening_id: int) -> ListeningRound:
    """A round that the member may see, or 404."""
    found: ListeningRound = get_object_or_404(
        ListeningRound.objects.visible_to(request.membership), pk=listening_id
    )
    return found


@require_safe
@initiative_view(Permission.AGENDA_POSITIONS_VIEW)
def listening(request: InitiativeRequest, listening_id: int) -> HttpResponse:
    """One round: what is asked, who has answered, what can be done now."""
    return _page(request, seen(request, listening_id))


def _page(request: Any, round_: ListeningRound, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "desk": desk_of(request.membership, round_),
        "own": asked_of(request.membership).filter(round=round_).first(),
        "listens": request.membership.may(Permission.AGENDA_LISTEN),
        "extending": more.get("extending") or ExtendForm(),
        "refused": more.get("refused"),
    }
    return render(request, "agenda/listening.html", context, status=status)


@require_http_methods(["GET", "POST"])
@initiative_view(Permission.AGENDA_LISTEN)
@once
def listening_new(request: InitiativeRequest) -> HttpResponse:
    """Prepare a round."""
    form = RoundForm(request.POST or None)
    if form.is_valid():
        round_ = rounds.prepare_round(actor=request.membership, **form.values)
        return redirect("agenda:listening", request.membership.initiative.slug, round_.pk)
    status = 422 if form.is_bound else 200
    return render(request, "agenda/listening_form.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@initiative_view(Permission.AGENDA_LISTEN)
@once
def listening_edit(request: InitiativeRequest, listening_id: int) -> HttpResponse:
    """Say anew what a round is about, before it is opened."""
    round_ = seen(request, listening_id)
    form = RoundForm(request.POST or None, initial=RoundForm.values_of(round_))
    if form.is_valid():
        try:
            rounds.update_round(actor=request.membership, round_=round_, **form.values)
            return redirect("agenda:listening", request.membership.initiative.slug, round_.pk)
        except ValidationError as error:
            form.add_error(None, error)
    context = {"form": form, "round": round_}
    status = 422 if form.is_bound else 200
    return render(request, "agenda/listening_form.html", context, status=status)


@require_http_methods(["GET", "POST"])
@initiative_view(Permission.AGENDA_LISTEN)
@once
def question_new(request: InitiativeRequest, listening_id: int) -> HttpResponse:
    """Ask one question more."""
    return _question(request, seen(request, listening_id), None)


@require_http_methods(["GET", "POST"])
@initiative_view(Permission.AGENDA_LISTEN)
@once
def question_edit(request: InitiativeRequest, listening_id: int, facet_id: int) -> HttpResponse:
    """Ask a question differently."""
    round_ = seen(request, listening_id)
    return _question(request, round_, get_object_or_404(round_.facets, pk=facet_id))


def _question(request: Any, round_: ListeningRound, facet: RoundFacet | None) -> HttpResponse:
    form = FacetForm(request.POST or None, initial=FacetForm.values_of(facet) if facet else {})
    if form.is_valid():
        try:
            facets.write_facet(
                actor=request.membership, round_=round_, facet=facet, **form.cleaned_data
            )
            return redirect("agenda:listening", request.membership.initiative.slug, round_.pk)
        except ValidationError as error:
            form.add_error(None, error)
    context = {"form": form, "round": round_, "facet": facet}
    status = 422 if form.is_bound else 200
    return render(request, "agenda/question_form.html", context, status=status)


@require_POST
@initiative_view(Permission.AGENDA_LISTEN)
def question_remove(request: InitiativeRequest, listening_id: int, facet_id: int) -> HttpResponse:
    """Do not ask a question after all."""
    round_ = seen(request, listening_id)
    facet = get_object_or_404(round_.facets, pk=facet_id)
    return _done(
        request, round_, lambda: facets.remove_facet(actor=request.membership, facet=facet)
    )


@require_POST
@initiative_view(Permission.AGENDA_LISTEN)
def listening_open(request: InitiativeRequest, listening_id: int) -> HttpResponse:
    """Ask every organization."""
    round_ = seen(request, listening_id)
    done = _("The round is open. Every organization has been written to.")
    return _done(
        request, round_, lambda: rounds.open_round(actor=request.membership, round_=round_), done
    )


@require_POST
@initiative_view(Permission.AGENDA_LISTEN)
def listening_extend(request: InitiativeRequest, listening_id: int) -> HttpResponse:
    """Give more time."""
    round_, form = seen(request, listening_id), ExtendForm(request.POST)
    if form.is_valid():
        try:
            rounds.extend_round(actor=request.membership, round_=round_, closes_at=form.closes_at)
            return redirect("agenda:listening", request.membership.initiative.slug, round_.pk)
        except ValidationError as error:
            form.add_error(None, error)
    return _page(request, round_, status=422, extending=form)


@require_POST
@initiative_view(Permission.AGENDA_LISTEN)
def listening_close(request: InitiativeRequest, listening_id: int) -> HttpResponse:
    """Take no more positions."""
    round_ = seen(request, listening_id)
    return _done(
        request, round_, lambda: rounds.close_round(actor=request.membership, round_=round_)
    )


@require_POST
@initiative_view(Permission.AGENDA_LISTEN)
def organization_excuse(
    request: InitiativeRequest, listening_id: int, organization_id: int
) -> HttpResponse:
    """Take an organization out of the round that nobody belongs to, in the open."""
    round_ = seen(request, listening_id)
    rows = Asked.objects.visible_to(request.membership).select_related("round")
    asked = get_object_or_404(rows, round=round_, organization=organization_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        refused = [each for errors in form.errors.values() for each in errors]
        return _page(request, round_, status=422, refused=refused)
    reason = form.cleaned_data["reason"]
    return _done(
        request,
        round_,
        lambda: rounds.excuse_organization(actor=request.membership, asked=asked, reason=reason),
    )


def _done(request: Any, round_: ListeningRound, decide: Any, said: str = "") -> HttpResponse:
    try:
        decide()
    except ValidationError as error:
        return _page(request, round_, status=422, refused=error.messages)
    if said:
        messages.success(request, said)
    return redirect("agenda:listening", request.membership.initiative.slug, round_.pk)

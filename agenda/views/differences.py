"""Differences: the board, and the page on which both sides find their words."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agenda.forms.differences import (
    ArrangeForm,
    CommentForm,
    DifferenceForm,
    FairForm,
    HolderForm,
    MoveForm,
    ProposalForm,
    RefusalForm,
    ReopenForm,
    ResolutionForm,
    SideForm,
)
from agenda.models import Difference, DifferenceSide, Resolution
from agenda.selectors.differences import board_for, whole
from agenda.services.differences import board, resolutions
from initiatives.access import InitiativeRequest, initiative_view
from initiatives.idempotency import once
from initiatives.permissions import Permission


@require_safe
@initiative_view(Permission.AGENDA_POSITIONS_VIEW)
def differences(request: InitiativeRequest) -> HttpResponse:
    """The board: what is seen differently, and how far the talk is."""
    return render(request, "agenda/differences.html", {"columns": board_for(request.membership)})


@require_http_methods(["GET", "POST"])
@initiative_view(Permission.AGENDA_DIFFERENCE_NOTE)
@once
def difference_new(request: InitiativeRequest) -> HttpResponse:
    """Note that something is seen in two ways."""
    form = DifferenceForm(request.POST or None)
    if form.is_valid():
        found = board.note_difference(actor=request.membership, **form.values)
        return _back(request, found)
    status = 422 if form.is_bound else 200
    return render(request, "agenda/difference_form.html", {"form": form}, status=status)


@require_safe
@initiative_view(Permission.AGENDA_POSITIONS_VIEW)
def difference(request: InitiativeRequest, difference_id: int) -> HttpResponse:
    """One difference: both sides' words, the talk, proposals, how it was settled."""
    return _page(request, _seen(request, difference_id))


def _seen(request: Any, difference_id: int) -> Difference:
    rows = Difference.objects.visible_to(request.membership).select_related(
        "round", "facet", "facilitator__user"
    )
    found: Difference = get_object_or_404(rows, pk=difference_id)
    return found


def _side(request: Any, difference_id: int, side_id: int) -> DifferenceSide:
    rows = DifferenceSide.objects.visible_to(request.membership).select_related("difference")
    found: DifferenceSide = get_object_or_404(rows, pk=side_id, difference=difference_id)
    return found


def _resolution(request: Any, difference_id: int, resolution_id: int) -> Resolution:
    rows = Resolution.objects.visible_to(request.membership).select_related("difference")
    found: Resolution = get_object_or_404(rows, pk=resolution_id, difference=difference_id)
    return found


def _page(request: Any, found: Difference, *, status: int = 200, **more: Any) -> HttpResponse:
    who = request.membership
    context = {
        "whole": whole(who, found),
        "comment": CommentForm(auto_id="comment_%s", membership=who, difference=found),
        "proposing": ProposalForm(auto_id="proposing_%s"),
        "resolving": ResolutionForm(auto_id="resolving_%s", membership=who, difference=found),
        "reopening": ReopenForm(auto_id="reopening_%s"),
        "refusal": RefusalForm(auto_id="refusal_%s"),
        "moving": MoveForm(auto_id="moving_%s"),
        "holder": HolderForm(membership=who),
        "arranging": ArrangeForm(
            auto_id="arranging_%s", membership=who, initial=ArrangeForm.values_of(found)
        ),
    } | more
    return render(request, "agenda/difference.html", context, status=status)


def _back(request: Any, found: Difference) -> HttpResponse:
    return redirect("agenda:difference", request.membership.initiative.slug, found.pk)


def _decide(
    request: Any, found: Difference, name: str, form: forms.Form, decide: Callable[..., object]
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


@require_http_methods(["GET", "POST"])
@initiative_view(Permission.AGENDA_DIFFERENCE_NOTE)
def side_edit(request: InitiativeRequest, difference_id: int, side_id: int) -> HttpResponse:
    """Put a view into other words."""
    side = _side(request, difference_id, side_id)
    shown = {each: getattr(side, each) for each in ("label", "statement", "version")}
    form = SideForm(request.POST or None, initial=shown)
    if form.is_valid():
        try:
            board.word_side(actor=request.membership, side=side, **form.cleaned_data)
            return _back(request, side.difference)
        except ValidationError as error:
            form.add_error(None, error)
    status = 422 if form.is_bound else 200
    return render(request, "agenda/side_form.html", {"form": form, "side": side}, status=status)


@require_POST
@initiative_view(Permission.AGENDA_DIFFERENCE_CONFIRM)
def side_fair(request: InitiativeRequest, difference_id: int, side_id: int) -> HttpResponse:
    """This states our view fairly."""
    side, form = _side(request, difference_id, side_id), FairForm(request.POST)
    return _decide(
        request, side.difference, "refusing", form, lambda **k: board.call_fair(side=side, **k)
    )


@require_POST
@initiative_view(Permission.AGENDA_DIFFERENCE_CONFIRM)
def side_take(request: InitiativeRequest, difference_id: int, side_id: int) -> HttpResponse:
    """This is the view of our organization."""
    side = _side(request, difference_id, side_id)
    own = request.membership.organization
    form = forms.Form(request.POST)
    return _decide(
        request,
        side.difference,
        "refusing",
        form,
        lambda **k: board.take_side(side=side, organization=own, **k),
    )


@require_POST
@initiative_view(Permission.AGENDA_DIFFERENCE_FACILITATE)
def side_assign(request: InitiativeRequest, difference_id: int, side_id: int) -> HttpResponse:
    """Say which organization holds a view, for it to confirm."""
    side = _side(request, difference_id, side_id)
    form = HolderForm(request.POST, membership=request.membership)
    return _decide(
        request, side.difference, "holder", form, lambda **k: board.take_side(side=side, **k)
    )


@require_POST
@initiative_view(Permission.AGENDA_DIFFERENCE_FACILITATE)
def difference_move(request: InitiativeRequest, difference_id: int) -> HttpResponse:
    """Take it on, or back to the talk."""
    found, form = _seen(request, difference_id), MoveForm(request.POST)
    return _decide(
        request, found, "moving", form, lambda **k: board.move_difference(difference=found, **k)
    )


@require_POST
@initiative_view(Permission.AGENDA_DIFFERENCE_FACILITATE)
def difference_arrange(request: InitiativeRequest, difference_id: int) -> HttpResponse:
    """How severe, who leads the talk, when to look again."""
    found = _seen(request, difference_id)
    form = ArrangeForm(request.POST, membership=request.membership)
    return _decide(
        request,
        found,
        "arranging",
        form,
        lambda **k: board.arrange_difference(difference=found, **k),
    )


@require_POST
@initiative_view(Permission.AGENDA_DIFFERENCE_NOTE)
@once
def difference_comment(request: InitiativeRequest, difference_id: int) -> HttpResponse:
    """Say something, or answer somebody."""
    found = _seen(request, difference_id)
    form = CommentForm(request.POST, membership=request.membership, difference=found)
    return _decide(
        request, found, "comment", form, lambda **k: board.comment_difference(difference=found, **k)
    )


@require_POST
@initiative_view(Permission.AGENDA_DIFFERENCE_NOTE)
@once
def difference_propose(request: InitiativeRequest, difference_id: int) -> HttpResponse:
    """Propose how to settle it."""
    found, form = _seen(request, difference_id), ProposalForm(request.POST)
    return _decide(
        request, found, "proposing", form, lambda **k: board.make_proposal(difference=found, **k)
    )


@require_POST
@initiative_view(Permission.AGENDA_DIFFERENCE_NOTE)
def difference_resolve(request: InitiativeRequest, difference_id: int) -> HttpResponse:
    """Put a resolution before the sides."""
    found = _seen(request, difference_id)
    form = ResolutionForm(request.POST, membership=request.membership, difference=found)
    return _decide(
        request,
        found,
        "resolving",
        form,
        lambda **k: resolutions.propose_resolution(difference=found, **k),
    )


@require_POST
@initiative_view(Permission.AGENDA_DIFFERENCE_CONFIRM)
def resolution_confirm(
    request: InitiativeRequest, difference_id: int, resolution_id: int
) -> HttpResponse:
    """Say yes for one's organization."""
    row, form = _resolution(request, difference_id, resolution_id), forms.Form(request.POST)
    return _decide(
        request,
        row.difference,
        "refusing",
        form,
        lambda **k: resolutions.confirm_resolution(resolution=row, **k),
    )


@require_POST
@initiative_view(Permission.AGENDA_DIFFERENCE_CONFIRM)
def resolution_refuse(
    request: InitiativeRequest, difference_id: int, resolution_id: int
) -> HttpResponse:
    """Say no, or not yet, for one's organization, and why."""
    row, form = _resolution(request, difference_id, resolution_id), RefusalForm(request.POST)
    return _decide(
        request,
        row.difference,
        "refusal",
        form,
        lambda **k: resolutions.refuse_resolution(resolution=row, **k),
    )


@require_POST
@initiative_view(Permission.AGENDA_DIFFERENCE_NOTE)
def resolution_withdraw(
    request: InitiativeRequest, difference_id: int, resolution_id: int
) -> HttpResponse:
    """Take a resolution back, to talk on."""
    row, form = _resolution(request, difference_id, resolution_id), forms.Form(request.POST)
    return _decide(
        request,
        row.difference,
        "refusing",
        form,
        lambda **k: resolutions.withdraw_resolution(resolution=row, **k),
    )


@require_POST
@initiative_view(Permission.AGENDA_DIFFERENCE_CONFIRM)
def difference_reopen(request: InitiativeRequest, difference_id: int) -> HttpResponse:
    """Open it again, with a reason."""
    found, form = _seen(request, difference_id), ReopenForm(request.POST)
    return _decide(
        request,
        found,
        "reopening",
        form,
        lambda **k: resolutions.reopen_difference(difference=found, **k),
    )

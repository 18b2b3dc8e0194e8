"""The ledger of reservations, and each of them through time."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agenda.forms.answers import KeepForm
from agenda.models import Reservation
from agenda.selectors.reservations import history_of, ledger
from agenda.services import reservations as deciding
from initiatives.access import InitiativeRequest, initiative_view
from initiatives.permissions import Permission


@require_safe
@initiative_view(Permission.AGENDA_VIEW)
def reservations(request: InitiativeRequest) -> HttpResponse:
    """Every reservation that the reader may see: open ones first."""
    return render(request, "agenda/reservations.html", {"ledger": ledger(request.membership)})


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.AGENDA_VIEW)
def reservation(request: InitiativeRequest, reservation_id: int) -> HttpResponse:
    """One reservation with its record; its own organization says it anew."""
    row = _found(request, reservation_id)
    if request.method != "POST":
        return _page(request, row)
    form = KeepForm(request.POST)
    if form.is_valid():
        try:
            deciding.keep(actor=request.membership, reservation=row, **form.cleaned_data)
            return redirect(request.path)
        except ValidationError as error:
            form.add_error(None, error)
    return _page(request, row, form=form, status=422)


@require_POST
@initiative_view(Permission.AGENDA_RESERVE)
def reservation_lift(request: InitiativeRequest, reservation_id: int) -> HttpResponse:
    """Take one's own reservation back."""
    return _do(request, reservation_id, deciding.lift)


@require_POST
@initiative_view(Permission.AGENDA_RESERVE)
def reservation_overtaken(request: InitiativeRequest, reservation_id: int) -> HttpResponse:
    """Agree that one's own reservation has lost its subject."""
    return _do(request, reservation_id, deciding.confirm_overtaken)


@require_POST
@initiative_view(Permission.AGENDA_COMMENT)
def reservation_review(request: InitiativeRequest, reservation_id: int) -> HttpResponse:
    """Take a reservation up again."""
    return _do(request, reservation_id, deciding.review)


def _do(request: InitiativeRequest, reservation_id: int, work: Any) -> HttpResponse:
    row = _found(request, reservation_id)
    text = request.POST.get("reason", "").replace("\0", "")[:2000]
    try:
        work(actor=request.membership, reservation=row, text=text)
    except ValidationError as error:
        return _page(request, row, status=422, refused=error.messages)
    return redirect("agenda:reservation", request.membership.initiative.slug, row.pk)


def _page(
    request: InitiativeRequest, row: Reservation, *, status: int = 200, **context: Any
) -> HttpResponse:
    row.refresh_from_db()
    member = request.membership
    context = {
        "reservation": row,
        "history": history_of(row),
        "is_own": member.may(Permission.AGENDA_RESERVE)
        and member.organization_id == row.organization_id,
        "form": KeepForm(reservation=row),
        "is_gone": not row.agenda.dimensions.filter(key=row.dimension_key).exists(),
        "refused": [],
    } | context
    return render(request, "agenda/reservation.html", context, status=status)


def _found(request: InitiativeRequest, reservation_id: int) -> Reservation:
    rows = Reservation.objects.visible_to(request.membership).select_related(
        "organization", "agenda", "raised_in"
    )
    row: Reservation = get_object_or_404(rows, pk=reservation_id)
    return row

"""Who sits in a body, and how often they come."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from initiatives.access import InitiativeRequest, initiative_view
from initiatives.permissions import Permission
from meetings.forms.bodies import AttendanceForm, HolderForm
from meetings.models import Seat
from meetings.selectors.heat_map import heat_map, may_compare
from meetings.selectors.rights import may_in_body, permit
from meetings.services.bodies import end_seat, fill_seat, may_fill
from meetings.views.agendas import status_of

A_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEETINGS_VIEW)
def seat_holder(request: InitiativeRequest, body_id: int, seat_id: int) -> HttpResponse:
    """Say who holds a seat: a lead for the own organization, the backbone for all."""
    found, actor = _seat(request, body_id, seat_id), request.membership
    if not may_fill(actor, found):
        raise PermissionDenied
    initial = {"holder": found.holder_id, "version": found.version}
    form = HolderForm(request.POST or None, actor=actor, seat=found, initial=initial)
    if form.is_valid():
        try:
            fill_seat(actor=actor, seat=found, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return redirect("meetings:body", actor.initiative.slug, body_id)
    may_end = may_in_body(actor, Permission.MEETINGS_EDIT, body_id)
    context = {"form": form, "seat": found, "may_end": may_end}
    return render(request, "meetings/seat_holder.html", context, status=status_of(form))


@require_POST
@initiative_view(Permission.MEETINGS_EDIT, also_given=True)
def seat_end(request: InitiativeRequest, body_id: int, seat_id: int) -> HttpResponse:
    """Take a seat away from today on."""
    permit(may_in_body(request.membership, Permission.MEETINGS_EDIT, body_id))
    end_seat(actor=request.membership, seat=_seat(request, body_id, seat_id))
    return redirect("meetings:body", request.membership.initiative.slug, body_id)


@require_safe
@initiative_view(Permission.MEETINGS_VIEW)
def attendance(request: InitiativeRequest) -> HttpResponse:
    """Who comes: by organization, level and quarter."""
    actor = request.membership
    if not may_compare(actor):
        raise PermissionDenied
    form = AttendanceForm(request.GET, actor=actor)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = heat_map(actor, **chosen)
    # All on one page for paper; otherwise so many that a phone can be scrolled through.
    a_page = max(len(found.rows), 1) if "all" in request.GET else A_PAGE
    page = Paginator(found.rows, a_page).get_page(request.GET.get("page"))
    context = {"map": found, "page": page, "form": form, "own": actor.organization.name}
    return render(request, "meetings/attendance.html", context)


def _seat(request: InitiativeRequest, body_id: int, seat_id: int) -> Any:
    rows = Seat.objects.visible_to(request.membership).filter(body=body_id)
    return get_object_or_404(
        rows.select_related("body", "organization", "holder__user"), pk=seat_id
    )

"""Reservations that somebody drafts for the lead of the organization."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agenda.forms.answers import DraftSheet
from agenda.models import AgendaVersion
from agenda.selectors.people import speakers_of
from agenda.selectors.ratification import dimensions_asked, party_of
from agenda.selectors.reservations import drafts_of, takes_drafts
from agenda.services.drafts import save_drafts
from agenda.services.versions import ConflictError
from agenda.views.versions import found
from initiatives.access import InitiativeRequest, initiative_view
from initiatives.permissions import Permission

UNPROCESSABLE, CONFLICT = 422, 409


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.AGENDA_RESERVATION_DRAFT)
def reservation_drafts(request: InitiativeRequest, agenda_id: int) -> HttpResponse:
    """Write down what one's organization has doubts about; who may answer sends it."""
    agenda = found(request, agenda_id)
    if request.method != "POST":
        return _page(request, agenda, _sheet(request, agenda))
    sheet = DraftSheet(dimensions_asked(agenda), {}, request.POST)
    try:
        save_drafts(actor=request.membership, agenda=agenda, noted=sheet.noted)
    except ConflictError as error:
        sheet.beside(_sheet(request, agenda))
        return _page(request, agenda, sheet, status=CONFLICT, conflict=error.messages)
    except ValidationError as error:
        return _page(request, agenda, sheet, status=UNPROCESSABLE, refused=error.messages)
    messages.success(request, _("Kept. Who answers for your organization sees it and sends it."))
    return redirect(request.path)


def _sheet(request: InitiativeRequest, agenda: AgendaVersion) -> DraftSheet:
    drafts = drafts_of(agenda, request.membership)
    return DraftSheet(dimensions_asked(agenda), drafts)


def _page(
    request: InitiativeRequest,
    agenda: AgendaVersion,
    sheet: DraftSheet,
    *,
    status: int = 200,
    **context: object,
) -> HttpResponse:
    organization_id = request.membership.organization_id
    context |= {
        "agenda": agenda,
        "sheet": sheet,
        "is_taken": takes_drafts(agenda, party_of(agenda, organization_id)),
        "speakers": speakers_of([organization_id]),
    }
    return render(request, "agenda/reservation_drafts.html", context, status=status)

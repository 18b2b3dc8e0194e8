"""The common agenda at a glance."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agenda.selectors.overview import overview_for
from initiatives.access import InitiativeRequest, initiative_view
from initiatives.permissions import Permission


@require_safe
@initiative_view(Permission.AGENDA_VIEW)
def overview(request: InitiativeRequest) -> HttpResponse:
    """Where the common agenda stands: what is being listened to, what differs, what is agreed."""
    return render(request, "agenda/overview.html", {"overview": overview_for(request.membership)})

"""All views of a round, side by side."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from agenda.selectors import views
from agenda.views.listening import seen
from initiatives.access import InitiativeRequest, initiative_view
from initiatives.permissions import Permission


@require_safe
@initiative_view(Permission.AGENDA_POSITIONS_VIEW)
def side_by_side(request: InitiativeRequest, listening_id: int) -> HttpResponse:
    """What everyone said, how far apart it is, and how that was computed; after the reveal."""
    round_ = seen(request, listening_id)
    if not round_.is_revealed:
        return redirect("agenda:listening", request.membership.initiative.slug, round_.pk)
    sheet = views.side_by_side(round_, request.membership)
    return render(request, "agenda/side_by_side.html", {"sheet": sheet})

"""Looking through what was talked about and decided."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from initiatives.access import InitiativeRequest, initiative_view
from initiatives.permissions import Permission
from meetings.selectors.search import search as look_for

LONGEST = 200


@require_safe
@initiative_view(Permission.MEETINGS_VIEW)
def search(request: InitiativeRequest) -> HttpResponse:
    """Decisions, items and minutes in which the words are."""
    words = request.GET.get("words", "")[:LONGEST]
    context = {"words": words, "results": look_for(request.membership, words)}
    return render(request, "meetings/search.html", context)

"""Looking through what was talked about and decided."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from initiatives.access import InitiativeRequest, initiative_view
from initiatives.permissions import Permission
from meetings.selectors.search import MOST, cited, search as look_for

LONGEST = 200


@require_safe
@initiative_view(Permission.MEETINGS_VIEW)
def search(request: InitiativeRequest) -> HttpResponse:
    """Decisions, items and minutes in which the words are."""
    words = request.GET.get("words", "")[:LONGEST]
    found = cited(request.membership, words)
    if found is not None:
        return redirect("meetings:decision", request.membership.initiative.slug, found.pk)
    context = {"words": words, "results": look_for(request.membership, words), "most": MOST}
    return render(request, "meetings/search.html", context)

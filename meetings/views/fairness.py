"""Whose proposals get through."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from initiatives.access import InitiativeRequest, initiative_view
from initiatives.permissions import Permission
from meetings.forms.bodies import FairnessForm
from meetings.selectors.fairness import DAYS, fairness_ledger


@require_safe
@initiative_view(Permission.FAIRNESS_VIEW)
def fairness(request: InitiativeRequest) -> HttpResponse:
    """The ledger: by sector for all, in detail for oneself."""
    form = FairnessForm({"days": DAYS} | request.GET.dict(), actor=request.membership)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = fairness_ledger(request.membership, **chosen)
    return render(request, "meetings/fairness.html", {"ledger": found, "form": form})

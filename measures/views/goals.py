"""Which goal of the common agenda an indicator measures."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from initiatives.access import InitiativeRequest, initiative_view
from initiatives.permissions import Permission
from measures.forms.goals import GoalForm
from measures.models import Indicator
from measures.services.setup.goals import point_at_goal


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEASURES_EDIT)
def indicator_goal(request: InitiativeRequest, indicator_id: int) -> HttpResponse:
    """Choose the goal; the indicator's page then names it."""
    indicator = get_object_or_404(Indicator.objects.visible_to(request.membership), pk=indicator_id)
    form = GoalForm(request.POST if request.method == "POST" else None, indicator=indicator)
    if form.is_valid():
        point_at_goal(actor=request.membership, indicator=indicator, goal=form.cleaned_data["goal"])
        return redirect("measures:indicator", request.membership.initiative.slug, indicator.pk)
    context = {"form": form, "indicator": indicator}
    status = 422 if form.is_bound else 200
    return render(request, "measures/indicator_goal.html", context, status=status)

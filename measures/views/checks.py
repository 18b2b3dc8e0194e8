"""Whether the numbers are what the facts make them."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from initiatives.access import InitiativeRequest, initiative_view
from initiatives.permissions import Permission
from measures.selectors import checks


@require_safe
@initiative_view(Permission.MEASURES_COLLECT)
def rollup_checks(request: InitiativeRequest) -> HttpResponse:
    context = {"checks": checks.checks(), "alarm": checks.alarms().first()}
    return render(request, "measures/rollup_checks.html", context)

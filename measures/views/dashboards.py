"""The numbers: of everyone, of one's own organization, of one indicator, and how each came about."""

from dataclasses import replace
from functools import partial

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from initiatives.access import InitiativeRequest, initiative_view
from initiatives.ids import is_id
from initiatives.permissions import Permission
from initiatives.revalidation import revalidated, shared_part
from measures import charts
from measures.exports.numbers import numbers_for
from measures.models import Indicator
from measures.selectors import computed as computing, dashboards, lenses, reports
from measures.selectors.noted import all_with_notes, with_notes
from measures.selectors.revisions import version_of_numbers


@require_safe
@initiative_view(Permission.MEASURES_VIEW)
@revalidated(version_of_numbers)
def dashboard(request: InitiativeRequest) -> HttpResponse:
    if not request.membership.is_reader:
        numbers_shown = shared_part(request, "dashboard", partial(_numbers_of_all, request))
        return render(request, "measures/dashboard.html", {"numbers": numbers_shown})
    shown = dashboards.dashboard(request.membership)
    report = reports.report(request.membership, shown)
    initiative = request.membership.initiative
    context = {
        "dashboard": shown,
        "report": report,
        "figures": [
            (each, charts.trend(each), reports.citation(initiative, each))
            for each in report.figures
        ],
    }
    return render(request, "measures/report.html", context)


def _numbers_of_all(request: InitiativeRequest) -> SafeString:
    membership = request.membership
    shown = dashboards.dashboard(membership)
    context = {
        "dashboard": shown,
        "chart": charts.trend(shown.first) if shown.first else None,
        "slug": membership.initiative.slug,
        "permissions": membership.permissions,
    }
    return render_to_string("measures/_dashboard.html", context)


@require_safe
@initiative_view(Permission.MEASURES_VIEW)
@revalidated(version_of_numbers)
def own_dashboard(request: InitiativeRequest) -> HttpResponse:
    membership = request.membership
    shown = dashboards.own_dashboard(membership)
    noted = all_with_notes(membership, shown.figures, {membership.organization_id})
    context = {
        "dashboard": replace(shown, figures=noted),
        "is_asked": bool(noted) or dashboards.is_asked(membership),
        "imports": membership.may(Permission.MEASURES_IMPORT),
    }
    return render(request, "measures/own_dashboard.html", context)


@require_safe
@initiative_view(Permission.MEASURES_VIEW)
@revalidated(version_of_numbers)
def indicator(request: InitiativeRequest, indicator_id: int) -> HttpResponse:
    lens = lenses.lens(
        request.membership,
        indicator_id,
        by=request.GET.get("by", ""),
        place_id=asked(request, "place"),
        cell_id=asked(request, "cell"),
    )
    figure = with_notes(request.membership, lens.figure(request.membership), lens.inside)
    places, cells = lens.parts(request.membership, figure)
    context = {
        "lens": lens,
        "figure": figure,
        "chart": charts.trend(figure),
        "cite": reports.citation(request.membership.initiative, figure, whose=lens.whose),
        "base": reports.base_for(request.membership),
        "cells": cells,
        "places": places,
        "waiting": dashboards.waiting(request.membership, [figure]) if lens.is_plain else (),
    }
    return render(request, "measures/indicator.html", context)


@require_safe
@initiative_view(Permission.MEASURES_VIEW)
@revalidated(version_of_numbers)
def computed(request: InitiativeRequest, indicator_id: int, period_id: int) -> HttpResponse:
    explanation = computing.explain(
        request.membership,
        indicator_id,
        period_id,
        cell_id=asked(request, "cell"),
        organization_id=asked(request, "organization"),
        place_id=asked(request, "place"),
    )
    context = {"explanation": explanation, "base": reports.base_for(request.membership)}
    return render(request, "measures/computed.html", context)


@require_safe
@initiative_view(Permission.MEASURES_VIEW)
def numbers(request: InitiativeRequest, indicator_id: int) -> StreamingHttpResponse:
    """Everything that the reader may see of an indicator, as a file."""
    found = get_object_or_404(Indicator.objects.visible_to(request.membership), pk=indicator_id)
    return numbers_for(request.membership, found)


def asked(request: HttpRequest, name: str) -> int | None:
    """A number from the address; anything else asks for nothing."""
    given = request.GET.get(name, "")
    return int(given) if is_id(given) else None

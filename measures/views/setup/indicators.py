"""The short list: indicators, what they mean, and how they come to be agreed."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from initiatives.access import InitiativeRequest, initiative_view
from initiatives.idempotency import once
from initiatives.ids import is_id
from initiatives.permissions import Permission
from initiatives.versions import version_of
from measures.choices import IndicatorState
from measures.forms.setup import DefinitionForm, IndicatorForm
from measures.models import Calendar, Indicator
from measures.selectors import setup as selecting
from measures.services import setup
from measures.views.setup import decided


@require_safe
@initiative_view(Permission.MEASURES_EDIT)
def indicators(request: InitiativeRequest) -> HttpResponse:
    """All indicators, the drafts too."""
    context = {
        "listed": selecting.short_list(request.membership),
        "has_calendars": Calendar.objects.exists(),
    }
    return render(request, "measures/indicators.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEASURES_EDIT)
@once
def indicator_new(request: InitiativeRequest) -> HttpResponse:
    """A draft of an indicator."""
    form = IndicatorForm(request.POST or None, initial=_asked(request))
    if form.is_valid():
        try:
            made = setup.draft_indicator(actor=request.membership, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("measures:indicator_setup", request.membership.initiative.slug, made.pk)
    context = {"form": form, "has_calendars": Calendar.objects.exists()}
    status = 422 if form.is_bound else 200
    return render(request, "measures/indicator_edit.html", context, status=status)


def _asked(request: InitiativeRequest) -> dict[str, str]:
    """The goal that somebody came from, where the page of the agenda led here."""
    return {"goal": request.GET["goal"]} if is_id(request.GET.get("goal", "")) else {}


@require_safe
@initiative_view(Permission.MEASURES_EDIT)
def indicator_setup(request: InitiativeRequest, indicator_id: int) -> HttpResponse:
    """Everything that is laid out about one indicator."""
    found = seen(request, indicator_id)
    context = {"sheet": selecting.indicator_sheet(found), "steps": setup.NEXT[found.state]}
    return render(request, "measures/indicator_setup.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEASURES_EDIT)
@once
def indicator_edit(request: InitiativeRequest, indicator_id: int) -> HttpResponse:
    """What an indicator is, said anew."""
    found = seen(request, indicator_id)
    reported = setup.is_reported(found)
    form = IndicatorForm(request.POST or None, indicator=found, is_reported=reported)
    if form.is_valid():
        try:
            setup.update_indicator(actor=request.membership, indicator=found, **form.cleaned_data)
        except ValidationError as error:
            form.refuse(error, version_of(found))
            form.unsettled = getattr(error, "terms", [])
        else:
            return _back(request, found, _("Saved."))
    context = {"form": form, "indicator": found, "is_reported": reported, "has_calendars": True}
    status = 422 if form.is_bound else 200
    return render(request, "measures/indicator_edit.html", context, status=status)


@require_POST
@initiative_view(Permission.MEASURES_EDIT)
def indicator_state(request: InitiativeRequest, indicator_id: int) -> HttpResponse:
    """Propose it, agree on it, retire it, or take it up again."""
    found = seen(request, indicator_id)
    try:
        setup.change_state(
            actor=request.membership, indicator=found, state=request.POST.get("state", "")
        )
    except ValidationError as error:
        sheet = selecting.indicator_sheet(found)
        context = {"sheet": sheet, "steps": setup.NEXT[found.state], "refused": error.messages}
        if isinstance(error, setup.UndefinedError):
            page = "definition_new" if setup.is_reported(found) else "indicator_edit"
            url = reverse(f"measures:{page}", args=[request.membership.initiative.slug, found.pk])
            context["mend_url"] = f"{url}#id_definition"
        return render(request, "measures/indicator_setup.html", context, status=422)
    return _back(request, found, _what_next(found))


def _what_next(found: Indicator) -> str:
    """What it is now; of one that is agreed what it still takes until numbers come."""
    found.refresh_from_db(fields=["state"])
    if found.state != IndicatorState.AGREED:
        return _("It is now: %(state)s.") % {"state": found.get_state_display()}
    if not found.assignments.exists():
        return _("Agreed. Now say who reports it, below.")
    return _("Agreed. It is asked for in the rounds of its periods.")


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEASURES_EDIT)
def definition_new(request: InitiativeRequest, indicator_id: int) -> HttpResponse:
    """What the indicator means from a day on."""
    found = seen(request, indicator_id)
    form = DefinitionForm(request.POST or None, indicator=found)
    actor = request.membership
    if decided(form, lambda: setup.add_version(actor=actor, indicator=found, **form.cleaned_data)):
        return _back(request, found, _("The definition is written down."))
    context = {"form": form, "indicator": found, "title": _("A new definition")}
    status = 422 if form.is_bound else 200
    return render(request, "measures/indicator_form.html", context, status=status)


def seen(request: InitiativeRequest, indicator_id: int) -> Indicator:
    """The indicator, if this member may see it."""
    rows = Indicator.objects.visible_to(request.membership).select_related("calendar", "partition")
    found: Indicator = get_object_or_404(rows, pk=indicator_id)
    return found


def _back(request: InitiativeRequest, indicator: Indicator, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("measures:indicator_setup", request.membership.initiative.slug, indicator.pk)

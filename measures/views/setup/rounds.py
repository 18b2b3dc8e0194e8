"""Rounds: which periods are collected, from when until when, and who is missing."""

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from initiatives.access import InitiativeRequest, initiative_view
from initiatives.permissions import Permission
from initiatives.versions import version_of
from measures.forms.rounds import CalendarForm, NewRoundForm, RoundForm, YearsForm
from measures.models import Calendar, Round
from measures.selectors import setup as selecting
from measures.selectors.submissions import rounds_with_counts
from measures.services import setup
from measures.views.setup import decided

PER_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEASURES_COLLECT)
def rounds(request: InitiativeRequest) -> HttpResponse:
    """The rounds, and one more."""
    form, actor = NewRoundForm(request.POST or None), request.membership
    if decided(
        form,
        lambda: setup.open_round(actor=actor, period=form.cleaned_data["period"], **form.dates()),
    ):
        messages.success(request, _said(form.dates()["opens_at"]))
        return redirect("measures:rounds", actor.initiative.slug)
    page = Paginator(rounds_with_counts(), PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "laying_out": any(each.lacks for each in page)}
    status = 422 if form.is_bound else 200
    return render(request, "measures/rounds.html", context, status=status)


def _said(opens_at: datetime) -> str:
    if opens_at > timezone.now():
        return _("The round is planned. Forms go out as it opens.")
    return _("The round is open. Who is asked gets a form now, and whoever reports a letter.")


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEASURES_COLLECT)
def round_setup(request: InitiativeRequest, round_id: int) -> HttpResponse:
    """One round: its dates, and everybody who is asked."""
    found = _seen(round_id)
    form = RoundForm(request.POST or None, round_=found)
    if form.is_valid():
        version = form.cleaned_data["version"]
        try:
            setup.change_round(
                actor=request.membership, round_=found, version=version, **form.dates()
            )
        except ValidationError as error:
            form.refuse(error, version_of(found))
        else:
            messages.success(request, _("Saved."))
            return redirect("measures:round_setup", request.membership.initiative.slug, round_id)
    context = {"form": form, "sheet": selecting.round_sheet(found)}
    status = 422 if form.is_bound else 200
    return render(request, "measures/round_setup.html", context, status=status)


@require_POST
@initiative_view(Permission.MEASURES_COLLECT)
def round_close(request: InitiativeRequest, round_id: int) -> HttpResponse:
    """Take no more numbers from now on."""
    found = _seen(round_id)
    try:
        setup.close_round(actor=request.membership, round_=found)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The round is closed."))
    return redirect("measures:round_setup", request.membership.initiative.slug, round_id)


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEASURES_EDIT)
def calendars(request: InitiativeRequest) -> HttpResponse:
    """How time is divided, and another way to."""
    form, actor = CalendarForm(request.POST or None), request.membership
    if decided(form, lambda: setup.add_calendar(actor=actor, **form.cleaned_data)):
        messages.success(request, _("The calendar is there."))
        return redirect("measures:calendars", actor.initiative.slug)
    context = {"form": form, "calendars": selecting.calendars()}
    status = 422 if form.is_bound else 200
    return render(request, "measures/calendars.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEASURES_EDIT)
def calendar_extend(request: InitiativeRequest, calendar_id: int) -> HttpResponse:
    """More years for a calendar."""
    found = get_object_or_404(Calendar.objects.all(), pk=calendar_id)
    form, actor = YearsForm(request.POST or None), request.membership
    if decided(
        form, lambda: setup.extend_calendar(actor=actor, calendar=found, **form.cleaned_data)
    ):
        messages.success(request, _("The years are there."))
        return redirect("measures:calendars", actor.initiative.slug)
    status = 422 if form.is_bound else 200
    context = {"form": form, "calendar": found}
    return render(request, "measures/calendar_extend.html", context, status=status)


def _seen(round_id: int) -> Round:
    found: Round = get_object_or_404(Round.objects.select_related("period"), pk=round_id)
    return found

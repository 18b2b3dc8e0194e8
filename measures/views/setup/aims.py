"""Where an indicator started, how far it should go, and who reports it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_http_methods

from initiatives.access import InitiativeRequest, initiative_view
from initiatives.permissions import Permission
from measures.forms.aims import AssignForm, BaselineForm, EndForm, TargetForm
from measures.models import Assignment, Indicator
from measures.services import setup
from measures.views.setup import decided
from measures.views.setup.indicators import seen


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEASURES_EDIT)
def target_new(request: InitiativeRequest, indicator_id: int) -> HttpResponse:
    """A target, in force from now on."""
    found, actor = seen(request, indicator_id), request.membership
    form = TargetForm(request.POST or None, indicator=found)
    if decided(form, lambda: setup.set_target(actor=actor, indicator=found, **form.cleaned_data)):
        return _back(request, found, _("The target is in force."))
    return _page(request, found, form, _("A target"))


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEASURES_EDIT)
def baseline_new(request: InitiativeRequest, indicator_id: int) -> HttpResponse:
    """Where it started."""
    found, actor = seen(request, indicator_id), request.membership
    form = BaselineForm(request.POST or None, indicator=found)
    if decided(form, lambda: setup.add_baseline(actor=actor, indicator=found, **form.cleaned_data)):
        return _back(request, found, _("The baseline is in force."))
    return _page(request, found, form, _("The baseline"))


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEASURES_EDIT)
def assignment_new(request: InitiativeRequest, indicator_id: int) -> HttpResponse:
    """Ask organizations for it, many at once."""
    found, asked = seen(request, indicator_id), [0]
    form = AssignForm(request.POST or None)

    def assign() -> None:
        asked[0] = setup.assign(
            actor=request.membership,
            indicator=found,
            organizations=form.cleaned_data["chosen"],
            starts_on=form.cleaned_data["starts_on"],
            ends_on=form.cleaned_data["ends_on"],
        )

    if decided(form, assign):
        text = ngettext("%(n)d more is asked.", "%(n)d more are asked.", asked[0])
        return _back(request, found, text % {"n": asked[0]})
    return _page(request, found, form, _("Who reports it?"))


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEASURES_EDIT)
def assignment_end(request: InitiativeRequest, assignment_id: int) -> HttpResponse:
    """Ask an organization no more."""
    rows = Assignment.objects.select_related("organization", "indicator__calendar")
    found = get_object_or_404(
        rows.filter(indicator__in=Indicator.objects.visible_to(request.membership)),
        pk=assignment_id,
    )
    form, actor = EndForm(request.POST or None), request.membership
    if decided(
        form, lambda: setup.end_assignment(actor=actor, assignment=found, **form.cleaned_data)
    ):
        return _back(request, found.indicator, _("It is asked no more from that day on."))
    title = _("%(name)s is asked no more") % {"name": found.organization.name}
    return _page(request, found.indicator, form, title)


def _page(request: InitiativeRequest, found: Indicator, form: object, title: str) -> HttpResponse:
    context = {"form": form, "indicator": found, "title": title}
    status = 422 if request.method == "POST" else 200
    return render(request, "measures/indicator_form.html", context, status=status)


def _back(request: InitiativeRequest, indicator: Indicator, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("measures:indicator_setup", request.membership.initiative.slug, indicator.pk)

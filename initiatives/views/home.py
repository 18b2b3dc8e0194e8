"""Where a person begins: their initiatives, a new one, and today."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from initiatives import selectors
from initiatives.access import (
    ACTING,
    InitiativeRequest,
    PersonRequest,
    initiative_view,
    person_view,
    second_factors,
)
from initiatives.forms.people import STEPS, InitiativeForm, step_through
from initiatives.idempotency import once
from initiatives.permissions import Permission
from initiatives.services import create_initiative


@require_safe
@person_view
def my_initiatives(request: PersonRequest) -> HttpResponse:
    """The person's initiatives; who has just signed in and belongs to one goes on to it."""
    found = selectors.memberships_of(request.user)
    if "signed-in" in request.GET and len(found) == 1:
        begins_at = "measures:dashboard" if found[0].is_reader else "initiatives:today"
        return redirect(begins_at, found[0].initiative.slug)
    return render(request, "initiatives/my_initiatives.html", {"found": found})


@require_safe
@person_view
def second_factor(request: PersonRequest) -> HttpResponse:
    """Lead somebody whose role asks for it to a second factor, and back when it is there."""
    target = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        target = "/"
    has_one = second_factors(request.user.pk).exists()
    context = {"target": target, "has_one": has_one}
    return render(request, "initiatives/second_factor.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@person_view
@once
def initiative_new(request: PersonRequest) -> HttpResponse:
    """A new initiative, step by step; nothing is stored before the last."""
    form, step = step_through(request.POST or None, is_named=bool(request.user.name))
    if step:
        return _step_page(request, form, step)
    try:
        membership = create_initiative(user=request.user, **form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error)
        return _step_page(request, form, list(STEPS)[-1])
    said = _("Your initiative is there. Invite the organizations next.")
    if not form.cleaned_data["people"]:
        said = _(
            "Your initiative is there, and you are alone in it: until somebody facilitates, nobody "
            "closes decisions or approves minutes. Invite one, or take that role yourself, under People."
        )
    messages.success(request, said)
    return redirect("initiatives:today", membership.initiative.slug)


def _step_page(request: PersonRequest, form: InitiativeForm, step: str) -> HttpResponse:
    context = {
        "form": form,
        "step": step,
        "steps": [(title, "") for title, _names in STEPS.values()],
        "number": list(STEPS).index(step) + 1,
        "shown": form.fields_of(step),
        "kept": form.fields_beside(step),
    }
    status = 422 if form.is_bound else 200
    return render(request, "initiatives/initiative_new.html", context, status=status)


@require_safe
@initiative_view(Permission.INITIATIVE_VIEW)
def today(request: InitiativeRequest) -> HttpResponse:
    """What waits for this member; who only reads goes on to the numbers when nothing does."""
    waiting = selectors.waiting_for(request.membership)
    if request.membership.is_reader and not waiting.number:
        return redirect("measures:dashboard", request.membership.initiative.slug)
    context = {"waiting": waiting, "today_count": waiting.number}
    return render(request, "initiatives/today.html", context)


@require_POST
@initiative_view(Permission.INITIATIVE_VIEW)
def membership_switch(request: InitiativeRequest) -> HttpResponse:
    """Speak for another of one's organizations from now on."""
    mine = {str(each.pk): each for each in request.memberships}
    chosen = mine.get(request.POST.get("membership", ""))
    if chosen is None:
        raise Http404
    acting = request.session.get(ACTING, {})
    request.session[ACTING] = {**acting, str(chosen.initiative_id): chosen.pk}
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        return redirect(target)
    return redirect("initiatives:today", request.membership.initiative.slug)

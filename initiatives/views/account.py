"""A person's own page: what they are called, and the way to everything about signing in."""

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from initiatives import services
from initiatives.access import PersonRequest, person_view
from initiatives.forms.people import PersonForm


@require_http_methods(["GET", "HEAD", "POST"])
@person_view
def account(request: PersonRequest) -> HttpResponse:
    """One's name, and the way to e-mail, password, second step and sessions."""
    form = PersonForm(request.POST or None, initial={"name": request.user.name})
    if form.is_valid():
        services.update_person(user=request.user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("initiatives:account")
    context = {"form": form, "has_second_step": is_mfa_enabled(request.user)}
    status = 422 if form.is_bound else 200
    return render(request, "initiatives/account.html", context, status=status)

"""One organization, and the places all of them work in."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from initiatives import selectors, services
from initiatives.access import InitiativeRequest, initiative_view
from initiatives.forms.organizations import OrganizationForm, PlaceForm
from initiatives.idempotency import once
from initiatives.models import Organization, Place
from initiatives.permissions import Permission
from initiatives.versions import version_of


@require_safe
@initiative_view(Permission.ORGANIZATIONS_VIEW)
def organization(request: InitiativeRequest, organization_id: int) -> HttpResponse:
    """One organization: who, where, and what stands open."""
    visible = Organization.objects.visible_to(request.membership)
    found = get_object_or_404(visible, pk=organization_id)
    context = {"shown": selectors.organization_page(request.membership, found)}
    return render(request, "initiatives/organization.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.ORGANIZATIONS_MANAGE)
@once
def organization_new(request: InitiativeRequest) -> HttpResponse:
    """An organization added without inviting anybody."""
    form = OrganizationForm(request.POST or None)
    if form.is_valid():
        try:
            found = services.create_organization(actor=request.membership, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("%(name)s is there.") % {"name": found.name})
            return redirect(
                "initiatives:organization", request.membership.initiative.slug, found.pk
            )
    status = 422 if form.is_bound else 200
    return render(request, "initiatives/organization_edit.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.ORGANIZATIONS_MANAGE)
@once
def organization_edit(request: InitiativeRequest, organization_id: int) -> HttpResponse:
    """What an organization is, said anew."""
    actor = request.membership
    found = get_object_or_404(Organization.objects.visible_to(actor), pk=organization_id)
    form = OrganizationForm(request.POST or None, organization=found)
    if form.is_valid():
        try:
            services.update_organization(actor=actor, organization=found, **form.cleaned_data)
        except ValidationError as error:
            form.refuse(error, services.version_of_organization(found))
        else:
            messages.success(request, _("Saved."))
            return redirect("initiatives:organization", actor.initiative.slug, found.pk)
    context = {"form": form, "organization": found}
    status = 422 if form.is_bound else 200
    return render(request, "initiatives/organization_edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.ORGANIZATIONS_MANAGE)
@once
def places(request: InitiativeRequest) -> HttpResponse:
    """The tree of places, and a new one."""
    form = PlaceForm(request.POST or None)
    if form.is_valid():
        try:
            made = services.create_place(actor=request.membership, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("%(name)s is there.") % {"name": made.name})
            return redirect("initiatives:places", request.membership.initiative.slug)
    context = {"form": form, "nodes": selectors.place_tree()}
    status = 422 if form.is_bound else 200
    return render(request, "initiatives/places.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.ORGANIZATIONS_MANAGE)
def place(request: InitiativeRequest, place_id: int) -> HttpResponse:
    """One place: its name, and what it lies in."""
    found = get_object_or_404(Place.objects.all(), pk=place_id)
    form = PlaceForm(request.POST or None, place=found)
    if form.is_valid():
        try:
            services.update_place(actor=request.membership, place=found, **form.cleaned_data)
        except ValidationError as error:
            form.refuse(error, version_of(found))
        else:
            messages.success(request, _("Saved. The numbers of the places follow in a moment."))
            return redirect("initiatives:places", request.membership.initiative.slug)
    context = {"form": form, "place": found}
    status = 422 if form.is_bound else 200
    return render(request, "initiatives/place.html", context, status=status)

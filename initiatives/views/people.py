"""Organizations, members, settings and acts of an initiative."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from initiatives import selectors, services
from initiatives.access import InitiativeRequest, initiative_view
from initiatives.forms.people import InviteForm, RolesForm, SettingsForm
from initiatives.idempotency import once
from initiatives.models import InitiativeProfile, Membership, Place
from initiatives.permissions import Permission

PER_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.ORGANIZATIONS_VIEW)
@once
def organizations(request: InitiativeRequest) -> HttpResponse:
    """The organizations, and who is invited to come."""
    actor = request.membership
    may_invite = actor.may(Permission.INVITATIONS_MANAGE)
    form = InviteForm(request.POST or None, actor=actor) if may_invite else None
    if form and form.is_valid():
        lines, role = form.cleaned_data["people"], form.cleaned_data["role"]
        try:
            invited = services.invite_lines(actor=actor, lines=lines, roles=[role])
        except ValidationError as error:
            form.add_error("people", error)
        else:
            messages.success(request, _("%(count)s invited.") % {"count": len(invited)})
            return redirect("initiatives:organizations", actor.initiative.slug)
    wanted = _wanted(request)
    found = selectors.organizations_for(actor).filter(name__icontains=wanted)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "wanted": wanted, "has_places": Place.objects.exists()}
    status = 422 if form and form.is_bound else 200
    return render(request, "initiatives/organizations.html", context, status=status)


@require_safe
@initiative_view(Permission.MEMBERS_VIEW)
def members(request: InitiativeRequest) -> HttpResponse:
    """Everyone who is in, page by page."""
    wanted = _wanted(request)
    found = Paginator(selectors.members_for(request.membership, wanted), PER_PAGE)
    page = found.get_page(request.GET.get("page"))
    manageable = selectors.manageable_ids(request.membership, page)
    context = {"page": page, "wanted": wanted, "manageable": manageable}
    return render(request, "initiatives/members.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEMBERS_MANAGE)
def member(request: InitiativeRequest, pk: int) -> HttpResponse:
    """The roles of one member."""
    actor = request.membership
    rows = Membership.objects.visible_to(actor).manageable_by(actor).current()
    found = get_object_or_404(rows.select_related("user", "organization"), pk=pk)
    form = RolesForm(request.POST or None, actor=actor, membership=found)
    if form.is_valid():
        try:
            services.change_roles(actor=actor, membership=found, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The roles are changed."))
            return redirect("initiatives:members", actor.initiative.slug)
    context = {"form": form, "found": found}
    status = 422 if form.is_bound else 200
    return render(request, "initiatives/member.html", context, status=status)


@require_POST
@initiative_view(Permission.MEMBERS_MANAGE)
def membership_end(request: InitiativeRequest, pk: int) -> HttpResponse:
    """End a membership now."""
    actor = request.membership
    rows = Membership.objects.visible_to(actor).manageable_by(actor)
    found = get_object_or_404(rows.select_related("user"), pk=pk)
    try:
        services.end_membership(actor=actor, membership=found)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("%(name)s is no longer a member.") % {"name": found.user})
    return redirect("initiatives:members", actor.initiative.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.INITIATIVE_EDIT)
def settings(request: InitiativeRequest) -> HttpResponse:
    """What the initiative says of itself."""
    profile = InitiativeProfile.objects.select_related("initiative", "place").get()
    form = SettingsForm(request.POST or None, initial=SettingsForm.values_of(profile))
    if form.is_valid():
        services.update_initiative(actor=request.membership, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("initiatives:settings", request.membership.initiative.slug)
    status = 422 if form.is_bound else 200
    return render(request, "initiatives/settings.html", {"form": form}, status=status)


def _wanted(request: InitiativeRequest) -> str:
    """What is sought in a list by name."""
    return request.GET.get("q", "").replace("\0", "").strip()


@require_safe
@initiative_view(Permission.ACTS_VIEW)
def acts(request: InitiativeRequest) -> HttpResponse:
    """What was done, page by page."""
    pages = Paginator(selectors.acts_for(request.membership), PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    return render(request, "initiatives/acts.html", {"page": page})

"""Invitations, seen by who sent them and by who got them."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from initiatives import services
from initiatives.access import InitiativeRequest, LinkRequest, initiative_view, link_view
from initiatives.choices import LinkPurpose
from initiatives.forms.people import JoinForm
from initiatives.models import Invitation
from initiatives.permissions import Permission
from initiatives.services.invitations import is_for, owner_of

PER_PAGE = 50
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@require_safe
@initiative_view(Permission.INVITATIONS_MANAGE)
def invitations(request: InitiativeRequest) -> HttpResponse:
    """Everyone who was invited."""
    rows = Invitation.objects.visible_to(request.membership)
    rows = rows.select_related("organization", "invited_by")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "initiatives/invitations.html", {"page": page})


@require_POST
@initiative_view(Permission.INVITATIONS_MANAGE)
def invitation_resend(request: InitiativeRequest, pk: int) -> HttpResponse:
    """Send an invitation again."""
    return _decide(request, pk, services.resend_invitation, _("Sent again, with a new link."))


@require_POST
@initiative_view(Permission.INVITATIONS_MANAGE)
def invitation_revoke(request: InitiativeRequest, pk: int) -> HttpResponse:
    """Take an invitation back."""
    return _decide(request, pk, services.revoke_invitation, _("The invitation is taken back."))


def _decide(
    request: InitiativeRequest, pk: int, service: Callable[..., None], done: str
) -> HttpResponse:
    rows = Invitation.objects.visible_to(request.membership)
    invitation = get_object_or_404(rows, pk=pk)
    try:
        service(actor=request.membership, invitation=invitation)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, done)
    return redirect("initiatives:invitations", request.membership.initiative.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@link_view(LinkPurpose.INVITATION)
def invitation_accept(request: LinkRequest) -> HttpResponse:
    """Accept an invitation, as who one is or with a new account."""
    rows = Invitation.objects.select_related("organization", "initiative", "invited_by")
    invitation = get_object_or_404(rows, pk=request.link.object_id)
    if request.user.pk:  # nobody has none
        return _accept(request, invitation)
    if owner_of(invitation.email):
        return _page(request, {"invitation": invitation, "has_account": True})
    return _join(request, invitation)


def _accept(request: LinkRequest, invitation: Invitation) -> HttpResponse:
    context = {"invitation": invitation, "is_mine": is_for(invitation, request.user)}
    if request.method != "POST":
        return _page(request, context)
    try:
        services.accept_invitation(link=request.link, user=request.user)
    except ValidationError as error:
        return _page(request, {**context, "problems": error.messages}, status=422)
    return redirect("initiatives:today", invitation.initiative.slug)


def _join(request: LinkRequest, invitation: Invitation) -> HttpResponse:
    form = JoinForm(request.POST or None, invitation=invitation)
    if form.is_valid():
        try:
            membership = services.join_by_invitation(link=request.link, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            login(request, membership.user, backend=BACKEND)
            return redirect("initiatives:today", invitation.initiative.slug)
    context = {"invitation": invitation, "form": form}
    return _page(request, context, status=422 if form.is_bound else 200)


def _page(request: LinkRequest, context: dict[str, object], status: int = 200) -> HttpResponse:
    return render(request, "initiatives/invitation_accept.html", context, status=status)

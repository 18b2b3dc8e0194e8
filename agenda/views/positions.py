"""One calm page on which an organization says how it sees the issue, signed in or by link."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from agenda.forms.positions import PositionSheet
from agenda.models import Asked, Outsider, PositionStatement
from agenda.querysets.listening import speaks
from agenda.selectors.listening import (
    asked_of,
    held_out,
    insiders_of,
    newcomers,
    own_statement,
    remaining,
)
from agenda.services import positions
from agenda.services.newcomers import admit_newcomer
from initiatives import links
from initiatives.access import InitiativeRequest, LinkRequest, initiative_view, link_view
from initiatives.choices import LinkPurpose, Means
from initiatives.models import Membership
from initiatives.permissions import Permission
from initiatives.tenancy import enter


@require_http_methods(["GET", "POST"])
@initiative_view(Permission.AGENDA_POSITION_DRAFT)
def position(request: InitiativeRequest, listening_id: int) -> HttpResponse:
    """The page of one's own organization."""
    asked = get_object_or_404(asked_of(request.membership), round=listening_id)
    return _position(request, asked, request.membership, Means.WEB)


@require_http_methods(["GET", "POST"])
@link_view(LinkPurpose.POSITION)
def position_link(request: LinkRequest) -> HttpResponse:
    """The same page for who was sent a link; they stay who they are in the organization."""
    rows = Asked.objects.filter(organization__has_form_links=True)
    asked = get_object_or_404(rows, pk=request.link.object_id)
    # Nobody signed in here: the database is told whose link it is, and opens that one's seal.
    with enter(asked.initiative_id, user_id=request.link.user_id):
        actor = get_object_or_404(
            Membership.objects.current().select_related("user", "organization", "initiative"),
            user=request.link.user_id,
            user__is_active=True,
            organization=asked.organization_id,
        )
        own = get_object_or_404(asked_of(actor), pk=asked.pk)
        links.note_use(request.link)
        return _position(request, own, actor, Means.LINK)


@require_POST
@initiative_view(Permission.AGENDA_POSITION_DRAFT)
def newcomer_admit(request: InitiativeRequest, listening_id: int, newcomer_id: int) -> HttpResponse:
    """Let somebody of one's own organization in who joined while the round was open."""
    rows = newcomers(request.membership).filter(round=listening_id)
    found = get_object_or_404(rows, pk=newcomer_id)
    try:
        admit_newcomer(actor=request.membership, newcomer=found)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("%(name)s speaks for you now.") % {"name": found.user})
    return redirect("agenda:position", request.membership.initiative.slug, listening_id)


def _position(request: Any, asked: Asked, actor: Membership, means: Means) -> HttpResponse:
    """Show the page, or keep what was typed and hand it in if that was asked."""
    if outsider := held_out(actor, asked.round):
        return _refused(request, asked, outsider)
    statement = own_statement(actor, asked.round)
    if request.method == "GET":
        return _page(request, asked, actor, PositionSheet(asked.round, statement), statement)
    sheet = PositionSheet(asked.round, statement, request.POST)
    if not sheet.is_valid:
        return _page(request, asked, actor, sheet, statement, status=422)
    submits = request.POST.get("action") == "submit"
    try:
        positions.write_position(
            actor=actor,
            asked=asked,
            answers=sheet.given,
            note=sheet.text,
            token=request.POST.get("overwrite") or sheet.token,
            submit=submits,
            means=means,
        )
    except positions.ConflictError as error:
        stored = own_statement(actor, asked.round)
        return _page(request, asked, actor, sheet, stored, status=409, conflict=error.messages[0])
    except ValidationError as error:
        stored = own_statement(actor, asked.round)
        return _page(request, asked, actor, sheet, stored, status=422, refused=error.messages)
    messages.success(request, _("Submitted. Thank you.") if submits else _("Saved."))
    return redirect(request.path)


def _refused(request: Any, asked: Asked, outsider: Outsider) -> HttpResponse:
    """What the seal keeps from somebody of the organization itself, why, and who can help."""
    insiders = insiders_of(asked.round, [asked.organization_id])
    context = {
        "asked": asked,
        "round": asked.round,
        "is_newcomer": outsider.organization_id is not None,
        "insiders": [each.user for each in insiders],
        "shell": "base.html" if hasattr(request, "membership") else "base_bare.html",
    }
    return render(request, "agenda/held_out.html", context, status=403)


def _page(
    request: Any,
    asked: Asked,
    actor: Membership,
    sheet: PositionSheet,
    statement: PositionStatement | None,
    *,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    decides = speaks(actor, Permission.AGENDA_POSITION_SUBMIT)
    is_in = statement is not None and statement.is_submitted
    context |= {
        "asked": asked,
        "round": asked.round,
        "sheet": sheet,
        "statement": statement,
        "current": positions.token_of(statement),
        "decides": decides,
        "is_open": asked.round.takes_positions and (decides or not is_in),
        "is_last": asked.answered_at is None and remaining(asked.round) == 1,
        "by_link": not hasattr(request, "membership"),
        "newcomers": list(newcomers(actor).filter(round=asked.round)),
    }
    context["shell"] = "base_bare.html" if context["by_link"] else "base.html"
    return render(request, "agenda/position.html", context, status=status)

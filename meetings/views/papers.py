"""What is read before a meeting."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from initiatives.access import InitiativeRequest, LinkRequest, initiative_view, link_view
from initiatives.choices import LinkPurpose
from initiatives.models import Membership
from initiatives.permissions import Permission
from meetings.forms.papers import PaperForm
from meetings.models import AgendaItem, Meeting, PreRead, SeatLink
from meetings.selectors.papers import paper_page
from meetings.selectors.rights import may_at
from meetings.selectors.seats import is_open_by, is_open_to
from meetings.services import files
from meetings.services.papers import acknowledge, publish_paper
from meetings.views.agendas import meeting_of, status_of


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEETINGS_VIEW)
def paper_publish(request: InitiativeRequest, meeting_id: int) -> HttpResponse:
    """Give people something to read: whole meetings' by who sets the agenda, items' by owners."""
    meeting, actor = meeting_of(request, meeting_id), request.membership
    items = _publishable(actor, meeting)
    sets = may_at(actor, Permission.MEETINGS_AGENDA, meeting)
    if not sets and not items.exists():
        raise PermissionDenied
    form = PaperForm(
        request.POST or None,
        request.FILES or None,
        items=items,
        needs_item=not sets,
        initial={"name": request.GET.get("name", "")[:200]},
    )
    if form.is_valid():
        try:
            paper = publish_paper(actor=actor, meeting=meeting, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Published. Everyone with a seat is asked to read it."))
            return redirect("meetings:paper", actor.initiative.slug, paper.pk)
    context = {"form": form, "meeting": meeting}
    return render(request, "meetings/paper_form.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEETINGS_VIEW)
def paper(request: InitiativeRequest, pre_read_id: int) -> HttpResponse:
    """Read a paper, and say that one did."""
    found = _paper(request, pre_read_id)
    if request.method == "POST":
        try:
            acknowledge(actor=request.membership, paper=found)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return _page(request, found, status=422)
        return redirect(request.path)
    return _page(request, found)


@require_safe
@initiative_view(Permission.MEETINGS_VIEW)
def paper_file(request: InitiativeRequest, pre_read_id: int) -> HttpResponse:
    """The file of a paper, to keep."""
    return _download(_paper(request, pre_read_id))


@require_safe
@link_view(LinkPurpose.SEAT)
def seat_paper(request: LinkRequest, pre_read_id: int) -> HttpResponse:
    """The file of a paper, for whom the link of a seat was written."""
    rows = SeatLink.objects.select_related(
        *("membership__user", "meeting", "seat", "delegation__meeting")
    )
    link = get_object_or_404(rows, pk=request.link.object_id)
    is_open = (
        is_open_by(link.delegation)
        if link.delegation is not None
        else is_open_to(link.membership, link.meeting, link.seat)
    )
    if not is_open:
        raise Http404
    return _download(
        get_object_or_404(PreRead.objects.filter(meeting=link.meeting_id), pk=pre_read_id)
    )


def _download(found: PreRead) -> HttpResponse:
    if not found.file:
        raise Http404
    try:
        with files.opened(found.file) as file:
            data = file.read()
    except FileNotFoundError as error:
        raise Http404 from error
    # Whatever it is, it is kept and not shown: no browser runs what a member sent in.
    name = content_disposition_header(as_attachment=True, filename=found.file_name)
    headers = {"Content-Disposition": name or "attachment"}
    return HttpResponse(data, content_type="application/octet-stream", headers=headers)


def _publishable(actor: Membership, meeting: Meeting) -> Any:
    """The items for which the member may publish papers."""
    items = AgendaItem.objects.visible_to(actor).still_open().filter(meeting=meeting)
    if may_at(actor, Permission.MEETINGS_AGENDA, meeting):
        return items
    return items.filter(Q(proposed_by=actor) | Q(owner=actor))


def _paper(request: InitiativeRequest, pre_read_id: int) -> PreRead:
    rows = PreRead.objects.visible_to(request.membership).select_related(
        "meeting__series__body", "item", "published_by__user"
    )
    found: PreRead = get_object_or_404(rows, pk=pre_read_id)
    return found


def _page(request: InitiativeRequest, found: PreRead, *, status: int = 200) -> HttpResponse:
    context = {"page": paper_page(request.membership, found)}
    return render(request, "meetings/paper.html", context, status=status)

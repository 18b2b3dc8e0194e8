"""Links for readers without an account, and the page that they open."""

from django.core.exceptions import ValidationError
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agenda.selectors.cover import cover_of
from agenda.selectors.progress import progress
from agenda.selectors.versions import current
from initiatives import links
from initiatives.access import InitiativeRequest, LinkRequest, initiative_view, link_view
from initiatives.choices import LinkPurpose
from initiatives.idempotency import once
from initiatives.permissions import Permission
from measures import charts
from measures.exports.numbers import numbers_shared
from measures.forms.sharing import ShareForm
from measures.models import ShareLink
from measures.selectors import computed, dashboards, reports
from measures.services import sharing


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEASURES_SHARE)
@once
def shares(request: InitiativeRequest) -> HttpResponse:
    form, address = ShareForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            token, _share = sharing.create_share(
                actor=request.membership,
                name=form.cleaned_data["name"],
                expires_at=form.expires_at,
                indicator=form.cleaned_data["indicator"],
                has_agenda=form.cleaned_data["has_agenda"],
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            form, address = ShareForm(), links.address("shared_dashboard", token)
    context = {"form": form, "address": address, "shares": dashboards.share_links()}
    return render(request, "measures/shares.html", context, status=422 if form.errors else 200)


@require_POST
@initiative_view(Permission.MEASURES_SHARE)
def share_revoke(request: InitiativeRequest, share_id: int) -> HttpResponse:
    share = get_object_or_404(ShareLink, pk=share_id)
    sharing.revoke_share(actor=request.membership, share=share)
    return redirect("measures:shares", request.membership.initiative.slug)


@require_safe
@link_view(LinkPurpose.DASHBOARD)
def shared_dashboard(request: LinkRequest) -> HttpResponse:
    share = get_object_or_404(
        ShareLink.objects.select_related("initiative"), pk=request.link.object_id
    )
    links.note_use(request.link)
    shown = dashboards.shared_dashboard(share)
    address = links.address("shared_dashboard", request.token)
    context = {
        "share": share,
        "has_agenda": share.has_agenda,
        "is_ratified": share.has_agenda and current() is not None,
        "dashboard": shown,
        "figures": [
            (
                figure,
                charts.trend(figure),
                computed.formula_of(figure),
                reports.citation(share.initiative, figure, address=address),
            )
            for figure in shown.figures
        ],
    }
    page = render(request, "measures/shared_dashboard.html", context)
    page["Referrer-Policy"] = "no-referrer"
    return page


@require_safe
@link_view(LinkPurpose.DASHBOARD)
def shared_numbers(request: LinkRequest, indicator_id: int) -> StreamingHttpResponse:
    """The numbers of one of the indicators that the link shows, as a file."""
    share = get_object_or_404(
        ShareLink.objects.select_related("initiative"), pk=request.link.object_id
    )
    found = get_object_or_404(dashboards.indicators_shared(share), pk=indicator_id)
    links.note_use(request.link)
    return numbers_shared(share, found)


@require_safe
@link_view(LinkPurpose.DASHBOARD)
def shared_agenda(request: LinkRequest) -> HttpResponse:
    """The ratified agenda, published or not, if the link was given out for it too; until there is
    one, how far the work on it is.
    """
    rows = ShareLink.objects.filter(has_agenda=True).select_related("initiative")
    share = get_object_or_404(rows, pk=request.link.object_id)
    agenda = current()
    links.note_use(request.link)
    context = {"share": share, "initiative": share.initiative}
    if agenda is None:
        context |= {"progress": progress()}
        page = render(request, "measures/shared_agenda_awaited.html", context)
    else:
        context |= {"cover": cover_of(agenda)}
        page = render(request, "measures/shared_agenda.html", context)
    page["Referrer-Policy"] = "no-referrer"
    return page

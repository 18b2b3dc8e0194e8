"""The calendar that people subscribe to."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from initiatives import links
from initiatives.access import InitiativeRequest, LinkRequest, initiative_view, link_view
from initiatives.choices import LinkPurpose
from initiatives.models import Membership
from initiatives.permissions import Permission
from meetings.exports import envelopes
from meetings.selectors.calendar import subscribed
from meetings.services.subscriptions import end_feed, renew_feed


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEETINGS_VIEW)
def subscription(request: InitiativeRequest) -> HttpResponse:
    """One's own address to subscribe to: made, renewed, ended."""
    address = ""
    if request.method == "POST":
        if request.POST.get("action") == "end":
            end_feed(actor=request.membership)
            messages.success(request, _("The address does not work any more."))
            return redirect("meetings:subscription", request.membership.initiative.slug)
        address = links.address("calendar_feed", renew_feed(actor=request.membership))
    context = {
        "address": address,
        "feed": links.latest(LinkPurpose.CALENDAR, request.membership.pk),
    }
    return render(request, "meetings/subscription.html", context)


@require_safe
@link_view(LinkPurpose.CALENDAR)
def calendar_feed(request: LinkRequest) -> HttpResponse:
    """All meetings of the seats that the holder of the link has now."""
    rows = Membership.objects.current().filter(user__is_active=True)
    membership = rows.select_related("initiative").filter(pk=request.link.object_id).first()
    if membership is None:
        raise Http404
    links.note_use(request.link)
    data = envelopes.feed(
        subscribed(membership), name=membership.initiative.name, stamp=timezone.now()
    )
    response = HttpResponse(data, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="meetings.ics"'
    return response

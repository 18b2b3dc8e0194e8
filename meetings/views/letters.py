"""One's own letters: what one wants to be reminded of, and the weekly mail."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from initiatives import selectors
from initiatives.access import (
    InitiativeRequest,
    LinkRequest,
    PersonRequest,
    initiative_view,
    link_view,
    person_view,
)
from initiatives.choices import LinkPurpose
from initiatives.permissions import Permission
from meetings.forms.letters import QuietForm, WeeklyForm
from meetings.models import QuietSetting
from meetings.selectors.weekly import wants_weekly
from meetings.services.quiet import set_quiet, set_weekly

FIELDS = ("without_reminders", "as_digest", "quiet_from", "quiet_until")


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEETINGS_VIEW)
def quiet(request: InitiativeRequest) -> HttpResponse:
    """How one is reminded of meetings in this initiative."""
    found = QuietSetting.objects.filter(user=request.user).first()
    initial = {name: getattr(found, name) for name in FIELDS} if found else {}
    form = QuietForm(request.POST or None, initial=initial)
    if form.is_valid():
        set_quiet(actor=request.membership, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("meetings:quiet", request.membership.initiative.slug)
    status = 422 if form.is_bound else 200
    return render(request, "meetings/quiet.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@person_view
def letters(request: PersonRequest) -> HttpResponse:
    """The weekly mail, and the way to the reminders of each initiative."""
    given = request.POST if request.method == "POST" else None
    form = WeeklyForm(given, initial={"wanted": wants_weekly(request.user)})
    if form.is_valid():
        set_weekly(user=request.user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("letters")
    context = {"form": form, "found": selectors.memberships_of(request.user)}
    return render(request, "meetings/letters.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@link_view(LinkPurpose.WEEKLY)
def weekly_end(request: LinkRequest) -> HttpResponse:
    """End the weekly mail, from the mail itself: looking changes nothing, the button does."""
    if request.method == "POST" and request.link.user:
        set_weekly(user=request.link.user, wanted=False)
    is_off = request.link.user is None or not wants_weekly(request.link.user)
    return render(request, "meetings/weekly_end.html", {"is_off": is_off})

"""What is announced: the page of members, and the desk of those who write and send."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from initiatives.access import InitiativeRequest, initiative_view
from initiatives.idempotency import once
from initiatives.permissions import Permission
from meetings.forms.letters import (
    AnnouncementForm,
    CeilingForm,
    RequestAnswerForm,
    SendForm,
    audience_of,
)
from meetings.models import Announcement
from meetings.selectors.announcements import (
    announcements_for,
    answers_to,
    ceiling,
    cost_of,
    recipients,
)
from meetings.selectors.asked import asked_this_month
from meetings.services import announcements as desk

PER_PAGE = 30
FIELDS = ("title", "text", "kind", "minutes", "version")


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEETINGS_VIEW)
def announcements(request: InitiativeRequest) -> HttpResponse:
    """What was announced to this member; who sends may set the ceiling of minutes."""
    may_send = request.membership.may(Permission.ANNOUNCEMENTS_SEND)
    most = ceiling()
    form = CeilingForm(request.POST or None, initial={"minutes": most}) if may_send else None
    if form and form.is_valid():
        desk.set_ceiling(actor=request.membership, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("meetings:announcements", request.membership.initiative.slug)
    pages = Paginator(announcements_for(request.membership), PER_PAGE)
    context = {
        "page": pages.get_page(request.GET.get("page")),
        "form": form,
        "asked": asked_this_month(timezone.now()).get(request.user.pk, 0),
        "ceiling": most,
    }
    return render(request, "meetings/announcements.html", context, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.ANNOUNCEMENTS_WRITE)
@once
def announcement_new(request: InitiativeRequest) -> HttpResponse:
    """A new draft."""
    form = AnnouncementForm(request.POST or None, actor=request.membership)
    if form.is_valid():
        fields = {**form.cleaned_data}
        fields.pop("version")
        made = desk.write_announcement(actor=request.membership, **fields)
        return _to(request, made)
    return render(request, "meetings/announcement_form.html", {"form": form}, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEETINGS_VIEW)
def announcement(request: InitiativeRequest, announcement_id: int) -> HttpResponse:
    """One announcement: a draft with what sending it would ask of whom, a request with answers."""
    found, actor = _announcement(request, announcement_id), request.membership
    answering = RequestAnswerForm(request.POST or None) if request.method == "POST" else None
    if answering is not None and answering.is_valid():
        try:
            desk.answer_request(actor=actor, announcement=found, **answering.cleaned_data)
        except ValidationError as error:
            answering.add_error(None, error)
        else:
            messages.success(request, _("Answered. Thank you."))
            return _to(request, found)
    form = SendForm(initial={"version": found.version})
    return _page(request, found, form, 422 if answering else 200, answering=answering)


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.ANNOUNCEMENTS_WRITE)
def announcement_edit(request: InitiativeRequest, announcement_id: int) -> HttpResponse:
    """Change a draft."""
    found = _announcement(request, announcement_id)
    if not found.is_draft:
        return _to(request, found)
    initial = {name: getattr(found, name) for name in FIELDS} | {"audience": audience_of(found)}
    form = AnnouncementForm(request.POST or None, initial=initial, actor=request.membership)
    if form.is_valid():
        fields = {**form.cleaned_data}
        version = fields.pop("version") or 0
        try:
            desk.change_announcement(
                actor=request.membership, announcement=found, version=version, **fields
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _to(request, found)
    context = {"form": form, "announcement": found}
    return render(request, "meetings/announcement_form.html", context, status=_status(form))


@require_POST
@initiative_view(Permission.ANNOUNCEMENTS_SEND)
def announcement_send(request: InitiativeRequest, announcement_id: int) -> HttpResponse:
    """Send it, or say why not."""
    found = _announcement(request, announcement_id)
    form = SendForm(request.POST)
    if form.is_valid():
        try:
            desk.send_announcement(
                actor=request.membership, announcement=found, **form.cleaned_data
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Sent."))
            return _to(request, found)
    return _page(request, found, form, 422)


@require_POST
@initiative_view(Permission.ANNOUNCEMENTS_WRITE)
def announcement_delete(request: InitiativeRequest, announcement_id: int) -> HttpResponse:
    """Throw a draft away."""
    found = _announcement(request, announcement_id)
    try:
        desk.delete_announcement(actor=request.membership, announcement=found)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("meetings:announcements", request.membership.initiative.slug)


def _announcement(request: InitiativeRequest, announcement_id: int) -> Announcement:
    return get_object_or_404(announcements_for(request.membership), pk=announcement_id)


def _page(
    request: InitiativeRequest, found: Announcement, form: Any, status: int, answering: Any = None
) -> HttpResponse:
    answers = answers_to(request.membership, found)
    said = answers.own.text if answers and answers.own else ""
    context: dict[str, Any] = {
        "announcement": found,
        "form": form,
        "answers": answers,
        "answering": answering or RequestAnswerForm(initial={"text": said}),
    }
    if found.is_draft:
        people = recipients(found)
        context["cost"] = cost_of(found, people, timezone.now())
    return render(request, "meetings/announcement.html", context, status=status)


def _to(request: InitiativeRequest, found: Announcement) -> HttpResponse:
    return redirect("meetings:announcement", request.membership.initiative.slug, found.pk)


def _status(form: Any) -> int:
    return 422 if form and form.is_bound else 200

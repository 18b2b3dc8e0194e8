"""What is ahead, the bodies, and when they meet."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from initiatives.access import InitiativeRequest, initiative_view
from initiatives.idempotency import once
from initiatives.ids import is_id
from initiatives.models import InitiativeProfile
from initiatives.permissions import Permission
from meetings.forms.facilitations import FacilitationForm
from meetings.forms.series import (
    BodyForm,
    CancelForm,
    MoveForm,
    SeatsForm,
    SeriesForm,
    day_in,
    pattern_of,
)
from meetings.models import Body, Meeting, MeetingSeries
from meetings.selectors import bodies, calendar
from meetings.selectors.heat_map import may_compare, record_of
from meetings.selectors.hub import meeting_page, waiting_of
from meetings.selectors.overview import overview_of
from meetings.selectors.rights import (
    facilitated_by,
    facilitators_of,
    may_at,
    may_in_body,
    may_in_series,
    permit,
)
from meetings.selectors.room import running_of
from meetings.services.agendas import open_agenda
from meetings.services.bodies import add_seats, create_body
from meetings.services.series import (
    cancel_meeting,
    change_series,
    create_series,
    move_meeting,
    open_meeting,
)

SERIES_FIELDS = (
    *("name", "starts_on", "starts_at", "minutes", "rule", "time_zone"),
    *("place", "link", "quorum", "notice_days"),
    *("delegate_policy", "minimum_delegate_level", "delegation_limit"),
    *("required_levels", "facilitator", "lead_organization"),
)


@require_safe
@initiative_view(Permission.MEETINGS_VIEW)
def overview(request: InitiativeRequest) -> HttpResponse:
    """What is ahead."""
    context = {
        "page": overview_of(request.membership),
        "bodies": bodies.bodies_for(request.membership),
        "given": facilitated_by(request.membership),
        "may_open": request.membership.may(Permission.MEETINGS_PROPOSE),
        "may_compare": may_compare(request.membership),
    }
    return render(request, "meetings/overview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEETINGS_EDIT)
@once
def body_new(request: InitiativeRequest) -> HttpResponse:
    """A new body."""
    form = BodyForm(request.POST or None)
    if form.is_valid():
        try:
            body = create_body(actor=request.membership, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("meetings:body", request.membership.initiative.slug, body.pk)
    context = {"form": form}
    return render(request, "meetings/body_new.html", context, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEETINGS_VIEW)
def body(request: InitiativeRequest, body_id: int) -> HttpResponse:
    """Who sits in a body, and when it meets; who may, gives seats."""
    found = get_object_or_404(bodies.bodies_for(request.membership), pk=body_id)
    may_edit = may_in_body(request.membership, Permission.MEETINGS_EDIT, found.pk)
    form = SeatsForm(request.POST or None, actor=request.membership) if may_edit else None
    if form and form.is_valid():
        add_seats(actor=request.membership, body=found, **form.cleaned_data)
        return redirect("meetings:body", request.membership.initiative.slug, found.pk)
    context = {
        "body": found,
        "seats": bodies.seats_of(found),
        "form": form,
        "may_add": request.membership.may(Permission.MEETINGS_EDIT),
        "may_fill": may_edit or request.membership.may(Permission.MEETINGS_SEAT),
        "waiting": waiting_of(found),
    }
    return render(request, "meetings/body.html", context, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEETINGS_EDIT)
@once
def series_new(request: InitiativeRequest, body_id: int) -> HttpResponse:
    """A new series of a body."""
    found = get_object_or_404(Body.objects.visible_to(request.membership), pk=body_id)
    profile = InitiativeProfile.objects.first()
    initial = {"time_zone": profile.time_zone if profile else "UTC"}
    form = SeriesForm(request.POST or None, initial=initial, actor=request.membership)
    if form.is_valid():
        try:
            made = create_series(actor=request.membership, body=found, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("meetings:series", request.membership.initiative.slug, made.pk)
    context = {"form": form, "body": found}
    return render(request, "meetings/series_form.html", context, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEETINGS_EDIT, also_given=True)
@once
def series_change(request: InitiativeRequest, series_id: int) -> HttpResponse:
    """Change a series from now on."""
    found = series_of(request, series_id)
    permit(may_in_series(request.membership, Permission.MEETINGS_EDIT, found.pk))
    initial = {name: getattr(found, name) for name in SERIES_FIELDS}
    initial["pattern"] = pattern_of(found.rule, found.starts_on)
    form = SeriesForm(request.POST or None, initial=initial, actor=request.membership)
    version = request.POST.get("version", str(found.version))
    if form.is_valid():
        try:
            change_series(
                actor=request.membership,
                series=found,
                version=int(version) if is_id(version) else 0,
                **form.cleaned_data,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Saved. Meetings that were moved by hand keep their time."))
            return redirect("meetings:series", request.membership.initiative.slug, found.pk)
    context = {"form": form, "body": found.body, "series": found, "version": version}
    return render(request, "meetings/series_form.html", context, status=_status(form))


@require_safe
@initiative_view(Permission.MEETINGS_VIEW)
def series(request: InitiativeRequest, series_id: int) -> HttpResponse:
    """When a series meets, and what it met before."""
    return series_page(request, series_of(request, series_id))


def series_page(
    request: InitiativeRequest, found: MeetingSeries, *, giving: Any = None
) -> HttpResponse:
    """The page of a series; ``giving``: the form for who facilitates, as it was sent."""
    actor = request.membership
    may_edit = actor.may(Permission.MEETINGS_EDIT)
    if may_edit and giving is None:
        giving = FacilitationForm(actor=actor)
    context = {
        "series": found,
        "ahead": calendar.ahead(actor, series=found),
        "past": record_of(
            list(Meeting.objects.filter(series=found).held().order_by("-starts_at")[:24])
        ),
        "may_open": may_in_series(actor, Permission.MEETINGS_PROPOSE, found.pk),
        "may_compare": may_compare(actor),
        "may_change": may_edit or may_in_series(actor, Permission.MEETINGS_EDIT, found.pk),
        "facilitations": facilitators_of(found),
        "giving": giving,
    }
    return render(request, "meetings/series.html", context, status=_status(giving))


@require_POST
@initiative_view(Permission.MEETINGS_PROPOSE, also_given=True)
def meeting_open(request: InitiativeRequest, series_id: int, day: str) -> HttpResponse:
    """Go to the page of one occurrence, which from now on has something to say; its agenda is open
    once somebody asked for it who sets agendas.
    """
    found = series_of(request, series_id)
    permit(may_in_series(request.membership, Permission.MEETINGS_PROPOSE, found.pk))
    wanted = day_in(day)
    if wanted is None:
        raise Http404
    try:
        made = open_meeting(actor=request.membership, series=found, day=wanted)
    except ValidationError as error:
        raise Http404 from error
    if made.is_before and may_at(request.membership, Permission.MEETINGS_AGENDA, made):
        open_agenda(actor=request.membership, meeting=made)
    return redirect("meetings:meeting", request.membership.initiative.slug, made.pk)


@require_safe
@initiative_view(Permission.MEETINGS_VIEW)
def meeting(request: InitiativeRequest, meeting_id: int) -> HttpResponse:
    """One meeting."""
    return meeting_response(request, _meeting(request, meeting_id))


def meeting_response(request: InitiativeRequest, found: Meeting, *, over: str = "") -> HttpResponse:
    """The page of a meeting; ``over``: why its seats cannot be asked now without another word."""
    page = meeting_page(request.membership, found)
    context = {
        "over": over,
        "page": page,
        "run": running_of(found, request.membership, page.all_seats),
        "may_edit": may_at(request.membership, Permission.MEETINGS_EDIT, found),
    }
    return render(request, "meetings/meeting.html", context, status=422 if over else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEETINGS_EDIT, also_given=True)
def meeting_move(request: InitiativeRequest, meeting_id: int) -> HttpResponse:
    """Another time or place for one meeting."""
    found = _meeting(request, meeting_id)
    permit(may_at(request.membership, Permission.MEETINGS_EDIT, found))
    names = ("version", "local_date", "local_time", "minutes", "place", "link", "facilitator")
    initial = {name: getattr(found, name) for name in names}
    form = MoveForm(request.POST or None, initial=initial, actor=request.membership)
    return _decide(request, found, form, move_meeting, "meetings/meeting_move.html")


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEETINGS_EDIT, also_given=True)
def meeting_cancel(request: InitiativeRequest, meeting_id: int) -> HttpResponse:
    """Call one meeting off."""
    found = _meeting(request, meeting_id)
    permit(may_at(request.membership, Permission.MEETINGS_EDIT, found))
    days = calendar.days_instead(request.membership, found)
    form = CancelForm(request.POST or None, initial={"version": found.version}, days=days)
    return _decide(request, found, form, cancel_meeting, "meetings/meeting_cancel.html")


def _decide(
    request: InitiativeRequest, found: Meeting, form: Any, service: Any, template: str
) -> HttpResponse:
    if form.is_valid():
        try:
            service(actor=request.membership, meeting=found, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("meetings:meeting", request.membership.initiative.slug, found.pk)
    return render(request, template, {"form": form, "meeting": found}, status=_status(form))


def series_of(request: InitiativeRequest, series_id: int) -> MeetingSeries:
    """The series of an address, if the member may see it."""
    rows = MeetingSeries.objects.visible_to(request.membership)
    return get_object_or_404(
        rows.select_related("body", "facilitator__user", "lead_organization"), pk=series_id
    )


def _meeting(request: InitiativeRequest, meeting_id: int) -> Meeting:
    rows = Meeting.objects.visible_to(request.membership)
    return get_object_or_404(
        rows.select_related("series__body", "replaced_by", "facilitator__user"), pk=meeting_id
    )


def _status(form: Any) -> int:
    return 422 if form and form.is_bound else 200

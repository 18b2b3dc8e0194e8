"""Items of agendas: proposed, taken up or declined, put in order, handed to another group."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from initiatives.access import InitiativeRequest, initiative_view
from initiatives.idempotency import once
from initiatives.ids import is_id
from initiatives.permissions import Permission
from meetings.forms.agendas import FIELDS, GroupForm, ItemForm, ReasonForm, ScheduleForm
from meetings.forms.seats import ChangeAnsweredForm
from meetings.models import AgendaAnswer, AgendaItem, Meeting
from meetings.selectors.agendas import agreement_of
from meetings.selectors.hub import meeting_page
from meetings.selectors.items import item_page
from meetings.selectors.rights import given_to, may_at, may_with, permit
from meetings.services import agendas
from meetings.services.asking import OverCeilingError, ask_seats, remind_seats
from meetings.services.papers import waive_notice
from meetings.views.calendar import meeting_response

_SETS = Permission.MEETINGS_AGENDA


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEETINGS_VIEW)
@once
def item_propose(request: InitiativeRequest, meeting_id: int) -> HttpResponse:
    """Put something forward for a meeting."""
    meeting, actor = meeting_of(request, meeting_id), request.membership
    form = ItemForm(request.POST or None, actor=actor)
    may_set = may_at(actor, _SETS, meeting)
    put = agendas.add_item if may_set else agendas.propose_item
    if form.is_valid() and _did(
        form,
        lambda: put(actor=actor, body=meeting.series.body, meeting=meeting, **form.cleaned_data),
    ):
        text = _("Proposed. Whoever sets the agenda takes it up or says why not.")
        messages.success(request, _("It is on the agenda.") if may_set else text)
        return redirect("meetings:meeting", actor.initiative.slug, meeting.pk)
    agreed = agreement_of(meeting).agreed if may_set else 0
    context = {"form": form, "meeting": meeting, "may_set": may_set, "agreed": agreed}
    return render(request, "meetings/item_form.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEETINGS_VIEW)
def item(request: InitiativeRequest, item_id: int) -> HttpResponse:
    """One item with its papers, and what may become of it; who may, changes it."""
    found = _item(request, item_id)
    if request.method != "POST":
        return _page(request, found)
    form = ItemForm(request.POST, actor=request.membership)
    version = request.POST.get("version", "")
    if form.is_valid() and _did(
        form,
        lambda: agendas.change_item(
            actor=request.membership,
            item=found,
            version=int(version) if is_id(version) else 0,
            **form.cleaned_data,
        ),
    ):
        messages.success(request, _("Saved."))
        return redirect(request.path)
    return _page(request, found, changing=form, version=version)


@require_POST
@initiative_view(Permission.MEETINGS_AGENDA, also_given=True)
def item_schedule(request: InitiativeRequest, item_id: int) -> HttpResponse:
    """Take an item up, for a meeting or to wait for one."""
    found, actor = _settable(request, item_id), request.membership
    form = ScheduleForm(request.POST, actor=actor, item=found)
    if form.is_valid() and _did(
        form,
        lambda: agendas.accept_item(actor=actor, item=found, meeting=form.cleaned_data["meeting"]),
    ):
        return _back(request, form.cleaned_data["meeting"] or found.meeting, found)
    return _page(request, found, scheduling=form)


@require_POST
@initiative_view(Permission.MEETINGS_AGENDA, also_given=True)
def item_decline(request: InitiativeRequest, item_id: int) -> HttpResponse:
    """Turn an item down, with a reason."""
    found = _settable(request, item_id)
    form = ReasonForm(request.POST)
    if form.is_valid() and _did(
        form,
        lambda: agendas.decline_item(actor=request.membership, item=found, **form.cleaned_data),
    ):
        return _back(request, found.meeting, found)
    return _page(request, found, declining=form)


@require_POST
@initiative_view(Permission.MEETINGS_AGENDA, also_given=True)
def item_delegate(request: InitiativeRequest, item_id: int) -> HttpResponse:
    """Hand an item to another group."""
    found, actor = _settable(request, item_id), request.membership
    form = GroupForm(request.POST, actor=actor, item=found)
    if form.is_valid() and _did(
        form, lambda: agendas.delegate_item(actor=actor, item=found, **form.cleaned_data)
    ):
        return redirect("meetings:item", actor.initiative.slug, found.pk)
    return _page(request, found, delegating=form)


@require_POST
@initiative_view(Permission.MEETINGS_AGENDA, also_given=True)
def item_move(request: InitiativeRequest, item_id: int) -> HttpResponse:
    """One place up or down; by script only the agenda is drawn again."""
    found = _item(request, item_id)
    up = request.POST.get("to") == "up"
    try:
        agendas.move_item(actor=request.membership, item=found, up=up)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return _back(request, found.meeting, found)


@require_POST
@initiative_view(Permission.MEETINGS_VIEW)
def item_waive(request: InitiativeRequest, item_id: int) -> HttpResponse:
    """Let an item be decided although its papers came late."""
    found = _item(request, item_id)
    everybody = request.POST.get("who") == "everybody"
    try:
        waive_notice(actor=request.membership, item=found, everybody=everybody)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return _page(request, found, status=422)
    return redirect("meetings:item", request.membership.initiative.slug, found.pk)


@require_POST
@initiative_view(Permission.MEETINGS_AGENDA, also_given=True)
def change_resolve(request: InitiativeRequest, agenda_answer_id: int) -> HttpResponse:
    """Say that a request for change was taken up or talked through, and what became of it."""
    rows = AgendaAnswer.objects.visible_to(request.membership).select_related("meeting__series")
    answer = get_object_or_404(rows, pk=agenda_answer_id)
    form = ChangeAnsweredForm(request.POST)
    resolve = partial(agendas.resolve_change, actor=request.membership, answer=answer)
    if not (form.is_valid() and _did(form, lambda: resolve(**form.cleaned_data))):
        said = [str(each) for errors in form.errors.values() for each in errors]
        messages.error(request, " ".join(said))
    return redirect("meetings:meeting", request.membership.initiative.slug, answer.meeting_id)


@require_POST
@initiative_view(Permission.MEETINGS_AGENDA, also_given=True)
def seats_ask(request: InitiativeRequest, meeting_id: int) -> HttpResponse:
    """Write to the seats now instead of when their notice begins, or again to the silent ones."""
    meeting = meeting_of(request, meeting_id)
    if "again" in request.POST:
        return _remind(request, meeting)
    try:
        confirmed = request.POST.get("confirmed") == "on"
        written = ask_seats(actor=request.membership, meeting=meeting, confirmed=confirmed)
    except OverCeilingError as error:
        return meeting_response(request, meeting, over=" ".join(error.messages))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        text = ngettext("%d seat is asked by letter.", "%d seats are asked by letter.", written)
        messages.success(request, text % written)
    return redirect("meetings:meeting", request.membership.initiative.slug, meeting.pk)


def _remind(request: InitiativeRequest, meeting: Meeting) -> HttpResponse:
    try:
        written = remind_seats(actor=request.membership, meeting=meeting)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        text = ngettext(
            "%d seat is reminded by letter.", "%d seats are reminded by letter.", written
        )
        messages.success(request, text % written)
    return redirect("meetings:meeting", request.membership.initiative.slug, meeting.pk)


def meeting_of(request: InitiativeRequest, meeting_id: int) -> Meeting:
    """The meeting of an address, if the member may see it."""
    rows = Meeting.objects.visible_to(request.membership)
    found: Meeting = get_object_or_404(rows.select_related("series__body"), pk=meeting_id)
    return found


def status_of(form: Any) -> int:
    return 422 if form and form.is_bound else 200


def _item(request: InitiativeRequest, item_id: int) -> AgendaItem:
    rows = AgendaItem.objects.visible_to(request.membership).select_related(
        *("body", "meeting__series__body", "proposer", "proposed_by__user", "owner__user"),
        *("indicator", "difference", "carried_from__meeting__series"),
    )
    found: AgendaItem = get_object_or_404(rows, pk=item_id)
    return found


def _settable(request: InitiativeRequest, item_id: int) -> AgendaItem:
    """The same for who may say what becomes of it; what waits may be taken up for any meeting."""
    found, actor = _item(request, item_id), request.membership
    permit(
        may_with(actor, _SETS, found) or (found.meeting is None and bool(given_to(actor, _SETS)))
    )
    return found


def _did(form: Any, work: Callable[[], object]) -> bool:
    """Do it; or put what stands against it into the form."""
    try:
        work()
    except ValidationError as error:
        known = set(getattr(error, "error_dict", ())) <= set(form.fields)
        form.add_error(None, error if known else error.messages)
        return False
    return True


def _back(request: InitiativeRequest, meeting: Meeting | None, item: AgendaItem) -> HttpResponse:
    """To the agenda, or to the item that is on none."""
    slug = request.membership.initiative.slug
    if meeting is None:
        return redirect("meetings:item", slug, item.pk)
    if request.htmx:
        page = meeting_page(request.membership, meeting_of(request, meeting.pk))
        return render(request, "meetings/_agenda.html", {"page": page})
    return redirect("meetings:meeting", slug, meeting.pk)


def _page(
    request: InitiativeRequest, found: AgendaItem, *, status: int = 0, **forms: Any
) -> HttpResponse:
    actor = request.membership
    initial = {name: getattr(found, name) for name in FIELDS}
    context = {
        "page": item_page(actor, found),
        "changing": ItemForm(actor=actor, initial=initial),
        "version": found.version,
        "scheduling": ScheduleForm(
            actor=actor, item=found, initial={"meeting": found.meeting}, auto_id="schedule_%s"
        ),
        "declining": ReasonForm(auto_id="decline_%s"),
        "delegating": GroupForm(actor=actor, item=found, auto_id="delegate_%s"),
    } | forms
    failed = 422 if forms else 200
    return render(request, "meetings/item.html", context, status=status or failed)

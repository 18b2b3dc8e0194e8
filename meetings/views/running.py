"""A meeting on one screen: who is there, what is talked about, what is noted."""

from functools import partial
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from initiatives.access import InitiativeRequest, initiative_view
from initiatives.idempotency import once
from initiatives.models import Membership
from initiatives.permissions import Permission
from meetings import choices
from meetings.forms.actions import ActionForm
from meetings.forms.decisions import FrameForm
from meetings.forms.offers import offer
from meetings.forms.running import (
    BeginForm,
    ItemForm,
    NextForm,
    NoteForm,
    NothingForm,
    OutsiderForm,
    PersonForm,
    StrikeForm,
)
from meetings.models import Meeting, Note
from meetings.selectors.agendas import agreement_of
from meetings.selectors.decisions import decisions_offered
from meetings.selectors.rights import may_at
from meetings.selectors.room import (
    Crowd,
    Room,
    crowd_for,
    meetings_to_enter,
    room_of,
    version_of,
)
from meetings.services import attendance, outsiders, running as run
from meetings.services.actions import assign_action
from meetings.services.decisions import frame_decision
from meetings.services.series import ConflictError
from meetings.views.steps import Step, Taken, take

NOBODY = Crowd([], [])
NOTED = {"frame", "assign"}  # their forms are beside the screen, not on it
BEFORE = tuple(f"{state}-" for state in choices.BEFORE)


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEETINGS_VIEW)
@once
def running(request: InitiativeRequest, meeting_id: int) -> HttpResponse:
    """The screen, and every button on it."""
    meeting = _entered(request, meeting_id)
    taken = take(request, _steps(request, meeting))
    if taken.is_done and not request.htmx:
        return redirect("meetings:running", request.membership.initiative.slug, meeting.pk)
    if taken.is_done:
        meeting.refresh_from_db()
        taken = Taken(take_nothing(request, meeting), taken.sent, is_done=True)
    return _screen(request, meeting, taken)


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEETINGS_VIEW)
def notes(request: InitiativeRequest, meeting_id: int) -> HttpResponse:
    """What changed on the screen, or nothing; one note, sent while it is typed."""
    meeting = _entered(request, meeting_id)
    if request.method == "POST":
        return _note(request, meeting)
    version = f'"{version_of(meeting)}"'
    if version in {request.headers.get("If-None-Match"), f'"{request.GET.get("version")}"'}:
        return HttpResponse(status=304, headers={"ETag": version})
    if meeting.is_before or request.GET.get("version", "").startswith(BEFORE):
        # Nobody writes on the page of a meeting that has not begun: it is read anew.
        return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"HX-Refresh": "true"})
    steps = {name: make(None) for name, make in _forms(request, meeting).items()}
    return _screen(request, meeting, Taken(steps, "", is_done=False))


def _note(request: InitiativeRequest, meeting: Meeting) -> HttpResponse:
    """Keep one line, and answer with the version it has now."""
    step = _steps(request, meeting)["note"]
    taken = take(request, {"note": step})
    if taken.is_done:
        return JsonResponse({"version": taken.result.version, "text": taken.result.text})
    problems = [str(text) for texts in taken.forms["note"].errors.values() for text in texts]
    said: dict[str, Any] = {"error": " ".join(problems)}
    status = 422
    if isinstance(taken.error, ConflictError):
        found = Note.objects.get(meeting=meeting, key=taken.forms["note"].cleaned_data["key"])
        said |= {"version": found.version, "text": found.text}
        status = 409
    return JsonResponse(said, status=status)


def _entered(request: InitiativeRequest, meeting_id: int) -> Meeting:
    found: Any = get_object_or_404(meetings_to_enter(request.membership), pk=meeting_id)
    if not found.is_open:
        raise PermissionDenied
    entered: Meeting = found
    return entered


def _forms(request: InitiativeRequest, meeting: Meeting) -> dict[str, Any]:
    """The forms of the screen by name, as far as the reader may use them."""
    actor = request.membership
    made: dict[str, Any] = {
        "come": partial(PersonForm, actor=actor),
        "leave": partial(PersonForm, actor=actor),
        "come_for": partial(OutsiderForm, meeting=meeting),
        "leave_for": partial(OutsiderForm, meeting=meeting),
        "note": partial(NoteForm, meeting=meeting),
        "strike": partial(StrikeForm, meeting=meeting),
    }
    if may_at(actor, Permission.ACTIONS_ASSIGN, meeting):
        made["assign"] = partial(ActionForm, actor=actor, body=meeting.series.body, meeting=meeting)
    if may_at(actor, Permission.DECISIONS_FRAME, meeting):
        made["frame"] = partial(FrameForm, actor=actor, body=meeting.series.body, meeting=meeting)
    if may_at(actor, Permission.MEETINGS_RUN, meeting):
        made |= {"start": partial(BeginForm, meeting=meeting), "end": NothingForm}
        made["next"] = partial(NextForm, meeting=meeting)
        made |= dict.fromkeys(["turn", "finish"], partial(ItemForm, meeting=meeting))
    return made


def _steps(request: InitiativeRequest, meeting: Meeting) -> dict[str, Step]:
    """What each form does."""
    actor = request.membership
    both: dict[str, Any] = {"actor": actor, "meeting": meeting}
    here = both | {"body": meeting.series.body}
    does: dict[str, Any] = {
        "come": partial(attendance.mark_present, **both),
        "leave": lambda person, mode: attendance.mark_left(person=person, **both),  # noqa: ARG005
        "come_for": partial(outsiders.mark_outsider, actor=actor, is_there=True),
        "leave_for": partial(outsiders.mark_outsider, actor=actor, is_there=False),
        "note": partial(run.write_note, **both),
        "strike": partial(run.strike_note, actor=actor),
        "assign": partial(assign_action, **here),
        "frame": partial(frame_decision, **here),
        "start": partial(run.start_meeting, **both),
        "end": partial(run.end_meeting, **both),
        "next": partial(run.next_item, **both),
        "turn": partial(run.start_item, actor=actor),
        "finish": partial(run.finish_item, actor=actor),
    }
    return {name: Step(make, does[name]) for name, make in _forms(request, meeting).items()}


def take_nothing(request: InitiativeRequest, meeting: Meeting) -> dict[str, Any]:
    """The forms as nobody has touched them."""
    made = _forms(request, meeting)
    return {name: make(None, auto_id=f"{name}_%s") for name, make in made.items()}


def _screen(request: InitiativeRequest, meeting: Meeting, taken: Taken) -> HttpResponse:
    """The whole page, or for htmx the part that changes."""
    room = room_of(meeting, "" if taken.is_done else version_of(meeting))
    is_whole = not request.htmx or taken.sent in NOTED
    may_run = may_at(request.membership, Permission.MEETINGS_RUN, meeting)
    crowd = NOBODY
    if room.takes_notes and (is_whole or may_run):
        crowd = crowd_for(request.membership)
    _offer_items(taken.forms, room)
    if is_whole and room.takes_notes:
        _offer_people(taken.forms, crowd)
        _offer_decisions(taken.forms, request.membership, meeting)
    _begin_with_what_is_on(taken.forms, room)
    context = {
        "room": room,
        "forms": taken.forms,
        "noted": NOTED,
        "done": taken.sent if taken.is_done else "",
        "failed": taken.forms.get(taken.sent) if not taken.is_done else None,
        "sent": taken.sent,
        "may_run": may_run,
        "agreement": agreement_of(meeting) if may_run and meeting.is_before else None,
        "others": _others(room, crowd),
        "here": _is_here(request, room),
    }
    template = "meetings/running.html"
    if request.htmx:
        template = f"meetings/_{'noted' if taken.sent in NOTED else 'room'}.html"
    response = render(request, template, context, status=taken.status)
    response["ETag"] = f'"{room.version}"'
    response["Cache-Control"] = "private, no-cache"
    if taken.is_done and taken.sent in NOTED:
        response["HX-Trigger"] = "room-changed"  # the rest of the screen does not know yet
    return response


def _offer_items(forms: dict[str, Any], room: Room) -> None:
    """The items are known already; no form asks for them again."""
    items = [row.item for row in room.rows]
    for name in {"note", "assign", "frame"} & set(forms):
        field = forms[name].fields["item"]
        offered = [each for each in items if name != "frame" or each.asks_to_decide]
        offer(field, [(each.pk, str(each)) for each in offered])


def _offer_people(forms: dict[str, Any], crowd: Crowd) -> None:
    if "assign" in forms:
        fields = forms["assign"].fields
        offer(fields["organization"], crowd.organizations)
        offer(fields["owner"], [(key, f"{of}: {name}") for key, name, of in crowd.people])


def _offer_decisions(forms: dict[str, Any], actor: Membership, meeting: Meeting) -> None:
    follows, replaces = decisions_offered(actor, meeting.series.body)
    if "assign" in forms:
        offer(forms["assign"].fields["decision"], follows)
    if "frame" in forms:
        offer(forms["frame"].fields["supersedes"], replaces)


def _others(room: Room, crowd: Crowd) -> list[tuple[int, str]]:
    """Who else may be marked as being there, by name."""
    left = [each for each in crowd.people if each[0] not in room.known]
    left.sort(key=lambda each: each[1].casefold())
    return [(key, f"{name}, {of}") for key, name, of in left]


def _begin_with_what_is_on(forms: dict[str, Any], room: Room) -> None:
    """What is noted is noted on the item that has the clock, unless another is chosen."""
    if room.current is None:
        return
    for name in {"note", "assign", "frame"} & set(forms):
        if not forms[name].is_bound and (name != "frame" or room.current.item.asks_to_decide):
            forms[name].initial.setdefault("item", room.current.item.pk)


def _is_here(request: InitiativeRequest, room: Room) -> bool:
    pairs = [pair for row in room.seats for pair in row.people]
    mine = request.membership.pk
    return any(person.pk == mine and row for person, row in pairs) or any(
        guest.person_id == mine for guest in room.guests
    )

"""What a seat says before a meeting: on one page, signed in or by a link, on a phone."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from initiatives import links
from initiatives.access import InitiativeRequest, LinkRequest, initiative_view, link_view
from initiatives.choices import LinkPurpose, Means
from initiatives.models import Membership
from initiatives.permissions import Permission
from meetings.choices import ReplyKind
from meetings.forms.running import NothingForm
from meetings.forms.seats import (
    AgendaAnswerForm,
    BriefingForm,
    DebriefForm,
    DelegateForm,
    MandateForm,
    ReadForm,
    ReplyForm,
)
from meetings.models import AgendaAnswer, Delegation, Meeting, Seat, SeatLink
from meetings.selectors.seats import (
    SeatPage,
    is_open_by,
    is_open_to,
    outsider_page,
    seat_page,
    sent_for,
)
from meetings.services import outsiders, replies
from meetings.services.agendas import answer_agenda
from meetings.services.attendance import mark_left, mark_present
from meetings.services.delegations import answer_delegation
from meetings.services.papers import acknowledge


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEETINGS_VIEW)
def seat(request: InitiativeRequest, meeting_id: int, seat_id: int) -> HttpResponse:
    """One's own seat at a meeting."""
    rows = Meeting.objects.visible_to(request.membership).select_related("series__body")
    meeting = get_object_or_404(rows, pk=meeting_id)
    seats = Seat.objects.current().filter(body_id=meeting.series.body_id)
    found = get_object_or_404(_answerable(seats, request.membership, meeting), pk=seat_id)
    return _page(request, meeting, found, request.membership, Means.WEB)


@require_http_methods(["GET", "HEAD", "POST"])
@link_view(LinkPurpose.SEAT)
def seat_link(request: LinkRequest) -> HttpResponse:
    """The same for whom the link was written: the holder, or the delegate."""
    rows = SeatLink.objects.select_related(
        *("meeting__series__body", "membership__user", "membership__initiative"),
        *("seat__organization", "seat__holder__user"),
        *(f"delegation__{way}" for way in BY_MANDATE),
    )
    found = get_object_or_404(rows, pk=request.link.object_id)
    if found.delegation is not None:
        return by_mandate(request, found.delegation)
    if not is_open_to(found.membership, found.meeting, found.seat):
        raise Http404
    links.note_use(request.link)
    return _page(request, found.meeting, found.seat, found.membership, Means.LINK)


def _answerable(seats: Any, membership: Membership, meeting: Meeting) -> Any:
    """The seats one speaks for, and the one that one is a delegate of."""
    sent = seats.filter(pk__in=sent_for(membership, meeting))
    return (seats.own(membership) | sent).select_related("organization", "holder__user").distinct()


def _page(
    request: Any, meeting: Meeting, seat: Seat, actor: Membership, means: Means
) -> HttpResponse:
    """Show what is asked, or take one answer."""
    return _answered(request, seat_page(meeting, seat, actor), actor, means)


def _answered(request: Any, page: SeatPage, actor: Membership | None, means: Means) -> HttpResponse:
    """``actor`` None: the delegate without an account, who has few of the forms."""
    forms = _forms(request, page)
    if actor is None:
        forms = {name: forms[name] for name in OF_OUTSIDERS}
    action = request.POST.get("action", "") if request.method == "POST" else ""
    form = forms.get(action)
    if form is not None and form.is_valid():
        try:
            _take(action, form, page, actor, means)
        except ValidationError as error:
            form.add_error(None, error)
        except PermissionDenied:
            form.add_error(None, _("Only the holder of the seat and the lead can say that."))
        else:
            if action == "mandate" and form.cleaned_data["kind"] == ReplyKind.NO:
                return _given_back(request, page, means)
            messages.success(request, _("Noted. Thank you."))
            return redirect(request.path)
    template = "meetings/seat_link.html" if means == Means.LINK else "meetings/seat.html"
    context = {"page": page, "forms": forms, "actor": actor, "token": getattr(request, "token", "")}
    return render(request, template, context, status=422 if action else 200)


BY_MANDATE = ("meeting__series__initiative", "seat__organization", "seat__holder__user")
OF_OUTSIDERS = ("mandate", "briefing", "debrief", "come", "leave")


def by_mandate(request: LinkRequest, delegation: Delegation) -> HttpResponse:
    """The page of a delegate without an account: their briefing and the meeting, nothing else."""
    if not is_open_by(delegation):
        raise Http404
    links.note_use(request.link)
    return _answered(request, outsider_page(delegation), None, Means.LINK)


def _given_back(request: Any, page: SeatPage, means: Means) -> HttpResponse:
    """The seat's page is not theirs any more: whoever gave the mandate back is thanked elsewhere."""
    if means == Means.LINK:
        return render(request, "meetings/mandate_over.html", {"meeting": page.meeting})
    messages.success(request, _("Noted. The holder of the seat is told."))
    slug = request.membership.initiative.slug
    return redirect("meetings:meeting", slug, page.meeting.pk)


def _forms(request: Any, page: SeatPage) -> dict[str, Any]:
    """The forms of the page by action; the one that was sent has what was typed."""

    def typed(action: str) -> Any:
        return request.POST if request.POST.get("action") == action else None

    said = page.reply
    return {
        "reply": ReplyForm(
            typed("reply"),
            auto_id="reply_%s",
            initial={"kind": said.kind, "note": said.note} if said else {},
        ),
        "agenda": AgendaAnswerForm(
            typed("agenda"),
            auto_id="agenda_%s",
            initial=_said_of_agenda(page.digest, page.answer),
        ),
        "delegate": DelegateForm(typed("delegate"), auto_id="delegate_%s", seat=page.seat),
        "mandate": MandateForm(
            typed("mandate"),
            auto_id="mandate_%s",
            initial={"kind": page.delegation.answer if page.delegation else None},
        ),
        "briefing": BriefingForm(
            typed("briefing"),
            decide=page.pack["decide"],
            said=page.lines,
            items=page.items,
            pre_reads=[each.paper for each in page.readings],
        ),
        "read": ReadForm(typed("read"), papers=[each.paper for each in page.readings]),
        "come": NothingForm(typed("come")),
        "leave": NothingForm(typed("leave")),
        "debrief": DebriefForm(
            typed("debrief"),
            auto_id="debrief_%s",
            initial={"text": page.delegation.debrief if page.delegation else ""},
        ),
    }


def _said_of_agenda(digest: str, answer: AgendaAnswer | None) -> dict[str, Any]:
    """What the seat said of the agenda; what it still asks for can be put in other words."""
    if answer is None:
        return {"digest": digest}
    text = answer.text if answer.is_open_change else ""
    return {"digest": digest, "kind": answer.kind, "text": text}


def _take(action: str, form: Any, page: SeatPage, actor: Membership | None, means: Means) -> None:
    said: dict[str, Any] = {"actor": actor, "means": means}
    both: dict[str, Any] = {"meeting": page.meeting, "seat": page.seat}
    if action in {"mandate", "debrief"}:
        tell = answer_delegation if action == "mandate" else replies.write_debrief
        tell(**said, delegation=_mandate(page), **form.cleaned_data)
    elif actor is None:
        _take_of_outsider(action, form, _mandate(page))
    elif action == "reply":
        replies.reply(**said, **both, **form.cleaned_data)
    elif action == "agenda":
        answer_agenda(**said, **both, **form.cleaned_data)
    elif action == "delegate":
        name = outsiders.name_outsider if form.is_outside else replies.name_delegate
        name(**said, **both, **form.cleaned_data)
    elif action == "read":
        acknowledge(**said, paper=form.cleaned_data["paper"])
    elif action in {"come", "leave"}:
        mark = mark_present if action == "come" else mark_left
        mark(actor=actor, meeting=page.meeting, person=actor)
    else:
        pack = replies.assemble_briefing(**both)
        replies.answer_briefing(**said, briefing=pack, lines=form.lines)


def _take_of_outsider(action: str, form: Any, delegation: Delegation) -> None:
    if action == "briefing":
        outsiders.brief_outsider(delegation=delegation, lines=form.lines)
        return
    is_there = action == "come"
    outsiders.mark_outsider(actor=None, delegation=delegation, is_there=is_there, means=Means.LINK)


def _mandate(page: SeatPage) -> Delegation:
    """The delegation that the page tells of, as it is stored.

    :raises PermissionDenied: there is none.
    """
    if page.delegation is None:
        raise PermissionDenied
    rows = Delegation.objects.select_related("delegate__user", *BY_MANDATE)
    found: Delegation = rows.get(pk=page.delegation.pk)
    return found

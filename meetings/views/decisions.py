"""Decisions: put, weighed, answered, made, looked at again; the register of them all."""

from functools import partial
from http import HTTPStatus
from itertools import zip_longest
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_safe

from initiatives.access import InitiativeRequest, initiative_view
from initiatives.idempotency import once
from initiatives.models import Membership
from initiatives.permissions import Permission
from meetings.forms import decisions as forms
from meetings.forms.running import NothingForm
from meetings.forms.seats import BriefingForm
from meetings.models import Decision, Meeting, Seat
from meetings.selectors.agendas import items_of, newest_pre_reads
from meetings.selectors.attendance import briefed_at
from meetings.selectors.briefings import asked_of, put_on_items
from meetings.selectors.decisions import (
    NOTHING,
    Offered,
    may_declare_of,
    offered_to,
    register,
    undecided,
)
from meetings.selectors.people import may_speak_for
from meetings.selectors.register import DecisionPage, decision_page, decisions_to_read
from meetings.selectors.rights import may_with
from meetings.services import deciding, decisions as put
from meetings.services.papers import waive_notice
from meetings.services.replies import answer_briefing, assemble_briefing
from meetings.services.series import ConflictError
from meetings.views.steps import Step, bring_back, carry, take

A_PAGE = 50
# What is sent only while a decision is open, and which of it somebody thought about.
WHILE_OPEN = {
    *("decide", "respond", "evidence", "waive", "beneficiary", "interest", "criteria", "scores"),
    *("notice", "briefing", "said"),
}
WRITTEN = {
    "outcome": _lazy("Decided for"),
    "rationale": _lazy("Why this one"),
    "dissent": _lazy("Dissent"),
    "text": _lazy("What you wrote"),
    "reason": _lazy("Why"),
    "answer_reason": _lazy("Why"),
    "interest": _lazy("What you wrote"),
    "criteria": _lazy("Criteria"),
}


@require_safe
@initiative_view(Permission.MEETINGS_VIEW)
def decisions(request: InitiativeRequest) -> HttpResponse:
    """What was decided, latest first, and what is still to be."""
    page = Paginator(register(request.membership), A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "undecided": undecided(request.membership)[:A_PAGE]}
    return render(request, "meetings/decisions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.DECISIONS_FRAME)
@once
def decision_new(request: InitiativeRequest) -> HttpResponse:
    """Put a question."""
    actor = request.membership
    step = Step(partial(forms.FrameForm, actor=actor), partial(put.frame_decision, actor=actor))
    taken = take(request, {"frame": step})
    if taken.is_done:
        return redirect("meetings:decision", actor.initiative.slug, taken.result.pk)
    context = {"form": taken.forms["frame"]}
    return render(request, "meetings/decision_new.html", context, status=taken.status)


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEETINGS_VIEW)
@once
def decision(request: InitiativeRequest, decision_id: int) -> HttpResponse:
    """One decision, as it is and as it stood."""
    actor = request.membership
    page = _read(actor, decision_id)
    taken = take(request, _steps(actor, page), together=True)
    if taken.is_done:
        carry(request, taken.forms, taken.sent)
        messages.success(request, _("Noted."), extra_tags=taken.sent)
        return redirect("meetings:decision", actor.initiative.slug, decision_id)
    bring_back(request, taken.forms)
    if taken.sent == "decide" in taken.forms:
        _keep_outcome(actor, page.decision, taken.forms["decide"])
    if taken.sent:  # what was read before may have changed meanwhile
        page = _read(actor, decision_id)
    is_late = taken.sent in WHILE_OPEN and not page.is_open
    context = {
        "page": page,
        "decision": page.decision,
        "forms": {} if is_late else taken.forms,
        "scored": _scored(page, None if is_late else taken.forms.get("scores")),
        "sent": taken.sent,
        "is_late": is_late,
        "written": _written(request, page) if is_late else [],
        "unbriefed": getattr(taken.error, "code", "") == "unbriefed",
    }
    status = HTTPStatus.CONFLICT if is_late else taken.status
    return render(request, "meetings/decision.html", context, status=status)


def _read(actor: Membership, decision_id: int) -> DecisionPage:
    found: Any = get_object_or_404(decisions_to_read(actor), pk=decision_id)
    return decision_page(found, actor)


def _keep_outcome(actor: Membership, decision: Decision, form: Any) -> None:
    """Keep what could not be decided; beside what somebody else wrote meanwhile it stands in the
    form, and is kept or decided when it is sent again.
    """
    try:
        said = {"version": 0, **form.cleaned_data}
        kept = deciding.keep_draft(actor=actor, decision=decision, **said)
    except ConflictError as error:
        if not form.non_field_errors():
            form.add_error(None, error)
        kept = decision
        kept.refresh_from_db(fields=["version"])
    form.renew(kept.version)


def _scored(page: DecisionPage, form: Any) -> list[tuple[Any, Any]]:
    """Each option with the fields for its scores, where the reader may score."""
    return list(zip_longest(page.options, form.rows() if form else [], fillvalue=[]))


def _written(request: InitiativeRequest, page: DecisionPage) -> list[tuple[str, str]]:
    """What was sent to a decision that was made in the meantime, for its writer to keep."""
    said = {name: request.POST.get(name, "").strip() for name in WRITTEN}
    chosen = {str(each.option.pk): each.option.text for each in page.options}
    said["outcome"] = chosen.get(request.POST.get("outcome", ""), "")
    return [(str(label), said[name]) for name, label in WRITTEN.items() if said[name]]


def _steps(actor: Membership, page: DecisionPage) -> dict[str, Step]:
    """What this reader may do with the decision as it stands."""
    both: dict[str, Any] = {"actor": actor, "decision": page.decision}
    steps: dict[str, Step] = {}
    if page.is_open:
        offered = (
            offered_to(actor)
            if may_with(actor, Permission.DECISIONS_SUPPORT, page.decision)
            else NOTHING
        )
        if may_with(actor, Permission.DECISIONS_FRAME, page.decision):
            steps |= _framing(both, page, offered)
        if may_with(actor, Permission.DECISIONS_SUPPORT, page.decision):
            make = partial(forms.EvidenceForm, actor=actor, offered=offered)
            steps["evidence"] = Step(make, partial(put.add_evidence, **both))
        steps |= _answering(both, page)
        seats = [each.seat for each in page.in_room if not each.refused]
        if seats:
            told = {each.seat_id: (each.line, each.response) for each in page.answers}
            make_said = partial(forms.SaidForm, seats=seats, told=told)
            steps["said"] = Step(make_said, partial(deciding.enter_responses, **both))
        if may_with(actor, Permission.DECISIONS_CLOSE, page.decision):
            options = [each.option for each in page.options]
            make_decide = partial(forms.DecideForm, decision=page.decision, options=options)
            steps["decide"] = Step(make_decide, partial(deciding.decide, **both))
    elif page.may_be_reviewed and may_with(actor, Permission.DECISIONS_CLOSE, page.decision):
        steps["review"] = Step(forms.ReviewForm, partial(deciding.review_decision, **both))
    return steps


def _framing(both: dict[str, Any], page: DecisionPage, offered: Offered) -> dict[str, Step]:
    steps = {
        "waive": Step(forms.ReasonForm, partial(put.waive_evidence, **both)),
        "beneficiary": Step(
            partial(forms.BeneficiaryForm, actor=both["actor"], offered=offered),
            partial(deciding.name_beneficiary, **both),
        ),
    }
    if not page.criteria:
        steps["criteria"] = Step(forms.CriteriaForm, partial(put.fix_criteria, **both))
        return steps
    scores = {
        (row.option.pk, criterion.pk): value
        for row in page.options
        for criterion, value in row.scores
        if value is not None
    }
    options = [each.option for each in page.options]
    make = partial(forms.ScoresForm, options=options, criteria=page.criteria, scores=scores)
    steps["scores"] = Step(make, partial(put.score_options, **both))
    return steps


def _answering(both: dict[str, Any], page: DecisionPage) -> dict[str, Step]:
    actor, found, seat = both["actor"], page.decision, page.own
    steps: dict[str, Step] = {}
    if may_declare_of(actor, seat, (each.organization_id for each in page.interests)):
        steps["interest"] = Step(forms.InterestForm, partial(deciding.declare_interest, **both))
    if seat is None:
        return steps
    make = partial(forms.RespondForm, version=found.version, line=page.line, response=page.response)
    steps["respond"] = Step(make, partial(deciding.respond, **both))
    if found.item is not None and actor.organization_id in page.may_waive:
        steps["notice"] = Step(NothingForm, partial(waive_notice, actor=actor, item=found.item))
    if found.meeting is None or may_speak_for(actor, seat):
        return steps
    if briefed_at(found.meeting, seat) is None:
        steps["briefing"] = _briefing(actor, seat, found.meeting)
    return steps


def _briefing(actor: Membership, seat: Seat, meeting: Meeting) -> Step:
    """The two-minute briefing, on the spot."""
    items = list(items_of(meeting).annotate(put=put_on_items()))
    papers = list(newest_pre_reads(meeting))
    asked = asked_of(items, papers)

    def answer(**said: str) -> None:
        lines = {
            each["item"]: (said[f"line_{each['item']}"], said[f"note_{each['item']}"])
            for each in asked
        }
        pack = assemble_briefing(meeting=meeting, seat=seat)
        answer_briefing(actor=actor, briefing=pack, lines=lines)

    make = partial(BriefingForm, decide=asked, said={}, items=items, pre_reads=papers)
    return Step(make, answer)

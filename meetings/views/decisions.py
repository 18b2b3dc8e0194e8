"""Decisions: put, weighed, answered, made, looked at again; the register of them all."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from initiatives.access import InitiativeRequest, initiative_view
from initiatives.idempotency import once
from initiatives.models import Membership
from initiatives.permissions import Permission
from meetings.forms import decisions as forms
from meetings.forms.running import NothingForm
from meetings.forms.seats import BriefingForm
from meetings.models import Meeting, Seat
from meetings.selectors.agendas import items_of, newest_pre_reads
from meetings.selectors.attendance import briefed_at
from meetings.selectors.briefings import asked_of
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
from meetings.services import deciding, decisions as put
from meetings.services.papers import waive_notice
from meetings.services.replies import answer_briefing, assemble_briefing
from meetings.views.steps import Step, take

A_PAGE = 50


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
    found: Any = get_object_or_404(decisions_to_read(request.membership), pk=decision_id)
    page = decision_page(found, request.membership)
    taken = take(request, _steps(request.membership, page))
    if taken.is_done:
        messages.success(request, _("Noted."))
        return redirect("meetings:decision", request.membership.initiative.slug, found.pk)
    if taken.sent == "decide" in taken.forms and page.is_open:
        said = {**taken.forms["decide"].cleaned_data}
        said.pop("version", None)
        deciding.keep_draft(actor=request.membership, decision=found, **said)
        found.refresh_from_db(fields=["draft"])
    if taken.sent and taken.error is not None:
        found.refresh_from_db()
    context = {
        "page": page,
        "decision": found,
        "forms": taken.forms,
        "sent": taken.sent,
        "unbriefed": getattr(taken.error, "code", "") == "unbriefed",
    }
    return render(request, "meetings/decision.html", context, status=taken.status)


def _steps(actor: Membership, page: DecisionPage) -> dict[str, Step]:
    """What this reader may do with the decision as it stands."""
    both: dict[str, Any] = {"actor": actor, "decision": page.decision}
    steps: dict[str, Step] = {}
    if page.is_open:
        offered = offered_to(actor) if actor.may(Permission.DECISIONS_SUPPORT) else NOTHING
        if actor.may(Permission.DECISIONS_FRAME):
            steps |= _framing(both, page, offered)
        if actor.may(Permission.DECISIONS_SUPPORT):
            make = partial(forms.EvidenceForm, actor=actor, offered=offered)
            steps["evidence"] = Step(make, partial(put.add_evidence, **both))
        steps |= _answering(both, page)
        if actor.may(Permission.DECISIONS_CLOSE):
            options = [each.option for each in page.options]
            make_decide = partial(forms.DecideForm, decision=page.decision, options=options)
            steps["decide"] = Step(make_decide, partial(deciding.decide, **both))
    elif page.may_be_reviewed and actor.may(Permission.DECISIONS_CLOSE):
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
    steps["respond"] = Step(forms.RespondForm, partial(deciding.respond, **both))
    if found.item is not None and actor.organization_id in page.may_waive:
        steps["notice"] = Step(NothingForm, partial(waive_notice, actor=actor, item=found.item))
    if found.meeting is None or may_speak_for(actor, seat):
        return steps
    if briefed_at(found.meeting, seat) is None:
        steps["briefing"] = _briefing(actor, seat, found.meeting)
    return steps


def _briefing(actor: Membership, seat: Seat, meeting: Meeting) -> Step:
    """The two-minute briefing, on the spot."""
    asked = asked_of(items_of(meeting), newest_pre_reads(meeting))

    def answer(**said: str) -> None:
        lines = {
            each["item"]: (said[f"line_{each['item']}"], said[f"note_{each['item']}"])
            for each in asked
        }
        pack = assemble_briefing(meeting=meeting, seat=seat)
        answer_briefing(actor=actor, briefing=pack, lines=lines)

    return Step(partial(BriefingForm, decide=asked, said={}), answer)

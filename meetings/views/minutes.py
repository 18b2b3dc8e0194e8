"""The minutes of a meeting: made, circulated, corrected, approved, printed."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from initiatives.access import InitiativeRequest, initiative_view
from initiatives.idempotency import once
from initiatives.models import Membership
from initiatives.permissions import Permission
from meetings.choices import MeetingState, MinutesState
from meetings.forms.minutes import AnswerForm, ApproveForm, CorrectionForm, SummaryForm
from meetings.forms.running import NothingForm
from meetings.models import Meeting, Minutes
from meetings.selectors.minutes import MinutesPage, minutes_page
from meetings.selectors.rights import may_at
from meetings.services import minutes as write
from meetings.views.steps import Step, take


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEETINGS_VIEW)
@once
def minutes(request: InitiativeRequest, meeting_id: int) -> HttpResponse:
    """What was said, decided and promised, as it was noted."""
    rows = Meeting.objects.visible_to(request.membership).select_related("series__body")
    meeting = get_object_or_404(rows, pk=meeting_id)
    page = minutes_page(meeting, request.membership)
    taken = take(request, _steps(request.membership, meeting, page))
    if taken.is_done:
        messages.success(request, _("Noted."))
        return redirect("meetings:minutes", request.membership.initiative.slug, meeting.pk)
    context = {"page": page, "meeting": meeting, "forms": taken.forms, "error": taken.error}
    return render(request, "meetings/minutes.html", context, status=taken.status)


def _steps(actor: Membership, meeting: Meeting, page: MinutesPage) -> dict[str, Step]:
    """What this reader may do with the minutes as they stand."""
    steps: dict[str, Step] = {}
    may_run = may_at(actor, Permission.MEETINGS_RUN, meeting)
    may_approve = may_at(actor, Permission.MEETINGS_MINUTE, meeting)
    if may_run and meeting.state == MeetingState.MINUTES_DRAFT:
        steps["draft"] = Step(
            NothingForm, partial(write.draft_minutes, actor=actor, meeting=meeting)
        )
    found = page.minutes
    if found is None:
        return steps
    both: dict[str, Any] = {"actor": actor, "minutes": found}
    if may_run and found.state != MinutesState.APPROVED:
        steps["summary"] = Step(
            partial(SummaryForm, minutes=found), partial(write.write_summary, **both)
        )
    if may_run and found.state == MinutesState.DRAFT:
        steps["circulate"] = Step(NothingForm, partial(write.circulate_minutes, **both))
    if found.state != MinutesState.DRAFT and write.may_correct(actor, found):
        steps["correct"] = Step(CorrectionForm, partial(write.correct_minutes, **both))
    is_said = any(each.pk == actor.organization_id for each in page.confirmed)
    if found.state == MinutesState.CIRCULATED and "correct" in steps and not is_said:
        steps["confirm"] = Step(NothingForm, partial(write.confirm_minutes, **both))
    if found.state == MinutesState.CIRCULATED and may_approve:
        steps |= _approving(actor, found)
    return steps


def _approving(actor: Membership, found: Minutes) -> dict[str, Step]:
    both: dict[str, Any] = {"actor": actor, "minutes": found}
    return {
        "answer": Step(
            partial(AnswerForm, minutes=found), partial(write.answer_correction, actor=actor)
        ),
        "approve": Step(
            partial(ApproveForm, minutes=found), partial(write.approve_minutes, **both)
        ),
    }

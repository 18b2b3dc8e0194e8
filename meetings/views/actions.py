"""Actions: who does what by when, said to be done, accepted, put off, dropped."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from initiatives.access import InitiativeRequest, initiative_view
from initiatives.idempotency import once
from initiatives.models import Membership
from initiatives.permissions import Permission
from meetings.choices import ActionState
from meetings.forms import actions as forms
from meetings.models import ActionItem
from meetings.selectors.actions import EVERYONES, MINE, OURS, actions_for, how_many
from meetings.services import actions as act
from meetings.views.steps import Step, take

A_PAGE = 50


@require_safe
@initiative_view(Permission.MEETINGS_VIEW)
def actions(request: InitiativeRequest) -> HttpResponse:
    """What was promised, overdue first."""
    asked = request.GET.get("whose", "")
    numbers = how_many(request.membership)
    fallback = OURS if not request.membership.is_backbone else EVERYONES
    whose = asked if asked in {MINE, OURS, EVERYONES} else fallback
    is_done = request.GET.get("done") == "yes"
    rows = actions_for(request.membership, whose, done=is_done)
    context = {
        "page": Paginator(rows, A_PAGE).get_page(request.GET.get("page")),
        "whose": whose,
        "is_done": is_done,
        "numbers": numbers,
        "today": timezone.localdate(),
    }
    return render(request, "meetings/actions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.ACTIONS_ASSIGN)
@once
def action_new(request: InitiativeRequest) -> HttpResponse:
    """Ask somebody to do something."""
    actor = request.membership
    initial = {"decision": request.GET.get("decision", "")}
    make = partial(forms.ActionForm, actor=actor, initial=initial)
    taken = take(request, {"assign": Step(make, partial(act.assign_action, actor=actor))})
    if taken.is_done:
        return redirect("meetings:action", actor.initiative.slug, taken.result.pk)
    context = {"form": taken.forms["assign"]}
    return render(request, "meetings/action_new.html", context, status=taken.status)


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.MEETINGS_VIEW)
@once
def action(request: InitiativeRequest, action_id: int) -> HttpResponse:
    """One action, and what can be said of it."""
    rows = ActionItem.objects.visible_to(request.membership).select_related(
        *("organization", "owner__user", "requester__user", "requester__organization"),
        *("body", "decision", "meeting__series", "item"),
    )
    found = get_object_or_404(rows, pk=action_id)
    taken = take(request, _steps(request.membership, found))
    if taken.is_done:
        messages.success(request, _("Noted."))
        return redirect("meetings:action", request.membership.initiative.slug, found.pk)
    context = {
        "action": found,
        "forms": taken.forms,
        "error": taken.error if taken.sent not in taken.forms else None,
        "today": timezone.localdate(),
    }
    return render(request, "meetings/action.html", context, status=taken.status)


def _steps(actor: Membership, found: ActionItem) -> dict[str, Step]:
    """What this reader may say of it as it stands."""
    both: dict[str, Any] = {"actor": actor, "action": found}
    may_agree = act.may_agree(actor, found)
    steps: dict[str, Step] = {}
    if found.state == ActionState.OPEN and act.may_do(actor, found):
        steps["claim"] = Step(forms.NoteForm, partial(act.claim_done, **both))
        steps["put_off"] = Step(forms.PutOffForm, partial(act.put_off, **both))
    if found.state == ActionState.OPEN and found.drop_asked and may_agree:
        steps["keep"] = Step(forms.NothingForm, partial(act.keep_action, **both))
        steps["drop"] = Step(forms.NothingForm, partial(act.drop_action, **both))
    elif found.state == ActionState.OPEN and (may_agree or act.may_do(actor, found)):
        steps["drop"] = Step(forms.ReasonForm, partial(act.drop_action, **both))
    if found.state == ActionState.CLAIMED_DONE and act.may_judge(actor, found):
        steps["accept"] = Step(forms.NothingForm, partial(act.accept_action, **both))
        steps["reopen"] = Step(forms.ReasonForm, partial(act.reopen_action, **both))
    return steps

"""What did not work, for whoever sets the initiative up."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from initiatives import jobs, selectors, services
from initiatives.access import InitiativeRequest, initiative_view
from initiatives.models import Notice
from initiatives.permissions import Permission


@require_safe
@initiative_view(Permission.INITIATIVE_EDIT)
def failures(request: InitiativeRequest) -> HttpResponse:
    """Work that was given up, and letters that did not leave."""
    return render(request, "initiatives/failures.html", {"failures": selectors.failures()})


@require_POST
@initiative_view(Permission.INITIATIVE_EDIT)
def job_retry(request: InitiativeRequest, job_id: int) -> HttpResponse:
    """Have it done again, or put it aside."""
    job, again = get_object_or_404(jobs.given_up(), pk=job_id), _again(request)
    if services.retry_job(actor=request.membership, job=job, again=again):
        messages.success(request, _("It is being done again.") if again else _("Put aside."))
    return redirect("initiatives:failures", request.membership.initiative.slug)


@require_POST
@initiative_view(Permission.INITIATIVE_EDIT)
def notice_retry(request: InitiativeRequest, notice_id: int) -> HttpResponse:
    """Send the letter again, or put it aside."""
    notice, again = get_object_or_404(Notice.objects.failed(), pk=notice_id), _again(request)
    if services.retry_notice(actor=request.membership, notice=notice, again=again):
        messages.success(request, _("It is being sent again.") if again else _("Put aside."))
    return redirect("initiatives:failures", request.membership.initiative.slug)


def _again(request: InitiativeRequest) -> bool:
    return request.POST.get("action", "again") != "aside"

"""What of shared measurement waits for a member: papers to write, papers to review."""

from collections.abc import Iterable

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from initiatives import today
from initiatives.models import Membership
from initiatives.permissions import Permission
from measures.choices import RoundState, SubmissionState
from measures.models import Round, Submission

MOST = 20
WRITABLE = [SubmissionState.DRAFT, SubmissionState.RETURNED]
UNDER_WAY = [RoundState.OPEN, RoundState.DUE, RoundState.GRACE]


@today.waits
def papers_to_write(membership: Membership) -> Iterable[today.Waiting]:
    """The papers of one's own organization that are not handed in yet, or came back."""
    if not membership.may(Permission.MEASURES_SUBMIT):
        return
    open_now = Q(round__state__in=UNDER_WAY) | Q(reopened_until__gt=timezone.now())
    rows = Submission.objects.filter(
        open_now, organization_id=membership.organization_id, state__in=WRITABLE
    ).select_related("round__period")
    slug = membership.initiative.slug
    for paper in rows.order_by("round__due_at", "id")[:MOST]:
        came_back = paper.state == SubmissionState.RETURNED
        text = _("Look again at %(period)s") if came_back else _("Report %(period)s")
        yield today.Waiting(
            text=text % {"period": paper.round.period.name},
            url=reverse("measures:submission", args=[slug, paper.pk]),
            note=paper.return_reason if came_back else "",
            due_on=timezone.localdate(paper.round.due_at),
            condition="measures",
        )


@today.waits
def papers_to_review(membership: Membership) -> Iterable[today.Waiting]:
    """A line for each round in which papers wait for the reviewer."""
    if not membership.may(Permission.MEASURES_COLLECT):
        return
    waiting = Count("submissions", filter=Q(submissions__state=SubmissionState.SUBMITTED))
    rounds = Round.objects.select_related("period").annotate(waiting=waiting)
    url = reverse("measures:collection", args=[membership.initiative.slug])
    for each in rounds.filter(waiting__gt=0).order_by("due_at", "id")[:MOST]:
        yield today.Waiting(
            text=_("Review the numbers of %(period)s") % {"period": each.period.name},
            url=f"{url}?round={each.pk}",
            note=ngettext("%(n)d paper", "%(n)d papers", each.waiting) % {"n": each.waiting},
            condition="measures",
            number=each.waiting,
        )

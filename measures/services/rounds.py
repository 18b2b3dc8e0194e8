"""Rounds move by the clock: planned, open, due, in grace, closed. Each step is an act."""

from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import formats, timezone

from initiatives import links
from initiatives.audit import record
from initiatives.choices import LinkPurpose, Means
from initiatives.models import Membership
from initiatives.notices import notify
from measures.choices import RoundState, SubmissionState
from measures.models import Round, Submission
from measures.selectors.submissions import organizations_asked, reporters_of
from measures.services.submissions import open_submission

ORDER = [
    RoundState.PLANNED,
    RoundState.OPEN,
    RoundState.DUE,
    RoundState.GRACE,
    RoundState.CLOSED,
]
DUE_LASTS = timedelta(days=1)
LINK_LASTS_AFTER_DUE = timedelta(days=30)


def advance_rounds(now: datetime | None = None) -> int:
    """Move every round of the initiative in scope on to where the clock is; how many steps."""
    now, steps = now or timezone.now(), 0
    rounds = Round.objects.exclude(state=RoundState.CLOSED).select_related("period")
    for round_ in rounds.select_for_update(skip_locked=True, of=["self"]).order_by("id"):
        target = ORDER.index(state_at(round_, now))
        while ORDER.index(RoundState(round_.state)) < target:
            _step(round_, ORDER[ORDER.index(RoundState(round_.state)) + 1])
            steps += 1
        if round_.state in {RoundState.OPEN, RoundState.DUE, RoundState.GRACE}:
            _hand_out(round_)
    return steps + _end_reopenings(now)


def state_at(round_: Round, now: datetime) -> RoundState:
    """Where a round stands by its dates."""
    if round_.closes_at is not None and round_.closes_at <= now:
        return RoundState.CLOSED
    if now < round_.opens_at:
        return RoundState.PLANNED
    if now < round_.due_at:
        return RoundState.OPEN
    return RoundState.DUE if now < round_.due_at + DUE_LASTS else RoundState.GRACE


def _step(round_: Round, state: RoundState) -> None:
    before, round_.state = round_.state, state
    round_.save(update_fields=["state"])
    record(None, f"measures.round_{state}", round_, means=Means.CLOCK, before=before)
    if state == RoundState.DUE:
        waiting = Submission.objects.filter(
            round=round_, state__in=[SubmissionState.DRAFT, SubmissionState.RETURNED]
        )
        for submission in waiting.select_related("organization", "initiative").order_by("id"):
            _write(submission, round_, occasion="due")


def _hand_out(round_: Round) -> None:
    """Give a paper to everyone who is asked and has none; the letter says where it is."""
    given = set(Submission.objects.filter(round=round_).values_list("organization_id", flat=True))
    for organization in organizations_asked(round_):
        if organization.pk not in given:
            submission = open_submission(
                actor=None, round_=round_, organization=organization, means=Means.CLOCK
            )
            _write(submission, round_, occasion="open")


def _write(submission: Submission, round_: Round, *, occasion: str) -> None:
    """Write to the reporters of an organization that has not handed in."""
    for reporter in reporters_of(submission.organization_id):
        notify(
            "round_due",
            submission,
            occasion=occasion,
            recipient=reporter.user.email,
            user=reporter.user,
            not_after=round_.closes_at,
            url=form_address(submission, reporter),
            organization=submission.organization.name,
            period=round_.period.name,
            due=formats.date_format(timezone.localtime(round_.due_at), "DATE_FORMAT"),
            is_due=occasion == "due",
        )


def form_address(submission: Submission, reporter: Membership) -> str:
    """A signed link to the form, or the form behind signing in if the lead wants it so."""
    if not submission.organization.has_form_links:
        path = reverse("measures:submission", args=[submission.initiative.slug, submission.pk])
        return settings.SITE_URL + path
    round_ = submission.round
    token, _link = links.issue(
        LinkPurpose.SUBMISSION,
        submission.pk,
        user=reporter.user,
        expires_at=round_.closes_at or max(round_.due_at, timezone.now()) + LINK_LASTS_AFTER_DUE,
    )
    return links.address("form_link", token)


def _end_reopenings(now: datetime) -> int:
    """What was opened again and not handed in is accepted as it was when the time is over."""
    over = Submission.objects.filter(
        state=SubmissionState.RETURNED, reopened_until__lte=now, accepted_at__isnull=False
    ).select_for_update(skip_locked=True)
    ended = 0
    for submission in over:
        submission.state = SubmissionState.ACCEPTED
        submission.version += 1
        submission.save(update_fields=["state", "version"])
        record(None, "measures.reopening_ended", submission, means=Means.CLOCK)
        ended += 1
    return ended

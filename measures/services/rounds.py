"""Rounds move by the clock: planned, open, due, in grace, closed. Each step is an act."""

from datetime import datetime, timedelta

from django.utils import timezone

from initiatives import links
from initiatives.audit import record
from initiatives.choices import LinkPurpose, Means
from measures.choices import RoundState, SubmissionState
from measures.models import Round, Submission
from measures.selectors.submissions import organizations_asked
from measures.services.letters import write_round_due
from measures.services.submissions import open_submission

ORDER = [
    RoundState.PLANNED,
    RoundState.OPEN,
    RoundState.DUE,
    RoundState.GRACE,
    RoundState.CLOSED,
]
DUE_LASTS = timedelta(days=1)
MOST_PAPERS = 300  # handed out in one transaction, which whoever writes on them waits for


def advance_rounds(now: datetime | None = None) -> int:
    """Move every round of the initiative in scope on to where the clock is; how many steps.

    Papers beyond ``MOST_PAPERS`` are handed out the next time.
    """
    now, steps, left = now or timezone.now(), 0, MOST_PAPERS
    rounds = Round.objects.exclude(state=RoundState.CLOSED).select_related("period")
    for round_ in rounds.select_for_update(skip_locked=True, of=["self"]).order_by("id"):
        target = ORDER.index(state_at(round_, now))
        while ORDER.index(RoundState(round_.state)) < target:
            _step(round_, ORDER[ORDER.index(RoundState(round_.state)) + 1])
            steps += 1
        if left > 0 and round_.state in {RoundState.OPEN, RoundState.DUE, RoundState.GRACE}:
            left -= _hand_out(round_, left)
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
    if state == RoundState.CLOSED:
        shut = Submission.objects.filter(round=round_, reopened_until=None)
        links.revoke(LinkPurpose.SUBMISSION, *shut.values_list("pk", flat=True))
    if state == RoundState.DUE:
        waiting = Submission.objects.filter(
            round=round_, state__in=[SubmissionState.DRAFT, SubmissionState.RETURNED]
        )
        for submission in waiting.select_related("organization", "initiative").order_by("id"):
            write_round_due(submission, round_, occasion="due")


def _hand_out(round_: Round, most: int) -> int:
    """Give a paper to those who are asked and have none; the letter says where it is. How many."""
    given = set(Submission.objects.filter(round=round_).values_list("organization_id", flat=True))
    asked = [each for each in organizations_asked(round_) if each.pk not in given][:most]
    for organization in asked:
        submission = open_submission(
            actor=None, round_=round_, organization=organization, means=Means.CLOCK
        )
        write_round_due(submission, round_, occasion="open")
    return len(asked)


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

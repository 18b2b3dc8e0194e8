"""Rounds move by the clock: planned, open, due, in grace, closed. Each step is an act."""

from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Greatest
from django.utils import timezone

from initiatives import links
from initiatives.audit import record
from initiatives.choices import LinkPurpose, Means
from initiatives.models import Membership, Notice
from measures.choices import RoundState, SubmissionState
from measures.models import Round, Submission
from measures.selectors.submissions import GOING, OPEN_STATES, REPORTERS, organizations_asked
from measures.services.letters import LINK_LASTS_AFTER_DUE, write_round_due
from measures.services.submissions import open_submission

ORDER = [
    RoundState.PLANNED,
    RoundState.OPEN,
    RoundState.DUE,
    RoundState.GRACE,
    RoundState.CLOSED,
]
ABOUT_A_ROUND = {"kind": "round_due", "subject_type": Submission._meta.label_lower}
DUE_LASTS = timedelta(days=1)
MOST_FORMS = 300  # handed out in one transaction, which whoever writes on them waits for


def advance_rounds(now: datetime | None = None) -> int:
    """Move every round of the initiative in scope on to where the clock is; how many steps.

    Forms beyond ``MOST_FORMS`` are handed out the next time.
    """
    now, steps, left = now or timezone.now(), 0, MOST_FORMS
    rounds = Round.objects.exclude(state=RoundState.CLOSED).select_related("period")
    for round_ in rounds.select_for_update(skip_locked=True, of=["self"]).order_by("id"):
        target = ORDER.index(state_at(round_, now))
        while ORDER.index(RoundState(round_.state)) < target:
            _step(round_, ORDER[ORDER.index(RoundState(round_.state)) + 1])
            steps += 1
        if left > 0 and round_.state in {RoundState.OPEN, RoundState.DUE, RoundState.GRACE}:
            left -= _hand_out(round_, left)
    _tell_newcomers(now)
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
        waiting = Submission.objects.filter(round=round_, state__in=OPEN_STATES)
        for submission in waiting.select_related("organization", "initiative").order_by("id"):
            write_round_due(submission, round_, occasion="due")


def _hand_out(round_: Round, most: int) -> int:
    """Give a form to those who are asked and have none; the letter says where it is. How many."""
    given = set(Submission.objects.filter(round=round_).values_list("organization_id", flat=True))
    asked = [each for each in organizations_asked(round_) if each.pk not in given][:most]
    for organization in asked:
        submission = open_submission(
            actor=None, round_=round_, organization=organization, means=Means.CLOCK
        )
        write_round_due(submission, round_, occasion="open")
    return len(asked)


def _tell_newcomers(now: datetime) -> None:
    """Who reports for an organization since after its form was laid out gets the same letter, once.

    Not of rounds that are over by all but their dates: a first day would begin with all of them.
    """
    told = Notice.objects.filter(
        **ABOUT_A_ROUND,
        subject_id=OuterRef(OuterRef("pk")),
        user_id=OuterRef("user_id"),
    )
    untold = Membership.objects.current().filter(
        ~Exists(told),
        organization_id=OuterRef("organization_id"),
        roles__overlap=REPORTERS,
        user__is_active=True,
    )
    waiting = Submission.objects.filter(
        Exists(untold),
        state__in=OPEN_STATES,
        round__state__in=GOING,
        round__due_at__gte=Greatest(F("round__created_at"), now - LINK_LASTS_AFTER_DUE),
    ).select_related("round__period", "organization", "initiative")
    for submission in waiting.order_by("id")[:MOST_FORMS]:
        letters = Notice.objects.filter(**ABOUT_A_ROUND, subject_id=submission.pk)
        already = set(letters.values_list("user_id", flat=True))
        write_round_due(submission, submission.round, occasion="open", but=already)


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

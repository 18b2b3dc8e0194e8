"""Submissions become facts: any number of them in the same few statements."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.utils import timezone

from initiatives import links
from initiatives.audit import record_each
from initiatives.choices import LinkPurpose
from initiatives.models import Membership
from initiatives.permissions import Permission
from measures import ledger
from measures.choices import CorrectionReason, FactStatus, SubmissionState
from measures.models import Entry, Observation, Submission
from measures.selectors.submissions import assignments_of

Cause = tuple[str, str]
"""A coded reason and its text."""
Said = tuple[int, int, int | None]
"""A submission, an indicator and a cell."""


def accept_submissions(*, actor: Membership, submissions: Iterable[Submission]) -> int:
    """Turn what is written on submissions into facts; how many were accepted."""
    if not actor.may(Permission.MEASURES_COLLECT):
        raise PermissionDenied
    chosen = list(submissions)
    ledger.take_turns({each.organization_id for each in chosen})
    waiting = _locked(chosen)
    facts = _facts(waiting)
    for (reason, text), group in facts.items():
        ledger.record(group, user_id=actor.user_id, reason=reason, reason_text=text)
    said: dict[int | None, int] = defaultdict(int)
    for group in facts.values():
        for fact in group:
            said[fact.submission_id] += 1
    Submission.objects.filter(pk__in=[each.pk for each in waiting]).update(
        state=SubmissionState.ACCEPTED,
        accepted_at=timezone.now(),
        reopened_until=None,
        return_reason="",
        version=F("version") + 1,
    )
    links.revoke(LinkPurpose.SUBMISSION, *(each.pk for each in waiting))
    for each in waiting:
        each.version += 1
    record_each(
        actor,
        "measures.submission_accepted",
        ((each, {"facts": said[each.pk]}) for each in waiting),
    )
    return len(waiting)


def _locked(submissions: Iterable[Submission]) -> list[Submission]:
    """Those of the submissions that wait for review, in the order every writer locks them in."""
    waiting = Submission.objects.awaiting_review().filter(pk__in=[each.pk for each in submissions])
    rows = waiting.select_for_update(of=["self"], no_key=True)
    return list(rows.select_related("round__period", "organization").order_by("pk"))


def _facts(submissions: Sequence[Submission]) -> dict[Cause, list[ledger.NewFact]]:
    """What the submissions say, by why it is said: the first time without a reason."""
    by_id = {each.pk: each for each in submissions}
    found: dict[Cause, list[ledger.NewFact]] = defaultdict(list)
    standing, before = _accepted_of(submissions)
    written = set(standing)
    for entry in Entry.objects.reported().filter(submission__in=by_id).order_by("id"):
        submission, key = (
            by_id[entry.submission_id],
            (entry.submission_id, entry.indicator_id, entry.cell_id),
        )
        if key not in standing:
            written.add(key)
            found[_cause(submission)].append(_fact(submission, entry))
    for submission_id, indicator_id, cell_id in before - written:
        submission = by_id[submission_id]
        # A number that this submission made a fact and that is blank now: missing, never 0.
        blank = Entry(indicator_id=indicator_id, cell_id=cell_id, status=FactStatus.MISSING)
        found[_cause(submission)].append(_fact(submission, blank))
    return found


def _accepted_of(submissions: Sequence[Submission]) -> tuple[set[Said], set[Said]]:
    """What is accepted of the submissions already: what stands, from a file, of those that never were
    accepted as a whole; and what the others made facts and are still asked for.
    """
    again = {each.pk: each for each in submissions if each.accepted_at is not None}
    asked = {
        (round_.pk, organization_id, indicator_id)
        for round_ in {each.round for each in again.values()}
        for organization_id, indicator_id in assignments_of(round_).values_list(
            "organization_id", "indicator_id"
        )
    }
    facts = (
        Observation.objects.current()
        .filter(submission__in=[each.pk for each in submissions])
        .values_list(
            *("submission_id", "indicator_id", "cell_id", "status"),
            *("cell__is_leaf", "cell__partition_id", "indicator__partition_id"),
        )
    )
    standing, before = set(), set()
    for submission_id, indicator_id, cell_id, status, is_leaf, of_cell, of_indicator in facts:
        said = (submission_id, indicator_id, cell_id)
        if submission_id not in again:
            if status != FactStatus.MISSING:
                standing.add(said)
        elif (
            again[submission_id].round_id,
            again[submission_id].organization_id,
            indicator_id,
        ) in asked and (cell_id is None or (is_leaf and of_cell == of_indicator)):
            before.add(said)
    return standing, before


def _cause(submission: Submission) -> Cause:
    if submission.accepted_at is None:
        return ("", "")
    return (CorrectionReason.ENTRY, submission.return_reason)


def _fact(submission: Submission, entry: Entry) -> ledger.NewFact:
    return ledger.NewFact(
        indicator_id=entry.indicator_id,
        organization_id=submission.organization_id,
        period_id=submission.round.period_id,
        cell_id=entry.cell_id,
        value=entry.value,
        numerator=entry.numerator,
        denominator=entry.denominator,
        status=entry.status,
        note=entry.note,
        is_late=submission.is_late,
        submission_id=submission.pk,
    )

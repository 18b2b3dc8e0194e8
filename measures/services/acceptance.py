"""Papers become facts: any number of them in the same few statements."""

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
"""A paper, an indicator and a cell."""


def accept_submissions(*, actor: Membership, submissions: Iterable[Submission]) -> int:
    """Turn what is written on papers into facts; how many papers were accepted."""
    if not actor.may(Permission.MEASURES_COLLECT):
        raise PermissionDenied
    chosen = list(submissions)
    ledger.take_turns({each.organization_id for each in chosen})
    papers = _locked(chosen)
    facts = _facts(papers)
    for (reason, text), group in facts.items():
        ledger.record(group, user_id=actor.user_id, reason=reason, reason_text=text)
    said: dict[int | None, int] = defaultdict(int)
    for group in facts.values():
        for fact in group:
            said[fact.submission_id] += 1
    Submission.objects.filter(pk__in=[each.pk for each in papers]).update(
        state=SubmissionState.ACCEPTED,
        accepted_at=timezone.now(),
        reopened_until=None,
        return_reason="",
        version=F("version") + 1,
    )
    links.revoke(LinkPurpose.SUBMISSION, *(each.pk for each in papers))
    for each in papers:
        each.version += 1
    record_each(
        actor,
        "measures.submission_accepted",
        ((each, {"facts": said[each.pk]}) for each in papers),
    )
    return len(papers)


def _locked(submissions: Iterable[Submission]) -> list[Submission]:
    """Those of the papers that wait for review, in the order every writer locks them in."""
    waiting = Submission.objects.awaiting_review().filter(pk__in=[each.pk for each in submissions])
    rows = waiting.select_for_update(of=["self"], no_key=True)
    return list(rows.select_related("round__period", "organization").order_by("pk"))


def _facts(papers: Sequence[Submission]) -> dict[Cause, list[ledger.NewFact]]:
    """What the papers say, by why it is said: the first time without a reason."""
    by_id = {each.pk: each for each in papers}
    found: dict[Cause, list[ledger.NewFact]] = defaultdict(list)
    standing, before = _accepted_of(papers)
    written = set(standing)
    for entry in Entry.objects.reported().filter(submission__in=by_id).order_by("id"):
        paper, key = (
            by_id[entry.submission_id],
            (entry.submission_id, entry.indicator_id, entry.cell_id),
        )
        if key not in standing:
            written.add(key)
            found[_cause(paper)].append(_fact(paper, entry))
    for paper_id, indicator_id, cell_id in before - written:
        paper = by_id[paper_id]
        # A number that this paper made a fact and that is blank now: missing, never 0.
        blank = Entry(indicator_id=indicator_id, cell_id=cell_id, status=FactStatus.MISSING)
        found[_cause(paper)].append(_fact(paper, blank))
    return found


def _accepted_of(papers: Sequence[Submission]) -> tuple[set[Said], set[Said]]:
    """What is accepted of the papers already: what stands, from a file, of those that never were
    accepted as a whole; and what the others made facts and are still asked for.
    """
    again = {each.pk: each for each in papers if each.accepted_at is not None}
    asked = {
        (round_.pk, organization_id, indicator_id)
        for round_ in {each.round for each in again.values()}
        for organization_id, indicator_id in assignments_of(round_).values_list(
            "organization_id", "indicator_id"
        )
    }
    facts = (
        Observation.objects.current()
        .filter(submission__in=[each.pk for each in papers])
        .values_list(
            *("submission_id", "indicator_id", "cell_id", "status"),
            *("cell__is_leaf", "cell__partition_id", "indicator__partition_id"),
        )
    )
    standing, before = set(), set()
    for paper_id, indicator_id, cell_id, status, is_leaf, of_cell, of_indicator in facts:
        said = (paper_id, indicator_id, cell_id)
        if paper_id not in again:
            if status != FactStatus.MISSING:
                standing.add(said)
        elif (
            again[paper_id].round_id,
            again[paper_id].organization_id,
            indicator_id,
        ) in asked and (cell_id is None or (is_leaf and of_cell == of_indicator)):
            before.add(said)
    return standing, before


def _cause(paper: Submission) -> Cause:
    if paper.accepted_at is None:
        return ("", "")
    return (CorrectionReason.ENTRY, paper.return_reason)


def _fact(paper: Submission, entry: Entry) -> ledger.NewFact:
    return ledger.NewFact(
        indicator_id=entry.indicator_id,
        organization_id=paper.organization_id,
        period_id=paper.round.period_id,
        cell_id=entry.cell_id,
        value=entry.value,
        numerator=entry.numerator,
        denominator=entry.denominator,
        status=entry.status,
        note=entry.note,
        is_late=paper.is_late,
        submission_id=paper.pk,
    )

"""Reading a file of values in: all of it, or nothing and every reason."""

from collections.abc import Iterable
from typing import BinaryIO

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives import audit
from initiatives.choices import Means
from initiatives.models import Membership
from measures import ledger
from measures.choices import CorrectionReason, FactStatus, SubmissionState
from measures.imports.amounts import Outcome, Row
from measures.imports.keys import Keys
from measures.imports.numbers import Style
from measures.imports.problems import Code, Problem, UnreadableFileError
from measures.imports.report import Report
from measures.imports.rows import Checker
from measures.imports.staging import settle_duplicates
from measures.imports.stored import dimension_names, stored_keys
from measures.imports.table import open_table
from measures.models import Entry, ImportRun, Submission

BATCH = 2_000
Paper = tuple[int, int]
"""A round and an organization."""


def import_values(
    *,
    actor: Membership | None,
    file: BinaryIO,
    name: str,
    style: Style | None = None,
    accept: bool = False,
    partial: bool = False,
    dry_run: bool = False,
    own: Iterable[int] | None = None,
    means: Means = Means.WEB,
) -> Report:
    """Read ``file`` (seekable, binary) into the initiative in scope.

    With ``accept`` the values are facts at once; otherwise they are submitted for review.
    One bad row refuses the file, unless ``partial``. The same file again changes nothing.
    """
    report = Report(name, dry_run=dry_run)
    try:
        table = open_table(file, dimensions=dimension_names())
        keys = stored_keys(own)
        checker = Checker(table, keys, style or _style_of(table.delimiter))
        report.rows = [checker.check(record) for record in table]
    except UnreadableFileError as error:
        report.broken, report.refused = list(error.problems), True
        return report
    report.notices = table.notices
    settle_duplicates(report.rows)
    papers = _papers(report.rows, keys)
    if not accept:
        _refuse_accepted(report.rows, keys, papers)
    report.refused = report.has_errors and not partial
    if report.refused or dry_run:
        return report
    with transaction.atomic():
        _store(report, keys, papers, f"{table.facts.sha256[:63]}{accept:d}", actor, means, accept)
    return report


def _style_of(delimiter: str) -> Style:
    return Style.POINT if delimiter == "," else Style.ASK


def _store(
    report: Report,
    keys: Keys,
    papers: dict[Paper, Submission],
    digest: str,
    actor: Membership | None,
    means: Means,
    accept: bool,
) -> None:
    good = [row for row in report.rows if row.stored]
    if ImportRun.objects.filter(digest=digest, rows=len(good)).exists():
        report.is_known = True
        return
    user_id = actor.user_id if actor else None
    _hand_in(good, keys, papers, user_id, accept)
    if accept:
        report.stored = ledger.record(
            (_fact(row, papers[_paper(row, keys)].pk) for row in good),
            user_id=user_id,
            reason=CorrectionReason.IMPORT,
            reason_text=report.name,
        )
    else:
        report.stored = _write_entries(good, keys, papers)
    run = ImportRun.here(
        name=report.name[:255],
        digest=digest,
        rows=len(good),
        stored=report.stored,
        user_id=user_id,
    )
    run.save()
    audit.record(
        actor,
        "measures.values_imported",
        run,
        means=means,
        stored=report.stored,
        accepted=accept,
        **report.counts,
    )


def _paper(row: Row, keys: Keys) -> Paper:
    return (keys.rounds[row.period_id or 0].id, row.organization_id or 0)


def _papers(rows: list[Row], keys: Keys) -> dict[Paper, Submission]:
    """The submissions that exist for the rounds the rows are about."""
    rounds = {_paper(row, keys)[0] for row in rows if row.stored}
    found = Submission.objects.filter(round_id__in=rounds)
    return {(each.round_id, each.organization_id): each for each in found}


def _refuse_accepted(rows: list[Row], keys: Keys, papers: dict[Paper, Submission]) -> None:
    for row in rows:
        paper = papers.get(_paper(row, keys)) if row.stored else None
        if paper is None or paper.state != SubmissionState.ACCEPTED or paper.is_reopened:
            continue
        row.outcome, row.stored = Outcome.REJECT, False
        row.problems.append(
            Problem(
                Code.LOCKED,
                "period",
                "",
                _("What this organization handed in for the period is accepted already."),
                _("Ask the data manager to reopen it, or to correct the value."),
            )
        )


def _hand_in(
    rows: list[Row],
    keys: Keys,
    papers: dict[Paper, Submission],
    user_id: int | None,
    accept: bool,
) -> None:
    """Bring every paper the rows are written on into its state, making those that lack."""
    now = timezone.now()
    wanted = list(dict.fromkeys(_paper(row, keys) for row in rows))
    stamp = {
        "state": SubmissionState.ACCEPTED if accept else SubmissionState.SUBMITTED,
        "submitted_at": now,
        "submitted_by_id": user_id,
        "accepted_at": now if accept else None,
    }
    present = [papers[paper].pk for paper in wanted if paper in papers]
    Submission.objects.filter(pk__in=present).update(**stamp, version=F("version") + 1)
    made = Submission.objects.bulk_create(
        [
            Submission.here(round_id=round_id, organization_id=organization_id, **stamp)
            for round_id, organization_id in wanted
            if (round_id, organization_id) not in papers
        ],
        batch_size=BATCH,
    )
    papers.update(((each.round_id, each.organization_id), each) for each in made)


def _status(row: Row) -> str:
    suppressed = row.outcome == Outcome.SUPPRESSED
    return FactStatus.SUPPRESSED if suppressed else FactStatus.NORMAL


def _fact(row: Row, submission_id: int) -> ledger.NewFact:
    return ledger.NewFact(
        indicator_id=row.indicator_id or 0,
        organization_id=row.organization_id or 0,
        period_id=row.period_id or 0,
        cell_id=row.cell_id,
        value=row.value if row.denominator is None else None,
        numerator=row.numerator,
        denominator=row.denominator,
        status=_status(row),
        note=row.comment,
        submission_id=submission_id,
    )


def _write_entries(rows: list[Row], keys: Keys, papers: dict[Paper, Submission]) -> int:
    entries = [
        Entry.here(
            submission=papers[_paper(row, keys)],
            indicator_id=row.indicator_id,
            cell_id=row.cell_id,
            value=row.value if row.denominator is None else None,
            numerator=row.numerator,
            denominator=row.denominator,
            status=_status(row),
            note=row.comment,
        )
        for row in rows
    ]
    Entry.objects.bulk_create(
        entries,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["initiative", "submission", "indicator", "cell"],
        update_fields=["value", "numerator", "denominator", "status", "note"],
    )
    return len(entries)

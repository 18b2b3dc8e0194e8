"""Reading a file of values in: all of it, or nothing and every reason."""

from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _, ngettext

from initiatives import audit
from initiatives.choices import Means
from initiatives.models import Membership
from measures.choices import CorrectionReason, ImportState, SubmissionState
from measures.imports import staging
from measures.imports.amounts import Row
from measures.imports.encoding import unreadable
from measures.imports.keys import Keys
from measures.imports.numbers import Style
from measures.imports.problems import UnreadableFileError
from measures.imports.report import MOST_BAD, MOST_CHANGES, Report
from measures.imports.rows import Checker
from measures.imports.stored import dimension_names, measured, stored_keys
from measures.imports.table import Table, open_table
from measures.ledger import staged
from measures.models import ImportRun


def import_values(
    *,
    actor: Membership | None,
    file: BinaryIO,
    name: str,
    style: Style | None = None,
    accept: bool = False,
    reason: str = "",
    partial: bool = False,
    columns: Mapping[str, str] | None = None,
    dry_run: bool = False,
    own: Iterable[int] | None = None,
    run: ImportRun | None = None,
    means: Means = Means.WEB,
) -> Report:
    """Read ``file`` (seekable, binary) into the initiative in scope.

    With ``accept`` the values are facts at once, and those that change a fact need a ``reason``;
    otherwise they are submitted for review. One bad row refuses the file, unless ``partial``.
    What is recorded already is left as it is, so importing twice is importing once.
    ``columns``: what headings are that are not known by their names, by their ``key_of``.
    ``own``: the organizations whose numbers the reader may give; None is all.
    """
    report = Report(name, dry_run=dry_run)
    try:
        with transaction.atomic():
            _read(report, file, style, columns or {}, None if own is None else list(own))
            if accept:
                _hold_against_facts(report, reason)
            else:
                _hold_against_submissions(report, is_own=own is not None)
            report.refused = report.has_errors and not partial
            if not report.refused and not dry_run:
                _store(report, actor, accept=accept, reason=reason, run=run, means=means)
    except UnreadableFileError as error:
        report.broken, report.refused = list(error.problems), True
        report.columns = error.columns
    return report


def _read(
    report: Report,
    file: BinaryIO,
    style: Style | None,
    columns: Mapping[str, str],
    own: list[int] | None,
) -> None:
    """Check row after row, and put the good ones into the staging table."""
    table = open_table(file, dimensions=dimension_names(), told=columns, indicators=measured())
    report.columns = table.heading.seen
    keys = stored_keys(own)
    report.headings = {
        keys.indicators[code].id: table.heading_of(code, "value") for code in table.heading.wide
    }
    checker = Checker(table, keys, style or _style_of(table.delimiter))
    staging.stage(_checked(report, table, checker, keys))
    if not report.total:
        raise unreadable(
            _("Below the heading there is no row."),
            _("One row for each value."),
            line=table.heading.line,
        )
    report.notices = list(table.notices)
    if table.heading.wide:
        report.read_as.append(_("One column per indicator: each number counts as a row."))
    report.read_as += keys.told()
    duplicates = staging.settle_duplicates(MOST_BAD)
    report.tell(duplicates)
    if found := staging.outgrown():
        report.notices.append(_outgrown(found))


def _outgrown(found: staging.Outgrown) -> str:
    """Published figures do this, so it is told and not refused: what is left over is below 0."""
    said = ngettext(
        "%(totals)s total is less than its groups: line %(line)s says %(total)s, they add up to "
        "%(groups)s. The rest will stand as “not stated”, below 0.",
        "%(totals)s totals are less than their groups: line %(line)s says %(total)s, they add up to "
        "%(groups)s. The rest will stand as “not stated”, below 0.",
        found.totals,
    )
    return said % found._asdict()


def _style_of(delimiter: str) -> Style:
    return Style.POINT if delimiter == "," else Style.ASK


def _checked(
    report: Report, table: Table, checker: Checker, keys: Keys
) -> Iterator[tuple[Row, int]]:
    for record in table:
        row = checker.check(record)
        report.add(row)
        if row.stored:
            yield row, keys.rounds[row.period_id or 0].id


def _hold_against_facts(report: Report, reason: str) -> None:
    """With a reason facts may change; a dry run says which would need one."""
    if not report.dry_run:
        staged.lock()
    staged.compare_with_facts()
    counted, fallen = staging.tally(), []
    if any(change == "changed" for _outcome, change in counted):
        report.changes = staging.changes(MOST_CHANGES)
        report.needs_reason = not reason.strip()
    if report.needs_reason and not report.dry_run and staged.refuse_unexplained():
        fallen = staging.fallen("unexplained", MOST_BAD)
    report.left_open = staged.weigh_submissions(SubmissionState.ACCEPTED)
    report.settle(staging.tally(), fallen)


def _hold_against_submissions(report: Report, *, is_own: bool) -> None:
    """What is accepted is not written over; nor is, by its writers, what waits for review."""
    if not report.dry_run:
        staged.lock()
    staged.compare_with_facts()
    staged.compare_with_submissions()
    staged.refuse_standing()
    shut = [SubmissionState.ACCEPTED, *([SubmissionState.SUBMITTED] if is_own else [])]
    for state in shut:
        staged.refuse_on(state, state)
    fallen = [each for state in shut for each in staging.fallen(state, MOST_BAD)]
    report.left_open = staged.weigh_submissions(SubmissionState.SUBMITTED, is_own=is_own)
    report.settle(staging.tally(), fallen)


def _store(
    report: Report,
    actor: Membership | None,
    *,
    accept: bool,
    reason: str,
    run: ImportRun | None,
    means: Means,
) -> None:
    """Submissions first, then what is written on them; one act for all of it, and none for nothing."""
    now, user_id = staged.moment(), actor.user_id if actor else None
    state = SubmissionState.ACCEPTED if accept else SubmissionState.SUBMITTED
    submissions = staged.hand_in(state, user_id=user_id, now=now)
    if accept:
        report.stored = staged.record_facts(
            user_id=user_id, now=now, reason=CorrectionReason.IMPORT, reason_text=reason.strip()
        )
    else:
        report.stored = staged.write_entries()
    report.is_known = not submissions and not report.stored
    if report.is_known:
        return
    run = run or ImportRun.here(name=report.name[:255], user_id=user_id, is_accepting=accept)
    run.state, run.reason, run.imported_at = ImportState.IMPORTED, reason.strip(), now
    run.rows, run.stored = report.total, report.stored
    run.save()
    audit.record(
        actor,
        "measures.values_imported",
        run,
        means=means,
        stored=report.stored,
        submissions=submissions,
        accepted=accept,
        changed=report.changed,
        reason=reason.strip(),
        **report.counts,
    )

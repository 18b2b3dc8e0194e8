"""A file's way from being sent in to being imported: checked first, imported once, then deleted.

Small files are read while somebody waits; large ones by a worker, and the page asks how it goes.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files import File
from django.db import OperationalError, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives import audit, jobs, quotas
from initiatives.models import Membership
from initiatives.permissions import Permission
from initiatives.tenancy import took_too_long
from measures.choices import DecimalMark, ImportState
from measures.imports import files
from measures.imports.columns import key_of
from measures.imports.numbers import Style
from measures.imports.problems import shown
from measures.imports.report import Report
from measures.imports.told import as_told
from measures.models import ImportRun
from measures.services import columns
from measures.services.imports import import_values

CHECK, RUN = "measures.check_import", "measures.run_import"
KEPT = timedelta(days=2)  # a file that nobody decides about
STUCK = timedelta(hours=1)


def receive_file(
    *, actor: Membership, file: File, name: str, is_accepting: bool = False, mark: str = ""
) -> ImportRun:
    """Keep a sent file and check it, now or by a worker.

    :raises ValidationError: too large, or too many files wait already.
    """
    may_collect = actor.may(Permission.MEASURES_COLLECT)
    if not may_collect and actor.organization_id is None:
        raise PermissionDenied
    _check_size(file.size)
    stored = files.keep(file)
    try:
        run = ImportRun.here(
            name=shown(name, 255),
            user_id=actor.user_id,
            organization_id=None if may_collect else actor.organization_id,
            state=ImportState.CHECKING,
            file=stored,
            size=file.size,
            decimal_mark=mark,
            columns=columns.remembered_columns(None if may_collect else actor.organization_id),
            is_accepting=is_accepting and may_collect,
        )
        run.save()
    except BaseException:
        files.forget(stored)
        raise
    audit.record(actor, "measures.file_sent", run, size=run.size)
    return _begin(run, CHECK)


def answer_mark(*, actor: Membership, run: ImportRun, mark: str) -> ImportRun:
    """Say how the whole file writes its decimals; it is checked again."""
    locked = _locked(actor, run)
    if locked.state not in {ImportState.CHECKED, ImportState.REFUSED} or not locked.file:
        return locked
    if mark not in DecimalMark.values:
        raise ValidationError(_("Choose one of the two."))
    locked.decimal_mark, locked.state = mark, ImportState.CHECKING
    locked.save()
    return _begin(locked, CHECK)


def tell_columns(*, actor: Membership, run: ImportRun, told: Mapping[str, str]) -> ImportRun:
    """Say what the columns of a file are, by their headings; it is checked again.

    It is remembered for the files to come.

    :raises ValidationError: there is no such column.
    """
    locked = _locked(actor, run)
    if locked.state not in {ImportState.CHECKED, ImportState.REFUSED} or not locked.file:
        return locked
    columns.remember_columns(actor=actor, organization_id=locked.organization_id, columns=told)
    locked.columns |= {key_of(heading): target for heading, target in told.items()}
    locked.state = ImportState.CHECKING
    locked.save()
    audit.record(actor, "measures.columns_told", locked, columns=dict(told))
    return _begin(locked, CHECK)


def confirm_import(*, actor: Membership, run: ImportRun, reason: str = "") -> ImportRun:
    """Import a checked file, once however often it is asked for.

    :raises ValidationError: it would change accepted numbers and there is no reason.
    """
    locked = _locked(actor, run)
    if locked.state != ImportState.CHECKED:
        return locked
    if locked.report.get("changed") and locked.is_accepting and not reason.strip():
        raise ValidationError(_("Say why accepted numbers change."))
    locked.state, locked.reason = ImportState.IMPORTING, reason.strip()
    locked.user_id = actor.user_id
    locked.save()
    return _begin(locked, RUN)


def drop_file(*, actor: Membership, run: ImportRun) -> ImportRun:
    """Leave a file be: it is deleted, nothing of it is stored."""
    locked = _locked(actor, run)
    if locked.state not in {ImportState.CHECKED, ImportState.REFUSED, ImportState.CHECKING}:
        return locked
    locked.state = ImportState.DROPPED
    _let_go(locked)
    audit.record(actor, "measures.file_dropped", locked)
    return locked


@jobs.handles(CHECK)
def check_import(*, run_id: int) -> None:
    """Read the file without storing any of it; a second run of the job finds nothing to do."""
    run = ImportRun.objects.select_for_update().filter(pk=run_id).first()
    if run is None or run.state != ImportState.CHECKING:
        return
    report = _read(run, dry_run=True)
    if report is None:
        return
    run.state = ImportState.REFUSED if report.refused else ImportState.CHECKED
    _tell(run, report)
    can_be_told = report.columns and (report.broken or any(c.is_told for c in report.columns))
    if report.refused and report.question is None and not can_be_told:
        _let_go(run)


@jobs.handles(RUN)
def run_import(*, run_id: int) -> None:
    """Import the file as a whole, or say why it is refused by now."""
    run = ImportRun.objects.select_for_update().filter(pk=run_id).first()
    if run is None or run.state != ImportState.IMPORTING:
        return
    report = _read(run, dry_run=False)
    if report is None:
        return
    run.state = ImportState.REFUSED if report.refused else ImportState.IMPORTED
    run.imported_at = None if report.refused else timezone.now()
    _tell(run, report)
    _let_go(run)


def sweep_files() -> None:
    """Delete files nobody decided about and files no run knows of; end what got stuck."""
    now = timezone.now()
    waiting = ImportRun.objects.exclude(file="").select_for_update(skip_locked=True)
    for run in waiting.filter(created_at__lt=now - KEPT):
        run.state = ImportState.DROPPED
        _let_go(run)
    busy = [ImportState.CHECKING, ImportState.IMPORTING]
    for run in waiting.filter(state__in=busy, created_at__lt=now - STUCK):
        _fail(run, _("It took too long, or a server stopped. Send the file again."))
    known = set(ImportRun.objects.exclude(file="").values_list("file", flat=True))
    for name in set(files.kept()) - known:
        if files.age(name) > STUCK:
            files.forget(name)


def _check_size(size: int) -> None:
    if size > files.LARGEST:
        raise ValidationError(
            _("The file is larger than %(most)d MB. Split it.")
            % {"most": files.LARGEST // files.MEBIBYTE}
        )
    quotas.check_bytes("waiting_megabytes", _waiting, more=size)


def _waiting() -> int:
    """The bytes of all files that wait."""
    return ImportRun.objects.exclude(file="").aggregate(total=Sum("size"))["total"] or 0


def _begin(run: ImportRun, kind: str) -> ImportRun:
    if run.size > files.AT_ONCE:
        jobs.enqueue(kind, key=str(run.pk), run_id=run.pk)
        return run
    (check_import if kind == CHECK else run_import)(run_id=run.pk)
    run.refresh_from_db()
    return run


def _read(run: ImportRun, *, dry_run: bool) -> Report | None:
    """Read the run's file as its sender may; None if that cannot be done any more."""
    actor = _sender(run)
    if actor is None:
        _fail(run, _("Who sent the file may not import any more."))
        return None
    try:
        with files.opened(run.file) as file:
            return import_values(
                actor=actor,
                file=file,
                name=run.name,
                style=Style(run.decimal_mark) if run.decimal_mark else None,
                accept=run.is_accepting,
                reason=run.reason,
                columns=run.columns,
                dry_run=dry_run,
                own=None if run.organization_id is None else [run.organization_id],
                run=run,
            )
    except FileNotFoundError:
        _fail(run, _("The file is gone. Send it again."))
        return None
    except MemoryError:
        _fail(run, _("It takes too much memory. Split it, and send one part after the other."))
        return None
    except (SoftTimeLimitExceeded, OperationalError) as error:
        if isinstance(error, OperationalError) and not took_too_long(error):
            raise
        # It would take as long again: whose file comes after it has waited enough.
        _fail(run, _("It takes too long. Split it, and send one part after the other."))
        return None


def _sender(run: ImportRun) -> Membership | None:
    """The membership by which the file was sent, if it still holds."""
    needed = (
        Permission.MEASURES_COLLECT if run.organization_id is None else Permission.MEASURES_SUBMIT
    )
    mine = Membership.objects.current().filter(user_id=run.user_id, user__is_active=True)
    if run.organization_id is not None:
        mine = mine.filter(organization_id=run.organization_id)
    return next((each for each in mine.order_by("id") if each.may(needed)), None)


def _locked(actor: Membership, run: ImportRun) -> ImportRun:
    found: ImportRun = (
        ImportRun.objects.visible_to(actor)
        .select_for_update(of=["self"], no_key=True)
        .get(pk=run.pk)
    )
    return found


def _tell(run: ImportRun, report: Report) -> None:
    run.report = as_told(report)
    run.rows, run.stored = report.total, report.stored
    run.save()


def _fail(run: ImportRun, text: str) -> None:
    run.state, run.report = ImportState.FAILED, {"failure": text}
    _let_go(run)


def _let_go(run: ImportRun) -> None:
    """Delete the file once this is committed; what became of it stays known."""
    transaction.on_commit(partial(files.forget, run.file))
    run.file = ""
    run.save()

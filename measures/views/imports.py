"""Files of values: sent in, checked, imported once it is said so."""

import csv
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from initiatives.access import InitiativeRequest, initiative_view
from initiatives.permissions import Permission
from measures.arithmetic.texts import inert
from measures.forms.imports import ColumnsForm, ConfirmForm, MarkForm, UploadForm
from measures.imports.stored import dimension_names, measured
from measures.models import ImportRun, Round
from measures.selectors.imports import (
    codes_known,
    columns_for,
    open_rounds,
    runs_for,
    template_rows,
)
from measures.services import uploads
from measures.services.columns import forget_column

PER_PAGE = 20
LINES_PER_PAGE = 50


@require_http_methods(["GET", "POST"])
@initiative_view(Permission.MEASURES_IMPORT)
def imports(request: InitiativeRequest) -> HttpResponse:
    """Send a file in; below, what became of those before."""
    collects = request.membership.may(Permission.MEASURES_COLLECT)
    form = UploadForm(request.POST or None, request.FILES or None, collects=collects)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            run = uploads.receive_file(
                actor=request.membership,
                file=file,
                name=file.name,
                is_accepting=form.is_accepting,
            )
            return _to(request, run)
        except ValidationError as error:
            form.add_error("file", error)
    page = Paginator(runs_for(request.membership), PER_PAGE).get_page(request.GET.get("page"))
    indicators, organizations = codes_known(request.membership)
    context = {
        "form": form,
        "page": page,
        "indicators": indicators,
        "organizations": organizations,
        "rounds": open_rounds(),
        "collects": collects,
        "columns": columns_for(request.membership),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "measures/imports.html", context, status=status)


@require_GET
@initiative_view(Permission.MEASURES_IMPORT)
def import_run(request: InitiativeRequest, import_id: int) -> HttpResponse:
    """What checking found, or what the import came to."""
    return _page(request, _found(request, import_id))


@require_POST
@initiative_view(Permission.MEASURES_IMPORT)
def import_confirm(request: InitiativeRequest, import_id: int) -> HttpResponse:
    """Import what was checked; a second click finds it done."""
    run = _found(request, import_id)
    form = ConfirmForm(request.POST, needs_reason=_needs_reason(run))
    if form.is_valid():
        try:
            reason = form.cleaned_data.get("reason", "")
            run = uploads.confirm_import(actor=request.membership, run=run, reason=reason)
            return _to(request, run)
        except ValidationError as error:
            form.add_error(None, error)
    return _page(request, run, form=form, status=422)


@require_POST
@initiative_view(Permission.MEASURES_IMPORT)
def import_mark(request: InitiativeRequest, import_id: int) -> HttpResponse:
    """Say how the file writes its decimals."""
    run, form = _found(request, import_id), MarkForm(request.POST)
    if not form.is_valid():
        return _page(request, run, status=422)
    return _to(request, uploads.answer_mark(actor=request.membership, run=run, **form.cleaned_data))


@require_POST
@initiative_view(Permission.MEASURES_IMPORT)
def import_columns(request: InitiativeRequest, import_id: int) -> HttpResponse:
    """Say what the columns of a file are."""
    run = _found(request, import_id)
    form = _columns_form(run, request.POST)
    if form is None:
        return _to(request, run)
    if form.is_valid():
        run = uploads.tell_columns(actor=request.membership, run=run, told=form.told)
        return _to(request, run)
    return _page(request, run, columns=form, status=422)


@require_POST
@initiative_view(Permission.MEASURES_IMPORT)
def column_forget(request: InitiativeRequest, column_id: int) -> HttpResponse:
    """Read a heading by its name again."""
    column = get_object_or_404(columns_for(request.membership), pk=column_id)
    forget_column(actor=request.membership, column=column)
    return redirect("measures:imports", request.membership.initiative.slug)


@require_POST
@initiative_view(Permission.MEASURES_IMPORT)
def import_drop(request: InitiativeRequest, import_id: int) -> HttpResponse:
    """Leave the file be."""
    uploads.drop_file(actor=request.membership, run=_found(request, import_id))
    messages.success(request, _("The file is deleted; nothing of it was stored."))
    return redirect("measures:imports", request.membership.initiative.slug)


@require_GET
@initiative_view(Permission.MEASURES_IMPORT)
def import_template(request: InitiativeRequest, round_id: int) -> HttpResponse:
    """The table of a round, to be filled in."""
    round_ = get_object_or_404(Round.objects.select_related("period"), pk=round_id)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{round_.period.code}.csv"'
    response.write("\ufeff")  # so that a spreadsheet reads it as UTF-8
    writer = csv.writer(response)
    for row in template_rows(request.membership, round_):
        writer.writerow([inert(cell) for cell in row])
    return response


def _found(request: InitiativeRequest, import_id: int) -> ImportRun:
    found: ImportRun = get_object_or_404(runs_for(request.membership), pk=import_id)
    return found


def _columns_form(run: ImportRun, data: Any = None) -> ColumnsForm | None:
    """What the columns are, while the file waits and it can be said."""
    columns = run.report.get("columns")
    if not run.file or run.is_busy or not columns:
        return None
    return ColumnsForm(data, columns=columns, dimensions=dimension_names(), indicators=measured())


def _needs_reason(run: ImportRun) -> bool:
    return run.is_accepting and bool(run.report.get("changed"))


def _to(request: InitiativeRequest, run: ImportRun) -> HttpResponse:
    return redirect("measures:import_run", request.membership.initiative.slug, run.pk)


def _page(
    request: InitiativeRequest,
    run: ImportRun,
    *,
    form: Any = None,
    columns: ColumnsForm | None = None,
    status: int = 200,
) -> HttpResponse:
    problems = run.report.get("problems", [])
    context = {
        "run": run,
        "report": run.report,
        "columns": columns or _columns_form(run),
        "form": form or ConfirmForm(needs_reason=_needs_reason(run)),
        "page": Paginator(problems, LINES_PER_PAGE).get_page(request.GET.get("page")),
    }
    template = "measures/_import.html" if request.htmx else "measures/import_run.html"
    return render(request, template, context, status=status)

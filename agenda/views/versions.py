"""The agenda's versions: read, written, compared, commented, circulated."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agenda.forms.versions import CirculateForm, CommentForm, Draft, ReasonForm
from agenda.models import AgendaVersion, DimensionComment
from agenda.selectors import goals, outcomes, versions as reading
from agenda.selectors.amendments import may_amend, may_suggest
from agenda.selectors.ratification import party_of, response_of
from agenda.selectors.reservations import takes_drafts
from agenda.services import versions as deciding
from initiatives.access import InitiativeRequest, initiative_view
from initiatives.idempotency import once
from initiatives.ids import is_id
from initiatives.models import Membership
from initiatives.permissions import Permission


@require_safe
@initiative_view(Permission.AGENDA_VIEW)
def versions(request: InitiativeRequest) -> HttpResponse:
    """All versions, the latest first."""
    rows = AgendaVersion.objects.visible_to(request.membership)
    context = {"versions": rows, "has_work": rows.under_work().exists()}
    return render(request, "agenda/versions.html", context)


@require_POST
@initiative_view(Permission.AGENDA_DRAFT)
def version_start(request: InitiativeRequest) -> HttpResponse:
    """Begin a new draft; where one is under work already, go there."""
    try:
        agenda = deciding.start_version(actor=request.membership)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("agenda:versions", request.membership.initiative.slug)
    return redirect("agenda:version_edit", request.membership.initiative.slug, agenda.pk)


@require_safe
@initiative_view(Permission.AGENDA_VIEW)
def agenda_version(request: InitiativeRequest, agenda_id: int) -> HttpResponse:
    return page(request, found(request, agenda_id))


def page(
    request: InitiativeRequest, agenda: AgendaVersion, *, status: int = 200, **context: Any
) -> HttpResponse:
    """One version with everything that can be said and done about it now."""
    member = request.membership
    others = AgendaVersion.objects.visible_to(member).exclude(pk=agenda.pk)
    own, drafts = member.may(Permission.AGENDA_RESPOND), _drafts(member)
    party = party_of(agenda, member.organization_id) if own or drafts else None
    standings = goals.standings() if agenda.state == "ratified" else []
    context = {
        "agenda": agenda,
        "sections": reading.sections_of(agenda, member),
        "others": others,
        "sentences": outcomes.sentences_of(agenda),
        "standings": [(each, goals.way_to_measure(member, each.goal)) for each in standings],
        "is_provisional": any(each.is_provisional for each in standings),
        "may_amend": agenda.state == "circulated" and may_suggest(member),
        "proposes": may_amend(member),
        "may_comment": member.may(Permission.AGENDA_COMMENT) and agenda.is_under_work,
        "party": party if own else None,
        "drafts_here": drafts and takes_drafts(agenda, party),
        "response": response_of(agenda, member.organization_id) if own else None,
        "circulating": CirculateForm(),
        "withdrawing": ReasonForm(),
        "refused": [],
    } | context
    return render(request, "agenda/version.html", context, status=status)


def _drafts(member: Membership) -> bool:
    """Whether the member writes reservations down that somebody else sends."""
    return member.may(Permission.AGENDA_RESERVATION_DRAFT) and not member.may(
        Permission.AGENDA_RESPOND
    )


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.AGENDA_DRAFT)
def version_edit(request: InitiativeRequest, agenda_id: int) -> HttpResponse:
    """The text of a draft, on one sheet."""
    agenda = found(request, agenda_id)
    if not agenda.is_editable:
        messages.info(request, _("The text of this version is not being drafted."))
        return _to(agenda)
    if request.method != "POST":
        return _editor(request, Draft(agenda))
    draft = Draft(agenda, request.POST)
    try:
        saved = deciding.save_dimensions(
            actor=request.membership, agenda=agenda, written=draft.written, version=draft.version
        )
        deciding.reference_differences(
            actor=request.membership, agenda=saved, keys=draft.references
        )
    except deciding.ConflictError as error:
        agenda.refresh_from_db(fields=["version"])
        return _editor(request, draft, status=409, conflict=error.messages[0])
    except ValidationError as error:
        return _editor(request, draft, status=422, refused=error.messages)
    messages.success(request, _("Saved."))
    again = request.POST.get("action") == "again"
    return redirect(request.path) if again else _to(agenda)


def _editor(
    request: InitiativeRequest, draft: Draft, *, status: int = 200, **context: Any
) -> HttpResponse:
    context |= {
        "draft": draft,
        "agenda": draft.agenda,
        "deadlocks": reading.deadlocks_of(draft.agenda),
    }
    return render(request, "agenda/version_edit.html", context, status=status)


@require_safe
@initiative_view(Permission.AGENDA_VIEW)
def version_compare(request: InitiativeRequest, agenda_id: int) -> HttpResponse:
    """Two versions side by side; without a choice, with the one before."""
    agenda = found(request, agenda_id)
    rows = AgendaVersion.objects.visible_to(request.membership).exclude(pk=agenda.pk)
    wanted = request.GET.get("with", "")
    other = next((each for each in rows if str(each.number) == wanted), None)
    other = other or next((each for each in rows if each.number < agenda.number), rows.first())
    pair = sorted(filter(None, [agenda, other]), key=lambda each: each.number)
    context = {
        "agenda": agenda,
        "other": other,
        "others": rows,
        "before": pair[0],
        "after": pair[-1],
        "rows": reading.comparison(pair[0], pair[-1]) if other else [],
    }
    return render(request, "agenda/version_compare.html", context)


@require_POST
@initiative_view(Permission.AGENDA_COMMENT)
@once
def comment_create(request: InitiativeRequest, agenda_id: int) -> HttpResponse:
    """Say something to one statement, or answer a comment."""
    agenda, form = found(request, agenda_id), CommentForm(request.POST)
    key = request.POST.get("key", "").replace("\0", "")[:16]
    parent = _parent(request, agenda)
    error = ""
    if form.is_valid():
        try:
            deciding.add_comment(
                actor=request.membership,
                agenda=agenda,
                dimension_key=key,
                text=form.cleaned_data["text"],
                parent=parent,
            )
            return redirect(f"{_to(agenda).url}#d-{key}")
        except ValidationError as refusal:
            error = " ".join(refusal.messages)
    error = error or " ".join(str(each) for each in form.errors.get("text", []))
    typed = {"key": key, "text": request.POST.get("text", ""), "error": error}
    return page(request, agenda, status=422, typed=typed)


def _parent(request: InitiativeRequest, agenda: AgendaVersion) -> DimensionComment | None:
    given = request.POST.get("parent", "")
    if not given:
        return None
    rows = DimensionComment.objects.visible_to(request.membership).filter(agenda=agenda)
    comment: DimensionComment = get_object_or_404(
        rows,
        pk=int(given) if is_id(given) else 0,
    )
    return comment


@require_POST
@initiative_view(Permission.AGENDA_DRAFT)
def version_circulate(request: InitiativeRequest, agenda_id: int) -> HttpResponse:
    """Open the text for comments, or say what is missing."""
    agenda, form = found(request, agenda_id), CirculateForm(request.POST)
    if form.is_valid():
        return _decided(
            request,
            agenda,
            lambda: deciding.circulate(
                actor=request.membership, agenda=agenda, days=form.cleaned_data["days"]
            ),
        )
    return page(request, agenda, status=422, circulating=form)


@require_POST
@initiative_view(Permission.AGENDA_DRAFT)
def version_take_back(request: InitiativeRequest, agenda_id: int) -> HttpResponse:
    agenda = found(request, agenda_id)
    return _decided(
        request, agenda, lambda: deciding.take_back(actor=request.membership, agenda=agenda)
    )


@require_POST
@initiative_view(Permission.AGENDA_RATIFICATION_OPEN)
def version_withdraw(request: InitiativeRequest, agenda_id: int) -> HttpResponse:
    agenda, form = found(request, agenda_id), ReasonForm(request.POST)
    if form.is_valid():
        return _decided(
            request,
            agenda,
            lambda: deciding.withdraw(
                actor=request.membership, agenda=agenda, reason=form.cleaned_data["reason"]
            ),
        )
    return page(request, agenda, status=422, withdrawing=form)


@require_POST
@initiative_view(Permission.AGENDA_PUBLISH)
def version_publish(request: InitiativeRequest, agenda_id: int) -> HttpResponse:
    """Let everyone read the ratified agenda, or stop that."""
    agenda = found(request, agenda_id)
    is_public = request.POST.get("public") == "yes"
    return _decided(
        request,
        agenda,
        lambda: deciding.publish(actor=request.membership, agenda=agenda, is_public=is_public),
    )


@require_POST
@initiative_view(Permission.AGENDA_DRAFT)
def deadlock_break(request: InitiativeRequest, agenda_id: int) -> HttpResponse:
    """Take a way out of a deadlock."""
    agenda = found(request, agenda_id)
    key, choice = request.POST.get("key", ""), request.POST.get("choice", "")
    try:
        deciding.break_deadlock(actor=request.membership, agenda=agenda, key=key, choice=choice)
    except ValidationError as error:
        return _editor(request, Draft(agenda), status=422, refused=error.messages)
    return redirect("agenda:version_edit", request.membership.initiative.slug, agenda.pk)


def found(request: InitiativeRequest, agenda_id: int) -> AgendaVersion:
    """The version, if the member may see it."""
    rows = AgendaVersion.objects.visible_to(request.membership).select_related("initiative")
    agenda: AgendaVersion = get_object_or_404(rows, pk=agenda_id)
    return agenda


def _to(agenda: AgendaVersion) -> Any:
    return redirect("agenda:agenda_version", agenda.initiative.slug, agenda.pk)


def _decided(request: InitiativeRequest, agenda: AgendaVersion, work: Any) -> HttpResponse:
    """Do it and show the version; on refusal the same page with the reasons."""
    try:
        work()
    except ValidationError as error:
        return page(request, agenda, status=422, refused=error.messages)
    return _to(agenda)

"""A ratification: opened, answered, watched; and what is done about those who do not answer."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agenda.forms.answers import AnswerSheet, ContactForm, DecisionForm, EvidenceForm
from agenda.forms.versions import OpenForm, ReasonForm
from agenda.models import AgendaDimension, AgendaVersion, Evidence, Response
from agenda.selectors.outcomes import reminded_of, told_after
from agenda.selectors.people import organizations_to_ask, without_speakers
from agenda.selectors.ratification import board, party_of, response_of
from agenda.selectors.reservations import drafts_of
from agenda.services import parties, ratification as deciding, responses
from agenda.services.versions import ConflictError
from agenda.views.versions import found, page
from initiatives.access import InitiativeRequest, initiative_view
from initiatives.idempotency import once
from initiatives.ids import is_id
from initiatives.models import Organization
from initiatives.permissions import Permission

UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.AGENDA_RATIFICATION_OPEN)
def ratification_open(request: InitiativeRequest, agenda_id: int) -> HttpResponse:
    """Put a version to everyone: who is asked, until when, by which rule."""
    agenda = found(request, agenda_id)
    form = OpenForm(request.POST or None, agenda=agenda)
    if request.method == "POST" and form.is_valid():
        try:
            deciding.open_ratification(
                actor=request.membership,
                agenda=agenda,
                closes_at=form.closes_at,
                rule=form.cleaned_data["rule"],
            )
            return _board_of(agenda)
        except ValidationError as error:
            form.add_error(None, error)
    asked = organizations_to_ask()
    context = {
        "agenda": agenda,
        "form": form,
        "asked": asked,
        "speechless": without_speakers(asked),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "agenda/ratification_open.html", context, status=status)


@require_safe
@initiative_view(Permission.AGENDA_VIEW)
def ratification(request: InitiativeRequest, agenda_id: int) -> HttpResponse:
    """Who answered what, who is silent, and what stands against it."""
    return _board(request, found(request, agenda_id))


def _board(
    request: InitiativeRequest, agenda: AgendaVersion, *, status: int = 200, **context: Any
) -> HttpResponse:
    context = {
        "agenda": agenda,
        "board": board(agenda, request.membership),
        "splitting": ReasonForm(),
        "refused": [],
    } | context
    return render(request, "agenda/ratification.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.AGENDA_RESPOND)
def ratification_respond(request: InitiativeRequest, agenda_id: int) -> HttpResponse:
    """The answer of one's own organization, in one step."""
    agenda = found(request, agenda_id)
    organization = request.membership.organization
    if request.method != "POST":
        sheet = AnswerSheet(agenda, organization.pk, drafts=drafts_of(agenda, request.membership))
        return _answer_page(request, agenda, organization, sheet)
    sheet = AnswerSheet(agenda, organization.pk, request.POST)
    try:
        given = responses.respond(actor=request.membership, agenda=agenda, sheet=sheet.sheet)
    except ValidationError as error:
        return _refused(request, agenda, organization, sheet, error)
    told = told_after(given)
    change = format_html(' <a href="{}">{}</a>', request.path, _("Change it"))
    messages.success(request, format_html("{}{}", told.text, change if told.is_changeable else ""))
    return _board_of(agenda)


@require_http_methods(["GET", "HEAD", "POST"])
@initiative_view(Permission.AGENDA_RESPOND_ON_BEHALF)
def answer_for(request: InitiativeRequest, agenda_id: int, organization_id: int) -> HttpResponse:
    """Write down what an organization answered elsewhere, with what shows it."""
    agenda, organization = found(request, agenda_id), _organization(request, organization_id)
    if request.method != "POST":
        sheet = AnswerSheet(agenda, organization.pk)
        return _answer_page(request, agenda, organization, sheet, evidence=EvidenceForm())
    form = EvidenceForm(request.POST, request.FILES)
    sheet = AnswerSheet(agenda, organization.pk, request.POST)
    if not form.is_valid():
        return _answer_page(request, agenda, organization, sheet, evidence=form, status=422)
    given = form.cleaned_data["file"]
    try:
        responses.respond_on_behalf(
            actor=request.membership,
            agenda=agenda,
            organization=organization,
            sheet=sheet.sheet,
            file=responses.File(given.name, given.read(responses.MOST_BYTES + 1)),
        )
    except ValidationError as error:
        return _refused(request, agenda, organization, sheet, error, evidence=form)
    messages.success(request, _("Written down. They are told, and can contest it for seven days."))
    return _board_of(agenda)


def _refused(
    request: InitiativeRequest,
    agenda: AgendaVersion,
    organization: Organization,
    sheet: AnswerSheet,
    error: ValidationError,
    **context: Any,
) -> HttpResponse:
    """The sheet as typed, with each complaint where it belongs."""
    status, refused = UNPROCESSABLE, []
    if isinstance(error, responses.Unanswerable):
        sheet.blame(error.by_key)
        refused = [_("Some statements still need a word from you. They are marked below.")]
    elif isinstance(error, ConflictError):
        sheet.text, status, refused = agenda.content_hash, 409, error.messages
    else:
        refused = error.messages
    return _answer_page(
        request, agenda, organization, sheet, status=status, refused=refused, **context
    )


def _answer_page(
    request: InitiativeRequest,
    agenda: AgendaVersion,
    organization: Organization,
    sheet: AnswerSheet,
    *,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    party = party_of(agenda, organization.pk)
    context = {
        "agenda": agenda,
        "organization": organization,
        "sheet": sheet,
        "party": party,
        "response": response_of(agenda, organization.pk),
        "is_taken": responses.is_taken(agenda, party),
        "refused": [],
    } | context
    return render(request, "agenda/respond.html", context, status=status)


@require_safe
@initiative_view(Permission.AGENDA_VIEW)
def response_evidence(request: InitiativeRequest, answer_id: int) -> HttpResponse:
    """The file behind an answer, to be kept and never to be shown in the browser."""
    rows = Response.objects.visible_to(request.membership).exclude(evidence=None)
    response: Response = get_object_or_404(rows, pk=answer_id)
    file: Evidence = get_object_or_404(
        Evidence.objects.visible_to(request.membership), pk=response.evidence_id
    )
    answer = HttpResponse(bytes(file.content), content_type=file.content_type)
    ending = file.name.rsplit(".", 1)[-1].lower()
    answer["Content-Disposition"] = f'attachment; filename="evidence-{file.pk}.{ending}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@initiative_view(Permission.AGENDA_RESPOND)
def response_contest(request: InitiativeRequest, answer_id: int) -> HttpResponse:
    """Say that this is not what one's organization answered."""
    response = _response(request, answer_id)
    return _done(
        request, response, lambda: responses.contest(actor=request.membership, response=response)
    )


@require_POST
@initiative_view(Permission.AGENDA_RESPOND)
def response_confirm(request: InitiativeRequest, answer_id: int) -> HttpResponse:
    """Say that it is what one's organization answered."""
    response = _response(request, answer_id)
    return _done(
        request, response, lambda: responses.confirm(actor=request.membership, response=response)
    )


def _response(request: InitiativeRequest, answer_id: int) -> Response:
    rows = Response.objects.visible_to(request.membership).filter(
        organization_id=request.membership.organization_id
    )
    response: Response = get_object_or_404(rows.select_related("agenda__initiative"), pk=answer_id)
    return response


def _done(request: InitiativeRequest, response: Response, work: Any) -> HttpResponse:
    try:
        work()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(
        "agenda:ratification_respond", response.agenda.initiative.slug, response.agenda_id
    )


@require_POST
@initiative_view(Permission.AGENDA_RATIFICATION_OPEN)
def dimension_split(
    request: InitiativeRequest, agenda_id: int, agenda_dimension_id: int
) -> HttpResponse:
    """Take an objected statement out of the ratification."""
    agenda, form = found(request, agenda_id), ReasonForm(request.POST)
    dimension = get_object_or_404(
        AgendaDimension.objects.filter(agenda=agenda), pk=agenda_dimension_id
    )
    return _decide(
        request,
        agenda,
        form,
        lambda **said: deciding.split_out(agenda=agenda, dimension=dimension, **said),
        splitting=form,
    )


def _decide(
    request: InitiativeRequest, agenda: AgendaVersion, form: Any, decide: Any, **context: Any
) -> HttpResponse:
    """Decide with what was typed and show the board; what is wrong stands on top of it."""
    if form.is_valid():
        try:
            decide(actor=request.membership, **form.cleaned_data)
            return _board_of(agenda)
        except ValidationError as error:
            form.add_error(None, error)
    refused = [each for errors in form.errors.values() for each in errors]
    return _board(request, agenda, status=UNPROCESSABLE, refused=refused, **context)


@require_POST
@initiative_view(Permission.AGENDA_RATIFICATION_OPEN)
def version_return(request: InitiativeRequest, agenda_id: int) -> HttpResponse:
    """End a ratification early because an objection stands."""
    agenda = found(request, agenda_id)
    try:
        deciding.return_version(actor=request.membership, agenda=agenda)
    except ValidationError as error:
        return _board(request, agenda, status=422, refused=error.messages)
    return redirect("agenda:agenda_version", request.membership.initiative.slug, agenda.pk)


@require_POST
@initiative_view(Permission.AGENDA_RATIFICATION_OPEN)
def silent_remind(request: InitiativeRequest, agenda_id: int) -> HttpResponse:
    """Write to all who have not answered, or to one of them; to nobody twice on a day."""
    agenda, one = found(request, agenda_id), request.POST.get("organization", "")
    organization = _organization(request, int(one) if is_id(one) else 0) if one else None
    try:
        written = deciding.remind_by_hand(
            actor=request.membership, agenda=agenda, organization=organization
        )
    except ValidationError as error:
        return _board(request, agenda, status=UNPROCESSABLE, refused=error.messages)
    messages.success(request, reminded_of(written))
    return _board_of(agenda)


@require_POST
@initiative_view(Permission.AGENDA_RESPOND_ON_BEHALF)
@once
def contact_record(
    request: InitiativeRequest, agenda_id: int, organization_id: int
) -> HttpResponse:
    """Note that a silent organization was spoken to."""
    agenda, organization = found(request, agenda_id), _organization(request, organization_id)
    form = ContactForm(request.POST)
    return _decide(
        request,
        agenda,
        form,
        lambda **said: responses.record_contact(agenda=agenda, organization=organization, **said),
    )


@require_POST
@initiative_view(Permission.AGENDA_RESPOND_ON_BEHALF)
def organization_pause(
    request: InitiativeRequest, agenda_id: int, organization_id: int
) -> HttpResponse:
    """Leave a silent organization out of the next round's list."""
    agenda, organization = found(request, agenda_id), _organization(request, organization_id)
    form = DecisionForm(request.POST)
    return _decide(
        request,
        agenda,
        form,
        lambda **said: parties.pause_organization(agenda=agenda, organization=organization, **said),
    )


@require_POST
@initiative_view(Permission.AGENDA_RESPOND)
def observer_become(request: InitiativeRequest, agenda_id: int) -> HttpResponse:
    """One's own organization goes on watching and is not asked any more."""
    agenda, form = found(request, agenda_id), ReasonForm(request.POST)
    if form.is_valid():
        parties.become_observer(actor=request.membership, reason=form.cleaned_data["reason"])
        messages.success(request, _("Your organization is an observer from the next version on."))
        return redirect("agenda:agenda_version", request.membership.initiative.slug, agenda.pk)
    return page(request, agenda, status=422, observing=form)


def _organization(request: InitiativeRequest, organization_id: int) -> Organization:
    rows = Organization.objects.visible_to(request.membership)
    organization: Organization = get_object_or_404(rows, pk=organization_id)
    return organization


def _board_of(agenda: AgendaVersion) -> HttpResponse:
    return redirect("agenda:ratification", agenda.initiative.slug, agenda.pk)

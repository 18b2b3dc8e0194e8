"""Collecting a period: the form of an organization, and the desk where what was handed in is reviewed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from initiatives import links
from initiatives.access import InitiativeRequest, LinkRequest, initiative_view, link_view
from initiatives.choices import LinkPurpose, Means
from initiatives.idempotency import once
from initiatives.ids import is_id
from initiatives.models import Membership
from initiatives.permissions import Permission
from measures.forms.review import CorrectionForm, ReopenForm, ReturnForm
from measures.forms.submissions import Sheet, as_meant, checked_sheet
from measures.models import Observation, Submission
from measures.selectors.submissions import (
    corrections_of,
    facts_of,
    is_reporter,
    rounds_with_counts,
    submissions_for,
)
from measures.services import acceptance, corrections, submissions

HAS_NOTHING = {"nothing", "drop"}  # the second although numbers are written


@require_GET
@initiative_view(Permission.MEASURES_VIEW)
def collection(request: InitiativeRequest) -> HttpResponse:
    """Rounds and submissions: all for who collects, their own for partners."""
    found = submissions_for(request.membership)
    collects = request.membership.may(Permission.MEASURES_COLLECT)
    rounds = list(rounds_with_counts()) if collects else []
    wanted = request.GET.get("round", "")
    chosen = next((each for each in rounds if str(each.pk) == wanted), _first_open(rounds))
    if collects:
        found = found.filter(round=chosen) if chosen else found.none()
    context = {"submissions": found, "rounds": rounds, "chosen": chosen, "collects": collects}
    context["may_edit"] = request.membership.may(Permission.MEASURES_EDIT)
    context["imports"] = request.membership.may(Permission.MEASURES_IMPORT)
    return render(request, "measures/collection.html", context)


def _first_open(rounds: list[Any]) -> Any:
    """The round with most to do: one with something to review, else the latest that began."""
    waiting = [each for each in rounds if each.waiting]
    begun = [each for each in rounds if each.state != "planned"]
    return next(iter(waiting or begun or rounds), None)


@require_http_methods(["GET", "POST"])
@initiative_view(Permission.MEASURES_SUBMIT)
@once
def submission(request: InitiativeRequest, pk: int) -> HttpResponse:
    """The form of one's own organization."""
    own = Submission.objects.filter(organization_id=request.membership.organization_id)
    found = get_object_or_404(_with_round(own.visible_to(request.membership)), pk=pk)
    return _form(request, found, request.membership)


@require_http_methods(["GET", "POST"])
@link_view(LinkPurpose.SUBMISSION)
@once
def form_link(request: LinkRequest) -> HttpResponse:
    """The same form for the holder of a signed link, without an account."""
    forms = _with_round(Submission.objects.filter(organization__has_form_links=True))
    found = get_object_or_404(forms, pk=request.link.object_id)
    if request.link.user_id and not is_reporter(request.link.user_id, found):
        raise Http404
    links.note_use(request.link)
    return _form(request, found, None)


def _with_round(queryset: Any) -> Any:
    return queryset.select_related("round__period", "organization", "initiative")


def _form(request: Any, submission: Submission, actor: Membership | None) -> HttpResponse:
    """Show the form, or keep what was typed and hand it in if that was asked."""
    if request.method == "GET":
        return _page(request, checked_sheet(submission))
    typed = as_meant(request.POST)
    sheet, action = Sheet(submission, typed), typed.get("action", "save")
    if action == "nothing" and sheet.dropped and not submissions.refusal(submission):
        return _page(request, sheet, dropping=True, status=422)
    try:
        saved = _kept(submission, sheet, action, actor)
    except submissions.ConflictError as error:
        submission.refresh_from_db(fields=["version"])
        return _page(request, sheet, conflict=error.messages[0], status=409)
    except ValidationError as error:
        kept = _with_round(Submission.objects).get(pk=submission.pk)
        again = checked_sheet(kept, typed)
        return _page(request, again, refused=error.messages, status=422)
    if action in HAS_NOTHING:
        messages.success(request, _("Handed in: nothing to report. Thank you."))
    elif action != "save":
        messages.success(request, _handed_in(sheet))
    elif request.htmx or not sheet.is_readable:
        status = 200 if sheet.is_readable else 422
        again = checked_sheet(saved, typed)
        return _page(request, again, saved=True, unread=not sheet.is_readable, status=status)
    return redirect(request.path)


def _handed_in(sheet: Sheet) -> str:
    """The thanks, which say so where something is left blank: a slip is found at once."""
    blank, asked = len(sheet.questions) - sheet.filled, len(sheet.questions)
    if not blank:
        return _("Handed in. Thank you.")
    words = ngettext(
        "Handed in. Thank you. %(blank)d of %(asked)d numbers is left blank.",
        "Handed in. Thank you. %(blank)d of %(asked)d numbers are left blank.",
        blank,
    )
    return words % {"blank": blank, "asked": asked}


def _kept(
    submission: Submission, sheet: Sheet, action: str, actor: Membership | None
) -> Submission:
    means = Means.WEB if actor else Means.LINK
    version = sheet.version
    has_nothing = action in HAS_NOTHING
    if not has_nothing:
        submission = submissions.save_entries(
            actor=actor, submission=submission, written=sheet.written, version=version, means=means
        )
        version = submission.version
    if action == "submit" and not sheet.is_readable:
        raise ValidationError(_("Some numbers cannot be read."))
    if action == "submit" or has_nothing:
        return submissions.submit(
            actor=actor,
            submission=submission,
            version=version,
            has_nothing=has_nothing,
            means=means,
        )
    return submission


def _page(request: Any, sheet: Sheet, *, status: int = 200, **context: Any) -> HttpResponse:
    """The whole page, or for a script that saves while somebody types, only what has changed."""
    context |= {"sheet": sheet, "submission": sheet.submission}
    context["shut"] = submissions.refusal(sheet.submission)
    if request.htmx:
        # 422 is the refusal that htmx puts into the page.
        status = 200 if status == 200 else 422  # noqa: PLR2004
        return render(request, "measures/_form_saved.html", context, status=status)
    context["shell"] = "base.html" if hasattr(request, "membership") else "base_bare.html"
    return render(request, "measures/submission.html", context, status=status)


@require_GET
@initiative_view(Permission.MEASURES_COLLECT)
def submission_review(request: InitiativeRequest, pk: int) -> HttpResponse:
    """One submission on the reviewer's desk: what it says, what the rules say, what can be done."""
    return _review(request, pk)


def _review(request: Any, pk: int, *, status: int = 200, **context: Any) -> HttpResponse:
    visible = _with_round(Submission.objects.visible_to(request.membership))
    submission = get_object_or_404(visible.select_related("submitted_by"), pk=pk)
    context |= {
        "submission": submission,
        "sheet": checked_sheet(submission),
        "facts": facts_of(submission).select_related("indicator", "cell").order_by("indicator_id"),
        "corrected": corrections_of(submission),
        "returning": context.get("returning") or ReturnForm(),
        "reopening": context.get("reopening") or ReopenForm(),
    }
    return render(request, "measures/submission_review.html", context, status=status)


@require_POST
@initiative_view(Permission.MEASURES_COLLECT)
def accept_submissions(request: InitiativeRequest) -> HttpResponse:
    """Accept the submissions that were ticked."""
    ticked = [int(each) for each in request.POST.getlist("submission") if is_id(each)]
    chosen = list(Submission.objects.visible_to(request.membership).filter(pk__in=ticked))
    if len(chosen) != len(set(request.POST.getlist("submission"))):
        raise Http404
    n = acceptance.accept_submissions(actor=request.membership, submissions=chosen)
    if ticked:
        messages.success(request, ngettext("%(n)d accepted.", "%(n)d accepted.", n) % {"n": n})
    else:
        messages.warning(request, _("Nothing was chosen: tick the forms to accept."))
    url = reverse("measures:collection", args=[request.membership.initiative.slug])
    rounds = {each.round_id for each in chosen}
    return redirect(f"{url}?round={rounds.pop()}" if len(rounds) == 1 else url)


@require_POST
@initiative_view(Permission.MEASURES_COLLECT)
def return_submission(request: InitiativeRequest, pk: int) -> HttpResponse:
    """Give a submission back with a reason."""
    submission, form = _seen(request, pk), ReturnForm(request.POST)
    if form.is_valid():
        try:
            submissions.return_submission(
                actor=request.membership, submission=submission, **form.cleaned_data
            )
            messages.success(
                request, _("It is returned. Who reports gets a letter with the reason.")
            )
            return _back(request, pk)
        except ValidationError as error:
            form.add_error(None, error)
    return _review(request, pk, returning=form, status=422)


@require_POST
@initiative_view(Permission.MEASURES_COLLECT)
def reopen_submission(request: InitiativeRequest, pk: int) -> HttpResponse:
    """Open a submission again until a day, with a reason."""
    submission, form = _seen(request, pk), ReopenForm(request.POST)
    if form.is_valid():
        try:
            corrections.reopen_submission(
                actor=request.membership, submission=submission, **form.cleaned_data
            )
            messages.success(
                request, _("It is open again. Who reports gets a letter with the reason.")
            )
            return _back(request, pk)
        except ValidationError as error:
            form.add_error(None, error)
    return _review(request, pk, reopening=form, status=422)


@require_http_methods(["GET", "POST"])
@initiative_view(Permission.MEASURES_COLLECT)
def correct_number(request: InitiativeRequest, pk: int, fact: int) -> HttpResponse:
    """Say one accepted number anew, with a coded reason."""
    submission = _seen(request, pk)
    found: Observation = get_object_or_404(
        facts_of(submission).select_related("indicator", "cell"), id=fact
    )
    form = CorrectionForm(request.POST or None, indicator=found.indicator)
    if form.is_valid():
        reason, text = form.cleaned_data["reason"], form.cleaned_data["text"]
        amounts = form.amounts(found.indicator)
        try:
            corrections.correct_fact(
                actor=request.membership, fact=found, reason=reason, text=text, **amounts
            )
            messages.success(request, _("The number is corrected."))
            return _back(request, pk)
        except ValidationError as error:
            form.add_error(None, error)
    context = {"submission": submission, "fact": found, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "measures/correct_number.html", context, status=status)


def _seen(request: Any, pk: int) -> Submission:
    visible = _with_round(Submission.objects.visible_to(request.membership))
    found: Submission = get_object_or_404(visible, pk=pk)
    return found


def _back(request: HttpRequest, pk: int) -> HttpResponse:
    slug = request.membership.initiative.slug  # type: ignore[attr-defined]
    return redirect("measures:submission_review", slug, pk)

"""A submission's way: draft, submitted, returned with a reason, submitted again, accepted."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from initiatives.audit import record
from initiatives.choices import Means
from initiatives.models import Membership, Organization
from initiatives.permissions import Permission
from measures.choices import FactStatus, RoundState, SubmissionState
from measures.models import Entry, Round, Submission
from measures.selectors.submissions import AMOUNTS, Field, fields_of, reviewers
from measures.services.checks import findings_of, unexplained
from measures.services.letters import write_returned


class ConflictError(ValidationError):
    """Somebody saved in between; nothing was written."""


@dataclass(frozen=True)
class Written:
    """What was typed into one field; nothing at all means not reported."""

    indicator_id: int
    cell_id: int | None = None
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    status: str = FactStatus.NORMAL
    note: str = ""

    @property
    def is_blank(self) -> bool:
        amounts = (self.value, self.numerator, self.denominator)
        return amounts == (None, None, None) and self.status == FactStatus.NORMAL and not self.note


def open_submission(
    *, actor: Membership | None, round_: Round, organization: Organization, means: Means = Means.WEB
) -> Submission:
    """The organization's submission for a round; a new one the first time."""
    submission, is_new = Submission.objects.get_or_create(
        initiative_id=round_.initiative_id, round=round_, organization=organization
    )
    if is_new:
        record(actor, "measures.submission_opened", submission, means=means)
    return submission


def save_entries(
    *,
    actor: Membership | None,
    submission: Submission,
    written: Iterable[Written],
    version: int,
    means: Means = Means.WEB,
) -> Submission:
    """Keep what was typed. Fields that are not in ``written`` stay as they are.

    :raises ConflictError: somebody saved since ``version``.
    """
    locked = _writable(actor, submission, version)
    asked = {field.key: field for field in fields_of(locked)}
    changed = 0
    for each in written:
        key = (each.indicator_id, each.cell_id)
        if key not in asked:
            raise ValidationError(_("This number is not asked for in this round."))
        if asked[key].is_settled:
            _check_settled(asked[key], each)
        else:
            changed += _keep(locked, asked[key].entry, each)
    if changed:
        locked.version += 1
        locked.has_nothing = False
        locked.save(update_fields=["version", "has_nothing"])
        record(actor, "measures.submission_saved", locked, means=means, fields=changed)
    return locked


def _check_settled(field: Field, written: Written) -> None:
    """What is accepted stands: left alone or said again it is no change."""
    names = AMOUNTS[:-1]  # its note is kept with it
    same = all(getattr(field.entry, name) == getattr(written, name) for name in names)
    if not (same or replace(written, note="").is_blank):
        text = _("%(number)s is accepted already. %(who)s can correct it.")
        who = reviewers() or _("The data manager")
        raise ValidationError(text % {"number": field.indicator.name, "who": who})


def _keep(submission: Submission, entry: Entry | None, written: Written) -> int:
    if written.is_blank:
        return entry.delete()[0] if entry else 0
    if entry and all(getattr(entry, name) == getattr(written, name) for name in AMOUNTS):
        return 0
    entry = entry or Entry.here(
        submission=submission, indicator_id=written.indicator_id, cell_id=written.cell_id
    )
    for name in AMOUNTS:
        setattr(entry, name, getattr(written, name))
    entry.save()
    return 1


def submit(
    *,
    actor: Membership | None,
    submission: Submission,
    version: int,
    has_nothing: bool = False,
    means: Means = Means.WEB,
) -> Submission:
    """Hand the form in, if no rule stands against it."""
    locked = _writable(actor, submission, version)
    fields = fields_of(locked)
    if has_nothing:
        Entry.objects.filter(submission=locked).delete()
    elif not any(field.entry and field.entry.is_reported for field in fields):
        raise ValidationError(_("Nothing is filled in. Is there nothing to report?"))
    elif left := unexplained(locked, findings_of(locked, fields)):
        raise ValidationError([each.text for each in left])
    locked.state = SubmissionState.SUBMITTED
    locked.has_nothing = has_nothing and not any(field.is_settled for field in fields)
    locked.version += 1
    locked.submitted_at = timezone.now()
    locked.is_late = locked.submitted_at > locked.round.due_at
    locked.submitted_by_id = actor.user_id if actor else None
    locked.save()
    record(actor, "measures.submission_submitted", locked, means=means, has_nothing=has_nothing)
    return locked


def return_submission(*, actor: Membership, submission: Submission, reason: str) -> Submission:
    """Give a form back with a reason; it can be written on again."""
    locked = _reviewable(actor, submission)
    if locked.state != SubmissionState.SUBMITTED:
        raise ValidationError(_("Only what is handed in and not yet accepted can be returned."))
    if not reason.strip():
        raise ValidationError(_("Say what should be changed."))
    locked.state = SubmissionState.RETURNED
    locked.return_reason = reason.strip()
    locked.version += 1
    locked.save()
    record(actor, "measures.submission_returned", locked, reason=locked.return_reason)
    write_returned(locked, actor=actor)
    return locked


def refusal(submission: Submission) -> str:
    """Why nothing may be written now: which rule, until when, who can open it. Empty: it may."""
    round_, who = submission.round, reviewers() or _("The data manager")
    if submission.state == SubmissionState.SUBMITTED:
        text = _("It was handed in on %(day)s and waits for review. %(who)s can return it.")
        return text % {"day": _day(submission.submitted_at), "who": who}
    if submission.state == SubmissionState.ACCEPTED:
        text = _("It was accepted on %(day)s. %(who)s can reopen it or correct a number.")
        return text % {"day": _day(submission.accepted_at), "who": who}
    if submission.is_reopened or (round_.takes_values and round_.state != RoundState.CLOSED):
        return ""
    if round_.opens_at > timezone.now():
        text = _("The round opens on %(day)s. %(who)s can open it earlier.")
        return text % {"day": _day(round_.opens_at), "who": who}
    ended = submission.reopened_until or round_.closes_at
    return _("It was open until %(day)s. %(who)s can reopen it.") % {"day": _day(ended), "who": who}


def _writable(actor: Membership | None, submission: Submission, version: int) -> Submission:
    """The submission, locked, if ``actor`` may write on it now. No actor is the holder of a link."""
    locked = _locked(submission)
    if actor and not (
        actor.may(Permission.MEASURES_SUBMIT) and actor.organization_id == locked.organization_id
    ):
        raise PermissionDenied
    if reason := refusal(locked):
        raise ValidationError(reason)
    if locked.version != version:
        raise ConflictError(
            _("Somebody saved this form since you opened it. Nothing of yours is lost yet.")
        )
    return locked


def _reviewable(actor: Membership, submission: Submission) -> Submission:
    if not actor.may(Permission.MEASURES_COLLECT):
        raise PermissionDenied
    return _locked(submission)


def _locked(submission: Submission) -> Submission:
    rows = Submission.objects.select_for_update(of=["self"]).select_related("round__period")
    return rows.get(pk=submission.pk)


def _day(moment: datetime | None) -> str:
    if moment is None:
        return ""
    return formats.date_format(timezone.localtime(moment), "DATETIME_FORMAT")

"""What happens to a number after it was accepted: corrected or opened again, with a reason."""

from datetime import datetime
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives.audit import record
from initiatives.models import Membership
from initiatives.permissions import Permission
from measures import ledger
from measures.choices import CorrectionReason, FactStatus, SubmissionState
from measures.models import Entry, Observation, Submission
from measures.selectors.submissions import entries_of_facts
from measures.services.letters import write_returned


def correct_fact(
    *,
    actor: Membership,
    fact: Observation,
    reason: str,
    text: str,
    value: Decimal | None = None,
    numerator: Decimal | None = None,
    denominator: Decimal | None = None,
) -> int:
    """Say a fact anew, with a coded reason; the old one stays known as of its time."""
    _require_collector(actor)
    if reason not in CorrectionReason.values or not text.strip():
        raise ValidationError(_("A correction needs a reason and a sentence why."))
    ledger.take_turns([fact.organization_id])
    # Locked, so that of two corrections at once the second is told instead of winning unseen.
    now = Observation.objects.select_for_update().get(id=fact.id)
    if now.superseded_at is not None:
        raise ValidationError(_("This number was corrected meanwhile."))
    _check_shape(fact, value, numerator, denominator)
    is_gone = value is None and numerator is None
    stored = ledger.record(
        [
            ledger.NewFact(
                indicator_id=fact.indicator_id,
                organization_id=fact.organization_id,
                period_id=fact.period_id,
                cell_id=fact.cell_id,
                value=value,
                numerator=numerator,
                denominator=denominator,
                status=FactStatus.MISSING if is_gone else FactStatus.NORMAL,
                note=fact.note,
                is_late=fact.is_late,
                submission_id=fact.submission_id,
            )
        ],
        user_id=actor.user_id,
        reason=reason,
        reason_text=text.strip(),
    )
    record(
        actor,
        "measures.fact_corrected",
        fact,
        reason=reason,
        text=text.strip(),
        before=_plain(fact.value, fact.numerator, fact.denominator),
        after=_plain(value, numerator, denominator),
    )
    return stored


def reopen_submission(
    *, actor: Membership, submission: Submission, reason: str, until: datetime
) -> Submission:
    """Let an organization write on its form again until a moment, also after the round closed.

    Its reporters get a letter: the links they had ended when it was accepted.
    """
    _require_collector(actor)
    locked = Submission.objects.select_for_update().get(pk=submission.pk)
    if not reason.strip():
        raise ValidationError(_("Say why it is opened again."))
    if until <= timezone.now():
        raise ValidationError(_("It must stay open until a time to come."))
    if locked.state == SubmissionState.SUBMITTED:
        raise ValidationError(_("It waits for review: return it instead."))
    if locked.state == SubmissionState.ACCEPTED:
        locked.state = SubmissionState.RETURNED
        _write_facts(locked)
    locked.return_reason = reason.strip()
    locked.reopened_until = until
    locked.version += 1
    locked.save()
    record(
        actor,
        "measures.submission_reopened",
        locked,
        reason=locked.return_reason,
        until=until.isoformat(),
    )
    write_returned(locked, actor=actor)
    return locked


def _write_facts(submission: Submission) -> None:
    """Put on the form what is accepted now: imported and corrected numbers are then seen too."""
    Entry.objects.bulk_create(
        entries_of_facts(submission),
        update_conflicts=True,
        unique_fields=["initiative", "submission", "indicator", "cell"],
        update_fields=["value", "numerator", "denominator", "status", "note"],
    )


def _check_shape(
    fact: Observation,
    value: Decimal | None,
    numerator: Decimal | None,
    denominator: Decimal | None,
) -> None:
    indicator = fact.indicator
    if indicator.is_pair and (value is not None or (numerator is None) != (denominator is None)):
        raise ValidationError(_("Both numbers are needed, or neither."))
    if not indicator.is_pair and (numerator is not None or denominator is not None):
        raise ValidationError(_("One number is needed, or none."))
    if (
        indicator.is_within
        and numerator is not None
        and denominator is not None
        and numerator > denominator
    ):
        raise ValidationError(_("The part is more than all. Swap them, or check one."))


def _plain(*amounts: Decimal | None) -> list[str | None]:
    return [None if each is None else str(each) for each in amounts]


def _require_collector(actor: Membership) -> None:
    if not actor.may(Permission.MEASURES_COLLECT):
        raise PermissionDenied

"""Other words for a statement: drafted, proposed, taken up, or declined with a word."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agenda.choices import AmendmentState, VersionState
from agenda.models import AgendaDimension, AgendaVersion, Amendment
from agenda.models.amendments import LIVE_AMENDMENTS
from agenda.selectors.amendments import DECIDABLE, may_amend, may_suggest
from agenda.services import letters
from agenda.services.versions import LONGEST_TEXT, ConflictError, lock
from initiatives.audit import record
from initiatives.models import Membership
from initiatives.permissions import Permission

READ_AGAIN = timedelta(days=3)  # that everyone has at least for words that were taken up


def write_amendment(
    *, actor: Membership, agenda: AgendaVersion, dimension_key: str, to_text: str, reason: str = ""
) -> Amendment:
    """Propose other words for a statement; who may not propose leaves a draft for who may.

    :raises ValidationError: the text is not open for it, or the words are the same.
    """
    if not may_suggest(actor):
        raise PermissionDenied
    with transaction.atomic():
        locked = lock(agenda)
        if locked.state != VersionState.CIRCULATED:
            raise ValidationError(_("Other words are proposed while a text is open for comments."))
        dimension = _dimension(locked, dimension_key)
        words = _checked(dimension, to_text, reason)
        proposes = may_amend(actor)
        if row := _live(locked, actor, dimension_key):
            if (row.to_text, row.reason) == (words, reason.strip()):
                return row  # said twice is said once
            raise ValidationError(
                _("Your organization has words here already: propose or withdraw them first.")
            )
        row = Amendment.here(
            agenda=locked,
            dimension_key=dimension_key,
            organization_id=actor.organization_id,
            user_id=actor.user_id,
            from_text=dimension.text,
            to_text=words,
            reason=reason.strip(),
        )
        if proposes:
            row.state, row.proposed_at = AmendmentState.EVALUATING, row.made_at
        row.save()
        record(actor, f"agenda.amendment_{'proposed' if proposes else 'drafted'}", row)
    return row


def _checked(dimension: AgendaDimension, to_text: str, reason: str) -> str:
    words = to_text.strip()
    if not words:
        raise ValidationError({"to_text": _("Write the words that you would have instead.")})
    if len(words) > LONGEST_TEXT or len(reason) > LONGEST_TEXT:
        raise ValidationError(
            _("Keep each statement under %(most)s characters."), params={"most": LONGEST_TEXT}
        )
    if words == dimension.text:
        raise ValidationError({"to_text": _("These are the words that stand there already.")})
    return words


def send_amendment(*, actor: Membership, amendment: Amendment) -> Amendment:
    """Propose what somebody of the organization wrote down.

    :raises ValidationError: it is no draft any more, or the statement has other words by now.
    """
    with transaction.atomic():
        locked, row = _locked(amendment)
        if not (may_amend(actor) and actor.organization_id == row.organization_id):
            raise PermissionDenied
        if row.state == AmendmentState.EVALUATING:
            return row
        if row.state != AmendmentState.DRAFT or locked.state != VersionState.CIRCULATED:
            raise ValidationError(_("It cannot be proposed any more."))
        _check_words(locked, row)
        row.state, row.proposed_at = AmendmentState.EVALUATING, timezone.now()
        row.save(update_fields=["state", "proposed_at"])
        record(actor, "agenda.amendment_proposed", row)
    return row


def withdraw_amendment(*, actor: Membership, amendment: Amendment) -> Amendment:
    """Take one's own organization's words back; doing it again changes nothing."""
    with transaction.atomic():
        _version, row = _locked(amendment)
        is_own = actor.organization_id == row.organization_id
        if not is_own or not (may_amend(actor) or (row.is_draft and may_suggest(actor))):
            raise PermissionDenied
        if row.state == AmendmentState.WITHDRAWN:
            return row
        if not row.is_live:
            raise ValidationError(_("It is decided already."))
        _decide(actor, row, AmendmentState.WITHDRAWN, "")
    return row


def accept_amendment(*, actor: Membership, amendment: Amendment, word: str = "") -> Amendment:
    """Take the words up: they stand in the text from now on, and everyone has time to read them.

    :raises ValidationError: it is decided, or the text is fixed.
    :raises ConflictError: the statement has other words by now than it was written against.
    """
    with transaction.atomic():
        locked, row = _to_decide(actor, amendment)
        if row.state == AmendmentState.ACCEPTED:
            return row
        _check_words(locked, row)
        dimension = _dimension(locked, row.dimension_key)
        dimension.text = row.to_text
        dimension.save(update_fields=["text"])
        locked.version += 1
        if locked.comments_until:
            locked.comments_until = max(locked.comments_until, timezone.now() + READ_AGAIN)
        locked.save(update_fields=["version", "comments_until"])
        _decide(actor, row, AmendmentState.ACCEPTED, word)
        letters.write_amendment_decided(row)
    return row


def decline_amendment(*, actor: Membership, amendment: Amendment, word: str) -> Amendment:
    """Leave the text as it is, and say why.

    :raises ValidationError: no word is said, or it is decided.
    """
    if not word.strip():
        raise ValidationError({"word": _("Say a word why: they took the trouble to write.")})
    with transaction.atomic():
        _version, row = _to_decide(actor, amendment)
        if row.state == AmendmentState.REJECTED:
            return row
        _decide(actor, row, AmendmentState.REJECTED, word)
        letters.write_amendment_decided(row)
    return row


def _to_decide(actor: Membership, amendment: Amendment) -> tuple[AgendaVersion, Amendment]:
    if not actor.may(Permission.AGENDA_DRAFT):
        raise PermissionDenied
    locked, row = _locked(amendment)
    settled = {AmendmentState.ACCEPTED, AmendmentState.REJECTED}
    if row.state not in settled | {AmendmentState.EVALUATING}:
        raise ValidationError(_("These words are not proposed (any more)."))
    if row.state == AmendmentState.EVALUATING and locked.state not in DECIDABLE:
        raise ValidationError(_("The text of this version is fixed."))
    return locked, row


def _decide(actor: Membership, row: Amendment, state: AmendmentState, word: str) -> None:
    row.state, row.word = state, word.strip()[:LONGEST_TEXT]
    row.decided_at, row.decided_by_id = timezone.now(), actor.user_id
    row.save(update_fields=["state", "word", "decided_at", "decided_by"])
    record(actor, f"agenda.amendment_{state}", row, key=row.dimension_key)


def _locked(amendment: Amendment) -> tuple[AgendaVersion, Amendment]:
    """The version first, as everyone who decides about it does; then the row as it is now."""
    locked = lock(amendment.agenda)
    rows = Amendment.objects.select_for_update(of=("self",), no_key=True)
    row: Amendment = rows.get(pk=amendment.pk)
    row.agenda = locked
    return locked, row


def _live(agenda: AgendaVersion, actor: Membership, key: str) -> Amendment | None:
    """What the organization has to say there and nobody decided yet."""
    found: Amendment | None = Amendment.objects.filter(
        agenda=agenda,
        organization_id=actor.organization_id,
        dimension_key=key,
        state__in=LIVE_AMENDMENTS,
    ).first()
    return found


def _dimension(agenda: AgendaVersion, key: str) -> AgendaDimension:
    found: AgendaDimension | None = agenda.dimensions.filter(key=key).first()
    if found is None:
        raise ValidationError(_("This statement is not in the version any more."))
    return found


def _check_words(agenda: AgendaVersion, row: Amendment) -> None:
    if _dimension(agenda, row.dimension_key).text != row.from_text:
        raise ConflictError(
            _("The statement has other words by now. Decline it, or ask them to propose it anew.")
        )

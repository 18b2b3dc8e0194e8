"""What an organization says: kept, handed in, changed until the reveal, marked when late."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agenda.choices import FacetKind, StatementState, Weight
from agenda.models import Asked, ListeningRound, PositionFacet, PositionStatement, RoundFacet
from agenda.querysets.listening import speaks
from agenda.selectors.listening import held_out, own_statement
from agenda.services.listening import reveal_if_due
from initiatives.audit import record
from initiatives.choices import Means
from initiatives.models import Membership
from initiatives.permissions import Permission

SAID = ("chosen", "number", "text", "importance", "flexibility", "why", "evidence")


class ConflictError(ValidationError):
    """Somebody saved in between; nothing was written."""


@dataclass(frozen=True)
class Answer:
    """What is said to one question."""

    facet_id: int
    chosen: tuple[str, ...] = ()
    number: Decimal | None = None
    text: str = ""
    importance: int = Weight.MUCH
    flexibility: int = Weight.LITTLE
    why: str = ""
    evidence: str = ""

    @property
    def is_given(self) -> bool:
        return bool(self.chosen or self.number is not None or self.text)


def token_of(statement: PositionStatement | None) -> str:
    """What a page was shown, so that a later save tells whether it still stands."""
    return f"{statement.pk}.{statement.version}" if statement else "0.0"


def write_position(
    *,
    actor: Membership,
    asked: Asked,
    answers: Iterable[Answer],
    token: str,
    note: str = "",
    submit: bool = False,
    means: Means = Means.WEB,
) -> PositionStatement:
    """Keep what an organization says, and hand it in if that is asked.

    :raises ConflictError: somebody else of the organization saved since ``token``.
    :raises ValidationError: the round takes nothing any more, or nothing is said.
    """
    with transaction.atomic():
        asked = _own(actor, asked)
        round_, before = asked.round, own_statement(actor, asked.round)
        is_in = before is not None and before.is_submitted
        if submit or is_in:
            # Against the reveal; whoever only drafts waits for nobody.
            round_ = _locked(round_.pk)
            reveal_if_due(round_)
            if not speaks(actor, Permission.AGENDA_POSITION_SUBMIT):
                raise PermissionDenied
        if not round_.takes_positions:
            raise ValidationError(_("This round is closed and takes no more positions."))
        if token != token_of(before):
            raise ConflictError(
                _("Somebody else of your organization has changed this. Nothing of it is lost.")
            )
        given = _checked(round_, answers)
        if submit and not any(each.is_given for each in given):
            raise ValidationError(_("Answer at least one question before you submit."))
        statement = _statement(actor, round_, before)
        changed = _write(statement, given, note)
        if submit:
            _hand_in(actor, asked, round_, statement)
        elif changed and statement.is_submitted:
            statement.submitted_at = timezone.now()
        if changed or submit:
            statement.version += 1
            statement.save()
            action = "agenda.position_submitted" if submit else "agenda.position_saved"
            record(actor, action, asked, means=means, late=statement.is_late)
        if submit:
            reveal_if_due(round_, means=means)
    return statement


def _own(actor: Membership, asked: Asked) -> Asked:
    if not speaks(actor, Permission.AGENDA_POSITION_DRAFT):
        raise PermissionDenied
    found: Asked = (
        Asked.objects.select_for_update(of=("self",), no_key=True)
        .select_related("round", "organization")
        .get(pk=asked.pk)
    )
    if found.organization_id != actor.organization_id:
        raise PermissionDenied
    if held_out(actor, found.round):
        raise ValidationError(_("The seal of this round is closed to you."))
    return found


def _locked(round_id: int) -> ListeningRound:
    found: ListeningRound = ListeningRound.objects.select_for_update(of=("self",), no_key=True).get(
        pk=round_id
    )
    return found


def _checked(round_: ListeningRound, answers: Iterable[Answer]) -> list[Answer]:
    """The answers, each to a question of this round and within what it offers."""
    facets = {each.pk: each for each in round_.facets.all()}
    given = list(answers)
    for each in given:
        facet = facets.get(each.facet_id)
        if facet is None or not _fits(facet, each):
            raise ValidationError(_("This answer does not fit its question."))
    return given


def _fits(facet: RoundFacet, answer: Answer) -> bool:
    number = answer.number
    if facet.kind != FacetKind.NUMBER and number is not None:
        return False
    if not set(answer.chosen) <= set(facet.choices):
        return False
    if facet.kind == FacetKind.CHOICE and len(answer.chosen) > 1:
        return False
    if number is None:
        return True
    above = facet.minimum is None or number >= facet.minimum
    return above and (facet.maximum is None or number <= facet.maximum)


def _statement(
    actor: Membership, round_: ListeningRound, before: PositionStatement | None
) -> PositionStatement:
    """The row to write on: after the reveal what was handed in stays, beside a new draft."""
    if before and not (before.is_submitted and round_.is_revealed):
        return before
    statement = PositionStatement.here(round=round_, organization_id=actor.organization_id)
    statement.save()
    return statement


def _write(statement: PositionStatement, given: list[Answer], note: str) -> bool:
    changed, statement.note = statement.note != note, note
    written = {each.facet_id: each for each in statement.facets.all()}
    for answer in given:
        row = written.get(answer.facet_id)
        if row is None:
            if not (answer.is_given or answer.why or answer.evidence):
                continue
            row = PositionFacet.here(statement=statement, facet_id=answer.facet_id)
        elif all(_plain(getattr(row, each)) == getattr(answer, each) for each in SAID):
            continue
        for each in SAID:
            value = getattr(answer, each)
            setattr(row, each, list(value) if isinstance(value, tuple) else value)
        row.save()
        changed = True
    return changed


def _plain(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _hand_in(
    actor: Membership, asked: Asked, round_: ListeningRound, statement: PositionStatement
) -> None:
    now = timezone.now()
    if statement.state == StatementState.DRAFT:
        PositionStatement.objects.filter(
            round=round_, organization_id=actor.organization_id, state=StatementState.SUBMITTED
        ).update(state=StatementState.SUPERSEDED)
    statement.state, statement.submitted_at = StatementState.SUBMITTED, now
    statement.submitted_by_id = actor.user_id
    statement.is_late = round_.is_revealed
    if asked.answered_at is None:
        asked.answered_at = now
        asked.save(update_fields=["answered_at"])

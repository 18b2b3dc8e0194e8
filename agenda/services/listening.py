"""A listening round: prepared, opened, revealed once, closed."""

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agenda.choices import ListeningState, RevealRule
from agenda.models import Asked, ListeningRound
from agenda.selectors.listening import organizations_to_ask, populated
from agenda.services.facets import add_defaults, in_preparation
from agenda.services.listening_letters import write_asked, write_revealed
from initiatives import jobs
from initiatives.audit import record
from initiatives.choices import Means
from initiatives.models import Membership
from initiatives.permissions import Permission

REMINDERS = (timedelta(days=5), timedelta(days=2))  # before the round closes


def prepare_round(
    *,
    actor: Membership,
    name: str,
    closes_at: datetime,
    introduction: str = "",
    reveal_rule: str = RevealRule.ALL_IN,
) -> ListeningRound:
    """A new round with the questions that every round begins with; nobody is asked yet."""
    with transaction.atomic():
        round_ = ListeningRound.here(
            name=name,
            introduction=introduction,
            closes_at=closes_at,
            reveal_rule=reveal_rule,
            created_by_id=actor.user_id,
        )
        round_.save()
        add_defaults(round_)
        record(actor, "agenda.listening_prepared", round_)
    return round_


def update_round(
    *,
    actor: Membership,
    round_: ListeningRound,
    name: str,
    closes_at: datetime,
    introduction: str = "",
    reveal_rule: str = RevealRule.ALL_IN,
) -> ListeningRound:
    """Say anew what a round is about and until when, while it is prepared."""
    with transaction.atomic():
        locked = in_preparation(round_)
        locked.name, locked.introduction = name, introduction
        locked.closes_at, locked.reveal_rule = closes_at, reveal_rule
        locked.version += 1
        locked.save()
        record(actor, "agenda.listening_updated", locked)
    return locked


def open_round(*, actor: Membership, round_: ListeningRound) -> ListeningRound:
    """Ask every organization; from now on questions and seal stay as they are.

    :raises ValidationError: there is nobody to ask, or no time to answer.
    """
    with transaction.atomic():
        locked = in_preparation(round_)
        now = timezone.now()
        if locked.closes_at <= now + timedelta(hours=1):
            raise ValidationError(_("Leave some time to answer: choose a later day."))
        organizations = organizations_to_ask()
        if len(organizations) < 2:  # noqa: PLR2004 -- one view has nothing beside it
            raise ValidationError(_("At least two organizations are needed to compare views."))
        locked.state, locked.opens_at = ListeningState.OPEN, now
        locked.version += 1
        locked.save()
        Asked.objects.bulk_create(
            Asked.here(round=locked, organization=each) for each in organizations
        )
        record(actor, "agenda.listening_opened", locked, asked=len(organizations))
        for asked in locked.asked.select_related("organization", "round"):
            write_asked(asked, occasion="open")
    return locked


def extend_round(
    *, actor: Membership, round_: ListeningRound, closes_at: datetime
) -> ListeningRound:
    """Give more time; less would loosen the seal."""
    with transaction.atomic():
        locked = _locked(round_)
        if not locked.is_open or closes_at <= locked.closes_at:
            raise ValidationError(_("An open round can only be given more time."))
        locked.closes_at = closes_at
        locked.version += 1
        locked.save()
        Asked.objects.filter(round=locked).update(reminded=0)
        record(actor, "agenda.listening_extended", locked, until=closes_at.isoformat())
    return locked


def excuse_organization(*, actor: Membership, asked: Asked, reason: str) -> Asked:
    """Take an organization out of an open round because nobody belongs to it who could answer.

    Everyone sees it, with the reason. Whoever had a member since the opening stays asked: the
    database holds to it, or the backbone could take out the silent and open the seal early.

    :raises ValidationError: somebody could answer, or no reason is given.
    """
    if not actor.may(Permission.AGENDA_LISTEN):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError(_("Say why they are taken out: everyone will read it."))
    with transaction.atomic():
        locked = _locked(asked.round)
        row: Asked = locked.asked.select_related("organization").get(pk=asked.pk)
        if row.excused_at or row.answered_at:
            return row
        if not locked.is_open:
            raise ValidationError(_("The round is not open any more."))
        if populated([row.organization_id], locked):
            raise ValidationError(
                _("%(name)s has people who can answer until the deadline."),
                params={"name": row.organization.name},
            )
        row.excused_at, row.excused_reason = timezone.now(), reason.strip()
        row.excused_by_id = actor.user_id
        row.save(update_fields=["excused_at", "excused_reason", "excused_by"])
        record(actor, "agenda.organization_excused", row, reason=row.excused_reason)
        reveal_if_due(locked, means=Means.WEB)
    return row


def close_round(*, actor: Membership, round_: ListeningRound) -> ListeningRound:
    """Take no more positions, after the reveal."""
    with transaction.atomic():
        locked = _locked(round_)
        if locked.state != ListeningState.REVEALED:
            raise ValidationError(_("A round is closed after its positions are revealed."))
        locked.state = ListeningState.CLOSED
        locked.version += 1
        locked.save()
        record(actor, "agenda.listening_closed", locked)
    return locked


def reveal_if_due(round_: ListeningRound, *, means: Means = Means.CLOCK) -> bool:
    """Reveal a locked round when all are in, if that is its rule, or the time is over; once.

    The database allows it under these conditions alone, whoever asks.
    """
    if not round_.is_open:
        return False
    all_in = not Asked.objects.filter(round=round_).missing().exists()
    is_over = round_.closes_at <= timezone.now()
    if not (is_over or (all_in and round_.reveal_rule == RevealRule.ALL_IN)):
        return False
    round_.state, round_.revealed_at = ListeningState.REVEALED, timezone.now()
    round_.version += 1
    round_.save()
    record(None, "agenda.positions_revealed", round_, means=means, all_in=all_in)
    jobs.enqueue("agenda.compare_positions", key=str(round_.pk), round_id=round_.pk)
    write_revealed(round_)
    return True


def advance_rounds(now: datetime | None = None) -> int:
    """Reveal what is due and remind who has not answered; how many rounds were revealed."""
    now, revealed = now or timezone.now(), 0
    rounds = ListeningRound.objects.open().select_for_update(
        skip_locked=True, of=("self",), no_key=True
    )
    for round_ in rounds.order_by("id"):
        if reveal_if_due(round_):
            revealed += 1
        else:
            _remind(round_, now)
    return revealed


def _remind(round_: ListeningRound, now: datetime) -> None:
    passed = sum(round_.closes_at - before <= now for before in REMINDERS)
    waiting = Asked.objects.filter(round=round_, reminded__lt=passed).waiting()
    for asked in waiting.select_related("organization", "round"):
        asked.reminded = passed
        asked.save(update_fields=["reminded"])
        write_asked(asked, occasion=f"reminder {passed}, {round_.closes_at:%Y-%m-%d}")


def _locked(round_: ListeningRound) -> ListeningRound:
    found: ListeningRound = ListeningRound.objects.select_for_update(of=("self",), no_key=True).get(
        pk=round_.pk
    )
    return found

"""Opening a ratification, and its end: by completion or by the clock, never by hand."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _, ngettext

from agenda.choices import DimensionKind, PrimaryGoalRule, VersionState
from agenda.models import AgendaDimension, AgendaVersion, Amendment, Goal, Party
from agenda.selectors.outcomes import sentences_of
from agenda.selectors.people import organizations_to_ask
from agenda.selectors.ratification import verdict_of
from agenda.selectors.silent import silent_parties
from agenda.selectors.versions import REQUIRED
from agenda.services import letters
from agenda.services.versions import lock, start_version
from initiatives.audit import record
from initiatives.choices import Means
from initiatives.models import Membership, Organization
from initiatives.permissions import Permission

OPEN_DAYS = 21
SHORTEST = timedelta(days=1)
REMIND_BEFORE = (10, 5, 2)
CONTEST_DAYS = 7
SETTLE = "agenda.settle"


def content_hash(dimensions: Sequence[AgendaDimension]) -> str:
    """A digest of the text that is put to everyone."""
    text = [[each.key, each.kind, each.text] for each in dimensions]
    packed = json.dumps(text, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(packed.encode()).hexdigest()


def open_ratification(
    *,
    actor: Membership,
    agenda: AgendaVersion,
    closes_at: datetime,
    rule: str = PrimaryGoalRule.STRICT,
) -> AgendaVersion:
    """Fix the text, write down who is asked and by which rule, and ask everyone.

    :raises ValidationError: what stands against it, in a sentence.
    """
    if not actor.may(Permission.AGENDA_RATIFICATION_OPEN):
        raise PermissionDenied
    with transaction.atomic():
        locked = lock(agenda)
        now = timezone.now()
        _check_opening(locked, now, closes_at)
        asked = organizations_to_ask()
        if not asked:
            raise ValidationError(_("No active organization could be asked."))
        Party.objects.bulk_create(
            Party.here(agenda=locked, organization=each, name=each.name, sector=each.sector)
            for each in asked
        )
        locked.content_hash = content_hash(list(locked.dimensions.all()))
        locked.primary_goal_rule = PrimaryGoalRule(rule)
        locked.policy = {
            "primary_goal_rule": str(rule),
            "remind_before_days": list(REMIND_BEFORE),
            "contest_days": CONTEST_DAYS,
            "asked": [each.pk for each in asked],
        }
        locked.opened_at, locked.closes_at = now, closes_at
        locked.state = VersionState.RATIFYING
        locked.version += 1
        locked.save()
        record(
            actor, "agenda.ratification_opened", locked, asked=len(asked), hash=locked.content_hash
        )
        letters.write_opened(locked, [each.pk for each in asked])
    return locked


def _check_opening(agenda: AgendaVersion, now: datetime, closes_at: datetime) -> None:
    if agenda.state != VersionState.CIRCULATED:
        raise ValidationError(_("Circulate the text for comments before it is put to everyone."))
    if agenda.comments_until and now < agenda.comments_until:
        raise ValidationError(
            _("Comments are open until %(day)s. Ratification can be opened after that."),
            params={
                "day": date_format(timezone.localtime(agenda.comments_until), "DATETIME_FORMAT")
            },
        )
    if n := Amendment.objects.evaluating().filter(agenda=agenda).count():
        raise ValidationError(
            ngettext(
                "Proposed words wait for an answer. Take them up or decline them first.",
                "%(n)s proposals of other words wait for an answer. Take them up or decline them"
                " first.",
                n,
            )
            % {"n": n}
        )
    if closes_at < now + SHORTEST:
        raise ValidationError({"closes_on": _("Give organizations at least a day.")})


def split_out(
    *, actor: Membership, agenda: AgendaVersion, dimension: AgendaDimension, reason: str
) -> AgendaVersion:
    """Take an objected statement out of the ratification, so that the rest can be ratified.

    Its text stays as it was put to everyone, with the reason; the next draft has it again.

    :raises ValidationError: nobody objects to it, or the agenda could not stand without it.
    """
    if not actor.may(Permission.AGENDA_RATIFICATION_OPEN):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError(_("Say why it is split out."))
    with transaction.atomic():
        locked = lock(agenda)
        if locked.state != VersionState.RATIFYING:
            raise ValidationError(_("Statements are split out while a version is being ratified."))
        row = locked.dimensions.get(pk=dimension.pk)
        if row.split_out_at:
            return locked
        _check_splittable(locked, row)
        row.split_out_at, row.split_out_reason = timezone.now(), reason.strip()
        row.save(update_fields=["split_out_at", "split_out_reason"])
        record(actor, "agenda.dimension_split_out", row, reason=reason.strip(), key=row.key)
        settle(locked)
    return locked


def _check_splittable(agenda: AgendaVersion, row: AgendaDimension) -> None:
    if row.kind == DimensionKind.PRIMARY_GOAL:
        raise ValidationError(_("A primary goal is ratified by all or comes back for another try."))
    if row.pk not in {each for _who, each in verdict_of(agenda).objections}:
        raise ValidationError(_("Nobody objects to this statement."))
    rest = agenda.dimensions.filter(kind=row.kind, split_out_at=None).exclude(pk=row.pk)
    if row.kind in REQUIRED and not rest.exists():
        raise ValidationError(
            _("The agenda would have no %(kind)s without it.")
            % {"kind": row.get_kind_display().lower()}
        )


def return_version(*, actor: Membership, agenda: AgendaVersion) -> AgendaVersion:
    """End a ratification before its day, because an objection stands.

    :raises ValidationError: no objection stands.
    """
    if not actor.may(Permission.AGENDA_RATIFICATION_OPEN):
        raise PermissionDenied
    with transaction.atomic():
        locked = lock(agenda)
        if locked.state != VersionState.RATIFYING:
            raise ValidationError(_("This version is not being ratified."))
        verdict = verdict_of(locked)
        if not verdict.is_barred:
            raise ValidationError(
                _("Nobody's answer stands against it. It ends by itself when all have answered.")
            )
        _return(locked, verdict, timezone.now(), actor=actor)
    return locked


def settle(agenda: AgendaVersion, now: datetime | None = None) -> VersionState:
    """Ratify or return a version if its time has come; the version must be locked.

    It is ratified as soon as everyone consented, and returned at its close if somebody did not.
    While an answer that somebody else wrote down can be contested, it waits.
    """
    now = now or timezone.now()
    if agenda.state != VersionState.RATIFYING or agenda.closes_at is None:
        return VersionState(agenda.state)
    verdict = verdict_of(agenda, now)
    if verdict.is_ratified:
        _ratify(agenda, now)
    elif now >= agenda.closes_at and (verdict.missing or verdict.is_barred):
        _return(agenda, verdict, now)
    return VersionState(agenda.state)


def settle_version(agenda_id: int) -> VersionState:
    """Ratify or return a version if its time has come, as a job that every answer asks for."""
    return settle(lock(AgendaVersion(pk=agenda_id)))


def _ratify(agenda: AgendaVersion, now: datetime) -> None:
    AgendaVersion.objects.ratified().update(state=VersionState.SUPERSEDED)
    agenda.state, agenda.decided_at = VersionState.RATIFIED, now
    agenda.outcome = {"parties": agenda.parties.filter(standing="eligible").count()}
    agenda.version += 1
    agenda.save()
    _agree_goals(agenda, now)
    record(None, "agenda.version_ratified", agenda, means=Means.CLOCK, **agenda.outcome)
    letters.write_decided(agenda, agenda.policy["asked"], "")


def _agree_goals(agenda: AgendaVersion, now: datetime) -> None:
    """The primary goals become what indicators point at; those that are gone are retired."""
    rows = agenda.dimensions.filter(kind=DimensionKind.PRIMARY_GOAL, split_out_at=None)
    goals = {each.key: each for each in Goal.objects.all()}
    kept = set()
    for position, dimension in enumerate(rows, start=1):
        goal = goals.get(dimension.key) or Goal.here(
            key=dimension.key, first_agenda=agenda, agreed_at=now
        )
        goal.text, goal.agenda, goal.position, goal.retired_at = (
            dimension.text,
            agenda,
            position,
            None,
        )
        goal.save()
        kept.add(goal.key)
    Goal.objects.filter(retired_at=None).exclude(key__in=kept).update(retired_at=now)


def _return(
    agenda: AgendaVersion, verdict: Any, now: datetime, *, actor: Membership | None = None
) -> None:
    names = {each.organization_id: each.name for each in agenda.parties.all()}
    rows = {each.pk: each for each in agenda.dimensions.all()}

    def against(found: Any, why: str) -> list[dict[str, str]]:
        return [
            {"organization": names[who], "key": rows[what].key, "why": why} for who, what in found
        ]

    agenda.state, agenda.decided_at = VersionState.RETURNED, now
    agenda.outcome = {
        "missing": [names[each] for each in verdict.missing],
        "contestable": [names[each] for each in verdict.contestable],
        "against": [
            *against(verdict.objections, "object"),
            *against(verdict.aside, "stand_aside"),
        ],
    }
    agenda.version += 1
    agenda.save()
    record(
        actor,
        "agenda.version_returned",
        agenda,
        means=Means.WEB if actor else Means.CLOCK,
        **agenda.outcome,
    )
    reasons = "\n".join(sentences_of(agenda))
    letters.write_decided(agenda, agenda.policy["asked"], reasons)
    start_version(actor=None)


def remind(agenda: AgendaVersion, now: datetime | None = None) -> int:
    """Write to who has not answered, 10, 5 and 2 days before the close; to how many."""
    now = now or timezone.now()
    if agenda.closes_at is None or agenda.opened_at is None or now >= agenda.closes_at:
        return 0
    passed = [days for days in REMIND_BEFORE if now >= agenda.closes_at - timedelta(days=days)]
    # A ratification shorter than the reminder's distance: the opening letter has just said it.
    if not passed or agenda.opened_at > agenda.closes_at - timedelta(days=min(passed)):
        return 0
    silent = list(silent_parties(agenda))
    for party in silent:
        letters.write_reminder(agenda, party.organization_id, min(passed), now)
    return len(silent)


def remind_by_hand(
    *, actor: Membership, agenda: AgendaVersion, organization: Organization | None = None
) -> list[Membership]:
    """Write to the people of all organizations that have not answered, or of one of them; to whom.

    Nobody is written to twice on one day, whoever clicks how often.

    :raises ValidationError: answers are not taken, or there is nobody to remind.
    """
    if not actor.may(Permission.AGENDA_RATIFICATION_OPEN):
        raise PermissionDenied
    with transaction.atomic():
        locked, now = lock(agenda), timezone.now()
        if not locked.is_open:
            raise ValidationError(_("Answers are not taken now, so nobody is reminded."))
        silent = [each.organization_id for each in silent_parties(locked)]
        if organization is not None:
            silent = [each for each in silent if each == organization.pk]
        if not silent:
            raise ValidationError(_("There is an answer already: nobody is left to remind."))
        written = letters.write_reminder_by_hand(locked, silent, now)
        if written:
            asked = {each.organization_id for each in written}
            record(
                actor,
                "agenda.silent_reminded",
                locked,
                organizations=len(asked),
                people=len(written),
            )
    return written


def advance_ratifications(now: datetime | None = None) -> int:
    """Let the clock end what is due, and remind; how many versions it ended."""
    now, ended = now or timezone.now(), 0
    for agenda in AgendaVersion.objects.filter(state=VersionState.RATIFYING):
        locked = lock(agenda)
        if settle(locked, now) != VersionState.RATIFYING:
            ended += 1
        else:
            remind(locked, now)
    return ended

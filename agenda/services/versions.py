"""A version's way to its ratification: drafted, circulated, taken back, withdrawn, published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from agenda.choices import DimensionKind, VersionState
from agenda.models import AgendaDimension, AgendaVersion, Difference, DimensionComment
from agenda.models.versions import new_key
from agenda.selectors.people import organizations_to_ask
from agenda.selectors.versions import deadlocks_of, objections_to_circulating
from agenda.services import letters
from agenda.services.reservations import carry_reservations
from initiatives import locks
from initiatives.audit import record
from initiatives.models import Membership
from initiatives.permissions import Permission

COMMENT_DAYS = 14
MOST_COMMENT_DAYS = 90
LONGEST_TEXT = 4000
ORDER = {str(kind): place for place, kind in enumerate(DimensionKind)}


class ConflictError(ValidationError):
    """Somebody saved in between; nothing was written."""


@dataclass(frozen=True)
class Written:
    """One dimension as typed; without a key it is new, without a text it goes."""

    kind: str
    text: str
    key: str = ""


def lock(agenda: AgendaVersion) -> AgendaVersion:
    """The version as it is now, held until the transaction ends: everyone decides in turn."""
    rows = AgendaVersion.objects.select_for_update(of=("self",), no_key=True)
    found: AgendaVersion = rows.get(pk=agenda.pk)
    return found


def share(agenda: AgendaVersion) -> AgendaVersion:
    """The version as it is now, kept so until the transaction ends: forty may answer it at once,
    and whoever edits, opens or ends it waits for them.
    """
    return locks.share(agenda)


def _demand(actor: Membership, permission: Permission) -> None:
    if not actor.may(permission):
        raise PermissionDenied


def start_version(*, actor: Membership | None) -> AgendaVersion:
    """A new draft: the text of the latest decided version under the same keys, and every
    reservation that is still open (A6).

    :raises ValidationError: a version is under work already.
    """
    if actor:
        _demand(actor, Permission.AGENDA_DRAFT)
    with transaction.atomic():
        if current := AgendaVersion.objects.under_work().first():
            raise ValidationError(
                _("Version %(number)s is under work. Finish or withdraw it first."),
                params={"number": current.number},
            )
        base = (
            AgendaVersion.objects.exclude(state=VersionState.WITHDRAWN).order_by("-number").first()
        )
        number = (AgendaVersion.objects.aggregate(last=Max("number"))["last"] or 0) + 1
        agenda = AgendaVersion.here(
            number=number, supersedes=base, created_by_id=actor.user_id if actor else None
        )
        if base:
            agenda.primary_goal_rule = base.primary_goal_rule
        agenda.save()
        if base:
            AgendaDimension.objects.bulk_create(
                AgendaDimension.here(
                    agenda=agenda,
                    key=each.key,
                    kind=each.kind,
                    text=each.text,
                    position=each.position,
                )
                for each in base.dimensions.all()
            )
        carry_reservations(agenda)
        record(actor, "agenda.version_started", agenda, number=number)
    return agenda


def save_dimensions(
    *, actor: Membership, agenda: AgendaVersion, written: Sequence[Written], version: int
) -> AgendaVersion:
    """Keep the text as typed. What is not in ``written`` goes.

    :raises ConflictError: somebody saved since ``version``.
    :raises ValidationError: the text is not to be changed any more, or cannot be kept.
    """
    _demand(actor, Permission.AGENDA_DRAFT)
    with transaction.atomic():
        locked = lock(agenda)
        _check_editable(locked)
        if locked.version != version:
            raise ConflictError(
                _("Somebody saved this version since you opened it. Nothing of yours is lost yet.")
            )
        _check_written(written)
        changes = _keep(locked, [each for each in written if each.text.strip()])
        if changes:
            _saved(actor, locked, changes=changes)
    return locked


def _keep(agenda: AgendaVersion, written: Sequence[Written]) -> int:
    rows = {each.key: each for each in agenda.dimensions.all()}
    kept, changes = set(), 0
    for position, each in enumerate(sorted(written, key=lambda one: ORDER[one.kind]), start=1):
        row = rows.get(each.key) or AgendaDimension.here(
            agenda=agenda, key=each.key if each.key in rows else new_key()
        )
        before = (row.kind, row.text, row.position)
        row.kind, row.text, row.position = each.kind, each.text.strip(), position
        kept.add(row.key)
        if row._state.adding or before != (row.kind, row.text, row.position):
            row.save()
            changes += 1
    for key, row in rows.items():
        if key not in kept:
            row.delete()
            changes += 1
    return changes


def _check_written(written: Sequence[Written]) -> None:
    for each in written:
        if each.kind not in ORDER:
            raise ValidationError(_("Choose what each statement is about."))
        if len(each.text) > LONGEST_TEXT:
            raise ValidationError(
                _("Keep each statement under %(most)s characters."), params={"most": LONGEST_TEXT}
            )
        if "\0" in each.text:
            raise ValidationError(_("This text cannot be kept. Type it again."))


def _saved(actor: Membership, agenda: AgendaVersion, **detail: Any) -> None:
    agenda.version += 1
    agenda.save(update_fields=["version"])
    record(actor, "agenda.version_saved", agenda, **detail)


def _check_editable(agenda: AgendaVersion) -> None:
    if agenda.state == VersionState.CIRCULATED:
        raise ValidationError(_("The text is open for comments. Take it back first to change it."))
    if agenda.state != VersionState.DRAFTING:
        raise ValidationError(
            _("The text has been fixed since the ratification was opened. Start a new version.")
        )


def circulate(
    *, actor: Membership, agenda: AgendaVersion, days: int = COMMENT_DAYS
) -> AgendaVersion:
    """Open the text for comments.

    :raises ValidationError: what is missing, each in a sentence.
    """
    _demand(actor, Permission.AGENDA_DRAFT)
    if not 1 <= days <= MOST_COMMENT_DAYS:
        raise ValidationError(
            _("Give between 1 and %(most)s days."), params={"most": MOST_COMMENT_DAYS}
        )
    with transaction.atomic():
        locked = lock(agenda)
        _check_editable(locked)
        if found := objections_to_circulating(locked):
            raise ValidationError(found)
        now = timezone.now()
        locked.state = VersionState.CIRCULATED
        locked.circulated_at, locked.comments_until = now, now + timedelta(days=days)
        locked.version += 1
        locked.save()
        record(actor, "agenda.version_circulated", locked, days=days)
        letters.write_circulated(locked, [each.pk for each in organizations_to_ask()])
    return locked


def take_back(*, actor: Membership, agenda: AgendaVersion) -> AgendaVersion:
    """Close the comments and change the text; the window begins anew with the next circulation."""
    _demand(actor, Permission.AGENDA_DRAFT)
    with transaction.atomic():
        locked = lock(agenda)
        if locked.state != VersionState.CIRCULATED:
            raise ValidationError(_("Only a version that is open for comments can be taken back."))
        letters.take_back_circulated(locked)
        locked.state = VersionState.DRAFTING
        locked.circulated_at = locked.comments_until = None
        locked.version += 1
        locked.save()
        record(actor, "agenda.version_taken_back", locked)
    return locked


def withdraw(*, actor: Membership, agenda: AgendaVersion, reason: str) -> AgendaVersion:
    """Give a version up; its answers and reservations stay on record."""
    _demand(actor, Permission.AGENDA_RATIFICATION_OPEN)
    if not reason.strip():
        raise ValidationError(_("Say why it is withdrawn."))
    with transaction.atomic():
        locked = lock(agenda)
        if locked.state not in {
            VersionState.DRAFTING,
            VersionState.CIRCULATED,
            VersionState.RATIFYING,
        }:
            raise ValidationError(_("Only a version under work can be withdrawn."))
        locked.state = VersionState.WITHDRAWN
        locked.decided_at = timezone.now()
        locked.outcome = {"withdrawn": reason.strip()}
        locked.version += 1
        locked.save()
        record(actor, "agenda.version_withdrawn", locked, reason=reason.strip())
    return locked


def publish(*, actor: Membership, agenda: AgendaVersion, is_public: bool) -> AgendaVersion:
    """Let everyone read the ratified agenda, or nobody from outside any more."""
    _demand(actor, Permission.AGENDA_PUBLISH)
    with transaction.atomic():
        locked = lock(agenda)
        if locked.state != VersionState.RATIFIED:
            raise ValidationError(_("Only the ratified agenda can be published."))
        if is_public == (locked.published_at is not None):
            return locked
        locked.published_at = timezone.now() if is_public else None
        locked.save(update_fields=["published_at"])
        what = "agenda.version_published" if is_public else "agenda.version_unpublished"
        record(actor, what, locked)
    return locked


def break_deadlock(
    *, actor: Membership, agenda: AgendaVersion, key: str, choice: str
) -> AgendaVersion:
    """After two returned versions on one dimension: take it out of the draft, or make a primary
    goal a goal that not everyone has to consent to (A13).

    :raises ValidationError: there is no deadlock on it, or the choice does not fit.
    """
    _demand(actor, Permission.AGENDA_DRAFT)
    with transaction.atomic():
        locked = lock(agenda)
        _check_editable(locked)
        if key not in {each.key for each in deadlocks_of(locked)}:
            raise ValidationError(_("No two versions were returned on this statement."))
        row = locked.dimensions.get(key=key)
        if choice == "demote" and row.kind == DimensionKind.PRIMARY_GOAL:
            row.kind = DimensionKind.GOAL
            row.save(update_fields=["kind"])
        elif choice == "split":
            row.delete()
        else:
            raise ValidationError(_("Choose one of the ways out."))
        _saved(actor, locked, deadlock=key, choice=choice)
    return locked


def reference_differences(
    *, actor: Membership, agenda: AgendaVersion, keys: Mapping[int, str]
) -> int:
    """Say which statement speaks to which severe difference; how many changed."""
    _demand(actor, Permission.AGENDA_DRAFT)
    with transaction.atomic():
        locked = lock(agenda)
        _check_editable(locked)
        known, changed = set(locked.dimensions.values_list("key", flat=True)), 0
        for difference in Difference.objects.live().filter(pk__in=list(keys)):
            key = keys[difference.pk]
            if key in known and key != difference.dimension_key:
                difference.dimension_key = key
                difference.version += 1
                difference.save(update_fields=["dimension_key", "version"])
                record(actor, "agenda.difference_referenced", difference, key=key)
                changed += 1
    return changed


def add_comment(
    *,
    actor: Membership,
    agenda: AgendaVersion,
    dimension_key: str,
    text: str,
    parent: DimensionComment | None = None,
) -> DimensionComment:
    """Say something to a dimension, or answer what was said.

    :raises ValidationError: nothing is said, or comments are over.
    """
    _demand(actor, Permission.AGENDA_COMMENT)
    if not text.strip():
        raise ValidationError(_("Write something first."))
    with transaction.atomic():
        locked = lock(agenda)
        if locked.state not in {
            VersionState.DRAFTING,
            VersionState.CIRCULATED,
            VersionState.RATIFYING,
        }:
            raise ValidationError(_("This version is decided. Comment on the next one."))
        if not locked.dimensions.filter(key=dimension_key).exists():
            raise ValidationError(_("This statement is not in the version any more."))
        if parent and (parent.agenda_id, parent.dimension_key) != (locked.pk, dimension_key):
            raise ValidationError(_("This answers a comment on another statement."))
        comment = DimensionComment.here(
            agenda=locked,
            dimension_key=dimension_key,
            parent=parent,
            organization_id=actor.organization_id,
            user_id=actor.user_id,
            text=text.strip()[:LONGEST_TEXT],
        )
        comment.save()
        record(actor, "agenda.comment_made", comment)
    return comment

"""Reservations in draft: written by who may not answer for the organization, sent by who may."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agenda.models import AgendaVersion, ReservationDraft
from agenda.querysets.listening import speaks
from agenda.selectors.ratification import party_of
from agenda.selectors.reservations import takes_drafts
from agenda.services.versions import ConflictError, share
from initiatives.audit import record
from initiatives.models import Membership, Organization
from initiatives.permissions import Permission

LONGEST_TEXT = 4000


@dataclass(frozen=True)
class Noted:
    """A reservation as typed; without a text there is none."""

    key: str
    text: str
    condition: str = ""
    review_on: date | None = None
    version: int = 0  # of the draft that was read; none is 0


def save_drafts(*, actor: Membership, agenda: AgendaVersion, noted: Sequence[Noted]) -> int:
    """Keep what is drafted for one's own organization; how many drafts changed.

    :raises ConflictError: somebody else of the organization saved one of them since.
    :raises ValidationError: nothing is answered to this version, or a text is too long.
    """
    if not speaks(actor, Permission.AGENDA_RESERVATION_DRAFT):
        raise PermissionDenied
    with transaction.atomic():
        shared = share(agenda)
        # Those of one organization take turns.
        own = Organization.objects.select_for_update(of=("self",), no_key=True)
        own.get(pk=actor.organization_id)
        if not takes_drafts(shared, party_of(shared, actor.organization_id)):
            raise ValidationError(_("Nothing is answered to this version now."))
        known = set(shared.dimensions.values_list("key", flat=True))
        rows = ReservationDraft.objects.live().filter(
            agenda=shared, organization_id=actor.organization_id
        )
        there = {row.dimension_key: row for row in rows}
        changed = [
            _keep(actor, shared, each, there.get(each.key)) for each in noted if each.key in known
        ]
        if any(changed):
            record(actor, "agenda.reservation_drafted", shared, drafts=sum(changed))
    return sum(changed)


def _keep(
    actor: Membership, agenda: AgendaVersion, noted: Noted, row: ReservationDraft | None
) -> bool:
    said = {
        "text": noted.text.strip(),
        "condition": noted.condition.strip(),
        "review_on": noted.review_on,
    }
    if max(len(noted.text), len(noted.condition)) > LONGEST_TEXT:
        raise ValidationError(_("Keep it under %(most)s characters.") % {"most": LONGEST_TEXT})
    if row is None and not said["text"]:
        if said["condition"]:
            raise ValidationError(_("Say what the reservation is, not only what would lift it."))
        return False
    if row and all(getattr(row, name) == value for name, value in said.items()):
        return False
    if noted.version != (row.version if row else 0):
        raise ConflictError(
            _("Somebody else of your organization has changed this. Nothing of it is lost.")
        )
    if row and not said["text"]:
        row.settled_at = timezone.now()
        row.save(update_fields=["settled_at"])
        return True
    row = row or ReservationDraft.here(
        agenda=agenda,
        organization_id=actor.organization_id,
        dimension_key=noted.key,
        version=0,
    )
    for name, value in said.items():
        setattr(row, name, value)
    row.user_id, row.at = actor.user_id, timezone.now()
    row.version += 1
    row.save()
    return True


def settle_drafts(*, agenda: AgendaVersion, organization_id: int, sent: set[str]) -> None:
    """What was drafted is settled by the organization's answer: sent with it, or left out."""
    rows = ReservationDraft.objects.live().filter(agenda=agenda, organization_id=organization_id)
    now = timezone.now()
    rows.filter(dimension_key__in=sent).update(settled_at=now, is_sent=True)
    rows.update(settled_at=now)

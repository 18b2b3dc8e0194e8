"""Who takes part: joiners accede, the silent are paused for the next round, objectors may observe."""

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agenda.arithmetic.consent import judge
from agenda.choices import PartyStanding, VersionState
from agenda.models import AgendaVersion, Contact, Party, Response
from agenda.selectors.people import organizations_to_ask
from agenda.selectors.ratification import answers_of, dimensions_asked
from agenda.services import letters
from initiatives.audit import record
from initiatives.choices import Means, OrganizationKind, OrganizationState
from initiatives.models import Membership, Organization
from initiatives.permissions import Permission

ACCEDE_WITHIN = timedelta(days=60)
CONTACTS_BEFORE_PAUSE = 2


def admit_joiners(now: datetime | None = None) -> int:
    """Ask organizations that joined after the opening to accede, and note who did not; how many
    rows changed (A9).
    """
    now, changed = now or timezone.now(), 0
    for agenda in AgendaVersion.objects.ratified():
        known = set(agenda.parties.values_list("organization_id", flat=True))
        for organization in organizations_to_ask():
            if organization.pk not in known:
                party = Party.here(
                    agenda=agenda,
                    organization=organization,
                    name=organization.name,
                    sector=organization.sector,
                    standing=PartyStanding.ACCEDING,
                    due_at=now + ACCEDE_WITHIN,
                )
                party.save()
                record(None, "agenda.accession_asked", party, means=Means.CLOCK)
                letters.write_accession(agenda, party)
                changed += 1
        late = agenda.parties.filter(standing=PartyStanding.ACCEDING, due_at__lte=now)
        for party in late.select_for_update(of=("self",), no_key=True):
            party.standing = PartyStanding.LAPSED
            party.save(update_fields=["standing"])
            record(None, "agenda.accession_lapsed", party, means=Means.CLOCK)
            changed += 1
    return changed


def accede_if_agreed(agenda: AgendaVersion, party: Party) -> bool:
    """Count a joiner in once its answer would have let the agenda be ratified (A9)."""
    verdict = judge(
        [party.organization_id],
        {each.pk: each.is_primary_goal for each in dimensions_asked(agenda)},
        answers_of(agenda),
        agenda.primary_goal_rule,
    )
    if not verdict.is_ratified or party.standing == PartyStanding.ACCEDED:
        return False
    party.standing, party.acceded_at = PartyStanding.ACCEDED, timezone.now()
    party.save(update_fields=["standing", "acceded_at"])
    record(None, "agenda.acceded", party)
    return True


def pause_organization(
    *, actor: Membership, agenda: AgendaVersion, organization: Organization, decision: str
) -> Organization:
    """Leave a silent organization out of the next round's list, by a recorded decision (A13).

    The list of a round that runs is not touched.

    :raises ValidationError: it was not silent through a returned round, or nobody spoke to it twice.
    """
    if not actor.may(Permission.AGENDA_RESPOND_ON_BEHALF):
        raise PermissionDenied
    if not decision.strip():
        raise ValidationError({"decision": _("Write down who decided it, and when.")})
    with transaction.atomic():
        if (
            agenda.state != VersionState.RETURNED
            or not agenda.parties.filter(organization=organization).exists()
            or Response.objects.filter(agenda=agenda, organization=organization).exists()
        ):
            raise ValidationError(
                _("Only an organization that was silent through a returned round can be paused.")
            )
        contacts = Contact.objects.filter(agenda=agenda, organization=organization).count()
        if contacts < CONTACTS_BEFORE_PAUSE:
            raise ValidationError(
                _("Speak to them in person twice first; %(n)s so far."), params={"n": contacts}
            )
        row = Organization.objects.select_for_update(of=("self",), no_key=True).get(
            pk=organization.pk
        )
        if row.state != OrganizationState.ACTIVE:
            raise ValidationError(_("This organization is not active."))
        row.state = OrganizationState.PAUSED
        row.save(update_fields=["state"])
        record(actor, "agenda.organization_paused", row, decision=decision.strip())
    return row


def become_observer(*, actor: Membership, reason: str) -> Organization:
    """An organization's own move: it goes on watching and is not asked any more (A13).

    A round that runs keeps its list.
    """
    if not actor.may(Permission.AGENDA_RESPOND):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"reason": _("Say why, in a sentence: it is recorded.")})
    with transaction.atomic():
        rows = Organization.objects.select_for_update(of=("self",), no_key=True)
        row = rows.get(pk=actor.organization_id)
        if row.kind == OrganizationKind.OBSERVER:
            return row
        if row.kind == OrganizationKind.BACKBONE:
            raise PermissionDenied  # nobody asks it, and an observer could take in no staff
        row.kind = OrganizationKind.OBSERVER
        row.save(update_fields=["kind"])
        record(actor, "agenda.organization_observes", row, reason=reason.strip())
    return row

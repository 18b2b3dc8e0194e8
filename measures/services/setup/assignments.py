"""Who is asked for which number."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils import timezone

from initiatives import audit
from initiatives.choices import Means
from initiatives.models import Membership, Organization
from measures import ledger
from measures.models import Assignment, Indicator, Rollup
from measures.services.setup.indicators import BEGINNING


@transaction.atomic
def assign(
    *,
    actor: Membership | None,
    indicator: Indicator,
    organizations: Iterable[Organization],
    starts_on: date = BEGINNING,
    ends_on: date | None = None,
) -> int:
    """Ask organizations for an indicator; those asked from that day already stay as they are."""
    rows = [
        Assignment.here(
            indicator=indicator, organization=each, starts_on=starts_on, ends_on=ends_on
        )
        for each in organizations
    ]
    Assignment.objects.bulk_create(rows, ignore_conflicts=True)
    if Rollup.objects.filter(indicator=indicator).exists():
        ledger.mark_dirty([indicator.pk])  # who is expected has changed
    audit.record(actor, "measures.indicator_assigned", indicator, organizations=len(rows))
    return len(rows)


@transaction.atomic
def release_organization(organization: Organization) -> int:
    """Ask nothing more of an organization that left; what it was asked before stays expected."""
    today = timezone.localdate()
    open_ones = Assignment.objects.filter(organization=organization, ends_on=None)
    running = open_ones.filter(starts_on__lt=today)
    ended = running.update(ends_on=today)
    dropped, _of = open_ones.delete()  # those that were still to begin
    if ended or dropped:
        audit.record(
            None, "measures.organization_released", organization, means=Means.CLOCK, ended=ended
        )
    return ended

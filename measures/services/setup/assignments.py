"""Who is asked for which number."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives import audit, jobs
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
    """Ask organizations for an indicator; those asked on that day already stay as they are."""
    if ends_on is not None and ends_on <= starts_on:
        raise ValidationError({"ends_on": _("It ends before it begins.")})
    Indicator.objects.select_for_update(of=("self",), no_key=True).get(pk=indicator.pk)
    already = set(
        Assignment.objects.filter(
            Q(ends_on=None) | Q(ends_on__gt=starts_on),
            indicator=indicator,
            starts_on__lte=starts_on,
        ).values_list("organization_id", flat=True)
    )
    rows = [
        Assignment.here(
            indicator=indicator, organization=each, starts_on=starts_on, ends_on=ends_on
        )
        for each in organizations
        if each.pk not in already
    ]
    Assignment.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        _expect_anew(indicator)
        audit.record(actor, "measures.indicator_assigned", indicator, organizations=len(rows))
        jobs.enqueue("measures.advance_rounds", key="rounds")
    return len(rows)


@transaction.atomic
def end_assignment(*, actor: Membership, assignment: Assignment, ends_on: date) -> None:
    """Ask an organization no more from a day on; one that never began is as if it never was.

    :raises ValidationError: it ended before that day already.
    """
    locked = Assignment.objects.select_for_update(of=("self",), no_key=True)
    assignment = locked.select_related("indicator", "organization").get(pk=assignment.pk)
    if assignment.ends_on is not None and assignment.ends_on < ends_on:
        raise ValidationError({"ends_on": _("It ended before that day already.")})
    if assignment.ends_on == ends_on:
        return
    audit.record(actor, "measures.assignment_ended", assignment, ends_on=ends_on.isoformat())
    if ends_on <= assignment.starts_on:
        assignment.delete()
    else:
        assignment.ends_on = ends_on
        assignment.save(update_fields=["ends_on"])
    _expect_anew(assignment.indicator)


def _expect_anew(indicator: Indicator) -> None:
    """Who is expected has changed, and with it the coverage of every sum."""
    if Rollup.objects.filter(indicator=indicator).exists():
        ledger.mark_dirty([indicator.pk])


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

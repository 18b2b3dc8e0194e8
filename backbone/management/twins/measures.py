"""The measures of a twin."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from backbone.management.twins.base import Twin, issue, new
from initiatives import links
from initiatives.choices import LinkPurpose
from initiatives.models import Organization
from measures import models as measured
from measures.choices import (
    Frequency,
    ImportState,
    IndicatorKind,
    RoundState,
    ScopeKind,
    SubmissionState,
)


def seed(twin: Twin, organization: Organization) -> None:
    now, canary, private = timezone.now(), twin.canary, twin.private_canary
    calendar = new(measured.Calendar, code="years", name=f"Years {canary}")
    # Last month, by the world's clock: its round is open now.
    starts_on = _month_before(now.astimezone(UTC))
    ends_on = now.astimezone(UTC).date().replace(day=1)
    period = new(
        measured.Period,
        calendar=calendar,
        frequency=Frequency.MONTH,
        code=f"{starts_on:%Y-%m}",
        name=f"{starts_on:%B %Y}",
        starts_on=starts_on,
        ends_on=ends_on,
    )
    round_ = new(
        measured.Round,
        period=period,
        state=RoundState.OPEN,
        opens_at=now - timedelta(days=3),
        due_at=now + timedelta(days=10),
        closes_at=now + timedelta(days=20),
    )
    dimension = new(measured.Dimension, code="age", name=f"Age {canary}")
    new(measured.Category, dimension=dimension, code="old", name=f"Old {canary}")
    partition = new(measured.Partition, code="age")
    new(measured.PartitionDimension, partition=partition, dimension=dimension, position=0)
    cell = new(measured.Cell, partition=partition, key="age=old", name=f"Old {canary}")
    new(measured.CellLeaf, cell=cell, leaf=cell)
    indicator = new(
        measured.Indicator,
        code="served",
        name=f"Served {canary}",
        kind=IndicatorKind.COUNT,
        calendar=calendar,
        frequency=Frequency.MONTH,
    )
    version = new(
        measured.IndicatorVersion,
        indicator=indicator,
        effective_from=starts_on,
        definition=f"Definition {canary}",
    )
    new(measured.Baseline, indicator=indicator, period=period, value=1, reason=canary)
    new(measured.Target, indicator=indicator, period=period, value=9, reason=canary)
    new(measured.Assignment, indicator=indicator, organization=organization, starts_on=starts_on)
    submission = new(
        measured.Submission,
        round=round_,
        organization=organization,
        state=SubmissionState.DRAFT,
        note=private,
    )
    new(measured.Entry, submission=submission, indicator=indicator, value=5, note=private)
    fact = {"indicator": indicator, "organization": organization, "period": period}
    new(measured.Observation, **fact, value=Decimal(5), note=private)
    for kind, scope_id in (
        (ScopeKind.ORGANIZATION, organization.pk),
        (ScopeKind.INITIATIVE, twin.initiative_id),
    ):
        new(
            measured.Rollup,
            indicator=indicator,
            scope=kind,
            scope_id=scope_id,
            period=period,
            version=version,
            value=5,
            numerator=5,
            expected=1,
            reported=1,
            inputs_expected=1,
            inputs_present=1,
            status="complete",
        )
    new(measured.RollupRevision, number=1)
    new(measured.RollupCheck, compared=1, differing=1, examples=[f"served {canary}"])
    new(measured.DirtyKey, **fact)
    sent = new(
        measured.ImportRun,
        name=f"{private}.csv",
        state=ImportState.CHECKED,
        organization=organization,
    )
    told = new(
        measured.RememberedColumn,
        heading=private,
        written=private,
        target="value",
        organization=organization,
    )
    share = new(measured.ShareLink, name=f"Readers {canary}", has_agenda=True)
    issue(twin, LinkPurpose.DASHBOARD, share.pk)
    share.link = links.SignedLink.objects.get(digest=links.digest(twin.tokens["dashboard"]))
    share.save()
    issue(twin, LinkPurpose.SUBMISSION, submission.pk)
    twin.objects |= {
        "assignment_id": measured.Assignment.objects.get().pk,
        "calendar_id": calendar.pk,
        "cell_id": cell.pk,
        "column_id": told.pk,
        "dimension_id": dimension.pk,
        "import_id": sent.pk,
        "indicator_id": indicator.pk,
        "observation_id": measured.Observation.objects.get().id,
        "partition_id": partition.pk,
        "period_id": period.pk,
        "round_id": round_.pk,
        "share_id": share.pk,
        "submission_id": submission.pk,
    }


def _month_before(moment: datetime) -> date:
    return (moment.date().replace(day=1) - timedelta(days=1)).replace(day=1)

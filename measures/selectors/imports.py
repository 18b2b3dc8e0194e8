"""The files that were sent in, and an empty table to fill."""

from collections.abc import Iterator
from typing import Any

from initiatives.models import Membership, Organization
from initiatives.permissions import Permission
from measures.choices import RoundState
from measures.models import (
    Cell,
    Dimension,
    ImportRun,
    Indicator,
    PartitionDimension,
    RememberedColumn,
    Round,
)
from measures.selectors.submissions import assignments_of

MOST_ROUNDS = 6
MOST_CODES = 200  # of indicators and of organizations that are listed


def runs_for(membership: Membership) -> Any:
    """The files a member may know of, the latest first."""
    return ImportRun.objects.visible_to(membership).select_related("organization", "user")


def columns_for(membership: Membership) -> Any:
    """The headings that are remembered for a member's own files, by name."""
    collects = membership.may(Permission.MEASURES_COLLECT)
    return RememberedColumn.objects.visible_to(membership).filter(
        organization_id=None if collects else membership.organization_id
    )


def codes_known(membership: Membership) -> tuple[list[Indicator], list[Organization]]:
    """What a file may name, by code and name: agreed indicators, and whose numbers one may give."""
    organizations = Organization.objects.taking_part().order_by("name")
    if not membership.may(Permission.MEASURES_COLLECT):
        organizations = organizations.filter(pk=membership.organization_id)
    indicators = Indicator.objects.agreed().order_by("position", "id")
    return list(indicators[:MOST_CODES]), list(organizations[:MOST_CODES])


def open_rounds() -> Any:
    """The latest rounds that take values now."""
    going = [RoundState.OPEN, RoundState.DUE, RoundState.GRACE]
    return (
        Round.objects.filter(state__in=going)
        .select_related("period")
        .order_by("-period__starts_on", "-id")[:MOST_ROUNDS]
    )


def template_rows(membership: Membership, round_: Round) -> Iterator[list[str]]:
    """The canonical table of a round: a heading, and a row for each number that is asked for."""
    dimensions = list(Dimension.objects.order_by("code").values_list("code", flat=True))
    yield [
        *("organization_code", "indicator_code", "period"),
        *dimensions,
        *("value", "numerator", "denominator", "comment"),
    ]
    asked = assignments_of(round_)
    if not membership.may(Permission.MEASURES_COLLECT):
        asked = asked.filter(organization_id=membership.organization_id)
    codes = dict(Organization.objects.values_list("id", "code"))
    indicators = {each.pk: each for each in Indicator.objects.order_by("position", "id")}
    order = {pk: place for place, pk in enumerate(indicators)}
    cells = _cells()
    pairs = {(codes[org], order[which], which) for org, which in _pairs(asked)}
    for code, _place, indicator_id in sorted(pairs):
        indicator = indicators[indicator_id]
        for cell in cells.get(indicator.partition_id or 0, [{}]):
            split = [cell.get(dimension, "") for dimension in dimensions]
            yield [code, indicator.code, round_.period.code, *split, "", "", "", ""]


def _pairs(asked: Any) -> Any:
    return asked.values_list("organization_id", "indicator_id")


def _cells() -> dict[int, list[dict[str, str]]]:
    """The finest cells of each partition, by the codes of their categories."""
    found: dict[int, list[dict[str, str]]] = {
        each: [] for each in PartitionDimension.objects.values_list("partition_id", flat=True)
    }
    leaves = Cell.objects.filter(is_leaf=True).order_by("id")
    for partition_id, key in leaves.values_list("partition_id", "key"):
        found.setdefault(partition_id, []).append(
            dict(part.split("=", 1) for part in key.split(";"))
        )
    return found

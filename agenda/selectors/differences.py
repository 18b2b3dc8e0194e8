"""The board of differences, and one difference with both sides' words."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from agenda.choices import DifferenceState, ResolutionState
from agenda.models import (
    Difference,
    DifferenceComment,
    DifferenceSide,
    FairStatement,
    Proposal,
    Resolution,
    ResolutionConfirmation,
    SideMember,
)
from initiatives.choices import OrganizationKind
from initiatives.models import Membership, Organization
from initiatives.permissions import Permission


@dataclass(frozen=True)
class Column:
    """The differences in one state."""

    state: str
    label: Any
    differences: list[Difference]


def board_for(membership: Membership) -> list[Column]:
    """All differences by state, the most severe first; empty states too, to show the way."""
    order = {"severe": 0, "serious": 1, "slight": 2}
    rows = list(Difference.objects.visible_to(membership).prefetch_related("sides"))
    rows.sort(key=lambda each: order[each.severity])
    return [
        Column(state.value, state.label, [each for each in rows if each.state == state])
        for state in DifferenceState
    ]


@dataclass(frozen=True)
class SideView:
    """One view: its words, who holds it, who calls the words fair."""

    side: DifferenceSide
    holders: list[Organization]
    fair: list[Organization]
    is_ours: bool
    asks_us: bool
    may_word: bool


@dataclass(frozen=True)
class Turn:
    """A turn of the talk with the answers to it."""

    comment: DifferenceComment
    answers: list[DifferenceComment]


@dataclass(frozen=True)
class ResolutionView:
    """A resolution with who said yes."""

    resolution: Resolution
    yes: list[Organization]
    waits_for: list[DifferenceSide]
    asks_us: bool


@dataclass(frozen=True)
class Whole:
    """Everything that the page of a difference shows."""

    difference: Difference
    sides: list[SideView]
    talk: list[Turn]
    proposals: list[Proposal]
    resolutions: list[ResolutionView]
    facilitates: bool
    is_ours: bool
    organizations: list[Organization]
    """Whom a facilitator can put down as holding a view."""

    @property
    def live(self) -> ResolutionView | None:
        """The resolution that is asked about, or in force."""
        states = {ResolutionState.PROPOSED, ResolutionState.CONFIRMED}
        return next((e for e in self.resolutions if e.resolution.state in states), None)

    @property
    def earlier(self) -> list[ResolutionView]:
        return [each for each in self.resolutions if each is not self.live]


def whole(membership: Membership, difference: Difference) -> Whole:
    """One difference as a member sees it."""
    decides = membership.may(Permission.AGENDA_DIFFERENCE_CONFIRM)
    facilitates = membership.may(Permission.AGENDA_DIFFERENCE_FACILITATE)
    sides = [_side(each, membership, decides, facilitates) for each in _sides(difference)]
    ours = any(each.is_ours for each in sides)
    return Whole(
        difference=difference,
        sides=sides,
        talk=_talk(difference),
        proposals=list(difference.proposals.select_related("organization", "user")),
        resolutions=[
            _resolution(each, sides, membership, decides=decides and ours)
            for each in difference.resolutions.select_related("user").prefetch_related(
                _with_organization("confirmations", ResolutionConfirmation)
            )
        ],
        facilitates=facilitates,
        is_ours=ours,
        organizations=list(may_hold(membership)) if facilitates else [],
    )


def may_hold(membership: Membership) -> QuerySet[Organization]:
    """The organizations that can have a view of their own."""
    seen = Organization.objects.visible_to(membership).present()
    return seen.exclude(kind__in=[OrganizationKind.BACKBONE, OrganizationKind.OBSERVER])


def _sides(difference: Difference) -> Any:
    return difference.sides.prefetch_related(
        _with_organization("holders", SideMember), _with_organization("fair", FairStatement)
    )


def _with_organization(name: str, model: Any) -> Prefetch:
    """The rows of a relation, each with its organization, in one query."""
    return Prefetch(name, model.objects.select_related("organization"))


def _side(
    side: DifferenceSide, membership: Membership, decides: bool, facilitates: bool
) -> SideView:
    holders = [each.organization for each in side.holders.all()]
    fair = [each.organization for each in side.fair.all() if each.side_version == side.version]
    ours = membership.organization_id in {each.pk for each in holders}
    said = membership.organization_id in {each.pk for each in fair}
    return SideView(
        side=side,
        holders=sorted(holders, key=lambda each: each.name),
        fair=[each for each in fair if each in holders],
        is_ours=ours,
        asks_us=decides and ours and not said and bool(side.statement),
        may_word=facilitates or (ours and membership.may(Permission.AGENDA_DIFFERENCE_NOTE)),
    )


def _talk(difference: Difference) -> list[Turn]:
    said = list(difference.comments.select_related("organization", "user"))
    first = {each.pk: each.pk for each in said}
    for each in said:  # an answer to an answer stands under the same turn
        if each.parent_id:
            first[each.pk] = first.get(each.parent_id, each.parent_id)
    return [
        Turn(each, [row for row in said if row.parent_id and first[row.pk] == each.pk])
        for each in said
        if each.parent_id is None
    ]


def _resolution(
    resolution: Resolution, sides: list[SideView], membership: Membership, *, decides: bool
) -> ResolutionView:
    yes = [each.organization for each in resolution.confirmations.all()]
    said = {each.pk for each in yes}
    return ResolutionView(
        resolution=resolution,
        yes=yes,
        waits_for=[
            each.side for each in sides if not said & {holder.pk for holder in each.holders}
        ],
        asks_us=decides
        and resolution.state == ResolutionState.PROPOSED
        and membership.organization_id not in said,
    )


def unfair_to(membership: Membership) -> Any:
    """Open differences whose words for its view the member's organization has not called fair."""
    if not membership.may(Permission.AGENDA_DIFFERENCE_CONFIRM):
        return Difference.objects.none()
    sides = DifferenceSide.objects.filter(
        holders__organization_id=membership.organization_id
    ).exclude(statement="")
    called = FairStatement.objects.filter(
        side=OuterRef("pk"),
        organization_id=membership.organization_id,
        side_version=OuterRef("version"),
    )
    open_sides = sides.filter(~Exists(called))
    rows = Difference.objects.visible_to(membership).live()
    return rows.filter(
        state__in=[DifferenceState.NOTICED, DifferenceState.FAIRLY_STATED],
        pk__in=open_sides.values("difference_id"),
    )


def unanswered_by(membership: Membership) -> Any:
    """Differences with a resolution to which the member's side has not said yes."""
    if not membership.may(Permission.AGENDA_DIFFERENCE_CONFIRM):
        return Difference.objects.none()
    asked = Resolution.objects.filter(
        state=ResolutionState.PROPOSED,
        difference__holders__organization_id=membership.organization_id,
    ).exclude(confirmations__organization_id=membership.organization_id)
    rows = Difference.objects.visible_to(membership).live()
    return rows.filter(pk__in=asked.values("difference_id"))

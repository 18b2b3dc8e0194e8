"""The board of differences, and one difference with both sides' words."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from agenda.choices import DifferenceState, ResolutionState
from agenda.models import (
    Difference,
    DifferenceComment,
    DifferenceSide,
    FairStatement,
    Proposal,
    Resolution,
    ResolutionConfirmation,
    ResolutionRefusal,
    SideMember,
)
from initiatives.choices import OrganizationKind
from initiatives.models import Membership, Organization
from initiatives.permissions import Permission
from initiatives.together import together


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
    """A resolution with who said yes, and who said no or not yet, and why."""

    resolution: Resolution
    yes: list[Organization]
    refusals: list[ResolutionRefusal]
    waits_for: list[DifferenceSide]
    asks_us: bool
    may_answer: bool
    would_wait_for: list[DifferenceSide]
    """The sides without a yes once the reader's organization had said its own."""
    against: list[Organization]
    """Who else says no, or not yet."""
    answers_for: int
    """How many organizations hold the reader's view."""

    @property
    def settles(self) -> bool:
        """Whether a yes of the reader's organization resolves the difference there and then."""
        return self.may_answer and not self.would_wait_for and not self.against


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
    def other_proposals(self) -> list[Proposal]:
        """Those that the live resolution is not made of: its words stand there already."""
        asked = self.live.resolution if self.live else None
        if asked is None:
            return self.proposals
        same = asked.text.strip()
        return [
            each
            for each in self.proposals
            if each.pk != asked.proposal_id and each.text.strip() != same
        ]

    @property
    def earlier(self) -> list[ResolutionView]:
        return [each for each in self.resolutions if each is not self.live]


def whole(membership: Membership, difference: Difference) -> Whole:
    """One difference as a member sees it."""
    decides = membership.may(Permission.AGENDA_DIFFERENCE_CONFIRM)
    facilitates = membership.may(Permission.AGENDA_DIFFERENCE_FACILITATE)
    found = _everything(difference)
    sides = [_side(each, membership, decides, facilitates) for each in found.sides]
    ours = any(each.is_ours for each in sides)
    return Whole(
        difference=difference,
        sides=sides,
        talk=_talk(found.comments),
        proposals=found.proposals,
        resolutions=[
            _resolution(each, sides, membership, decides=decides and ours)
            for each in found.resolutions
        ],
        facilitates=facilitates,
        is_ours=ours,
        organizations=list(may_hold(membership)) if facilitates else [],
    )


def may_hold(membership: Membership) -> QuerySet[Organization]:
    """The organizations that can have a view of their own."""
    seen = Organization.objects.visible_to(membership).present()
    return seen.exclude(kind__in=[OrganizationKind.BACKBONE, OrganizationKind.OBSERVER])


class Held(NamedTuple):
    """One view with the rows of who holds it and of who called words of it fair."""

    side: DifferenceSide
    holders: list[SideMember]
    fair: list[FairStatement]


class Settled(NamedTuple):
    """A resolution with the rows of who said yes, and who says no or not yet."""

    resolution: Resolution
    confirmations: list[ResolutionConfirmation]
    standing: list[ResolutionRefusal]


class Everything(NamedTuple):
    """All rows of a difference."""

    sides: list[Held]
    comments: list[DifferenceComment]
    proposals: list[Proposal]
    resolutions: list[Settled]


def _everything(difference: Difference) -> Everything:
    """With one query."""
    its = {"difference": difference}
    whose = [
        model.objects.filter(**{f"{of}__difference": difference}).select_related("organization")
        for model, of in (
            *((SideMember, "side"), (FairStatement, "side")),
            *((ResolutionConfirmation, "resolution"), (ResolutionRefusal, "resolution")),
        )
    ]
    sides, resolutions, comments, proposals, holders, fair, confirmations, refusals = together(
        [
            DifferenceSide.objects.filter(**its),
            Resolution.objects.filter(**its).select_related("user", "proposal__organization"),
            DifferenceComment.objects.filter(**its).select_related("organization", "user"),
            Proposal.objects.filter(**its).select_related("organization", "user"),
            *whose[:3],
            whose[3].standing(),
        ]
    )
    for each in (*sides, *resolutions):
        each.difference = difference

    def of_side(rows: list[Any], side: DifferenceSide) -> list[Any]:
        return [row for row in rows if row.side_id == side.pk]

    def of_resolution(rows: list[Any], resolution: Resolution) -> list[Any]:
        return [row for row in rows if row.resolution_id == resolution.pk]

    return Everything(
        [Held(each, of_side(holders, each), of_side(fair, each)) for each in sides],
        comments,
        proposals,
        [
            Settled(each, of_resolution(confirmations, each), of_resolution(refusals, each))
            for each in resolutions
        ],
    )


def _side(held: Held, membership: Membership, decides: bool, facilitates: bool) -> SideView:
    side = held.side
    holders = [each.organization for each in held.holders]
    fair = [each.organization for each in held.fair if each.side_version == side.version]
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


def _talk(said: list[DifferenceComment]) -> list[Turn]:
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
    settled: Settled, sides: list[SideView], membership: Membership, *, decides: bool
) -> ResolutionView:
    resolution, refusals = settled.resolution, settled.standing
    against = {each.organization_id for each in refusals}
    yes = [
        each.organization for each in settled.confirmations if each.organization_id not in against
    ]
    said = {each.pk for each in yes}
    may_answer = decides and resolution.state == ResolutionState.PROPOSED
    after = said | {membership.organization_id}
    return ResolutionView(
        resolution=resolution,
        yes=yes,
        refusals=refusals,
        waits_for=[
            each.side for each in sides if not said & {holder.pk for holder in each.holders}
        ],
        asks_us=may_answer and membership.organization_id not in said,
        may_answer=may_answer,
        would_wait_for=[
            each.side for each in sides if not after & {holder.pk for holder in each.holders}
        ],
        against=[
            each.organization
            for each in refusals
            if each.organization_id != membership.organization_id
        ],
        answers_for=sum(len(each.holders) for each in sides if each.is_ours),
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
    """Differences with a resolution that the member's organization has not answered."""
    if not membership.may(Permission.AGENDA_DIFFERENCE_CONFIRM):
        return Difference.objects.none()
    asked = Resolution.objects.filter(
        state=ResolutionState.PROPOSED,
        difference__holders__organization_id=membership.organization_id,
    ).exclude(confirmations__organization_id=membership.organization_id)
    refused = ResolutionRefusal.objects.filter(
        organization_id=membership.organization_id, taken_back_at=None
    )
    asked = asked.exclude(pk__in=refused.values("resolution_id"))
    rows = Difference.objects.visible_to(membership).live()
    return rows.filter(pk__in=asked.values("difference_id"))


def refused_before(membership: Membership) -> Any:
    """Differences led by the member, or by nobody, with a resolution that somebody refuses."""
    if not membership.may(Permission.AGENDA_DIFFERENCE_FACILITATE):
        return Difference.objects.none()
    refused = ResolutionRefusal.objects.standing().filter(
        resolution__state=ResolutionState.PROPOSED
    )
    rows = Difference.objects.visible_to(membership).live()
    return rows.filter(
        Q(facilitator=None) | Q(facilitator=membership),
        pk__in=refused.values("resolution__difference_id"),
    )


def without_words(membership: Membership) -> Any:
    """Differences led by the member, or by nobody, of which a view has no words yet: nobody can
    call it fair, and nothing is talked about.
    """
    if not membership.may(Permission.AGENDA_DIFFERENCE_FACILITATE):
        return None
    silent = DifferenceSide.objects.filter(difference=OuterRef("pk"), statement="")
    rows = Difference.objects.visible_to(membership).filter(state=DifferenceState.NOTICED)
    return rows.filter(Exists(silent), Q(facilitator=None) | Q(facilitator=membership))

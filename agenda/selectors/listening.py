"""Who is asked, by whom an organization speaks, and what a round's pages show."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from agenda.choices import ListeningState, StatementState
from agenda.models import Asked, ListeningRound, Outsider, PositionStatement, RoundFacet
from agenda.querysets.listening import speaks
from initiatives.choices import OrganizationKind, OrganizationState
from initiatives.models import Membership, Organization
from initiatives.permissions import Permission, Role

SPEAKERS = [Role.PARTNER_LEAD, Role.PARTNER_REPORTER, Role.FUNDER]
NOT_ASKED = [OrganizationKind.BACKBONE, OrganizationKind.OBSERVER]
AWAY = [OrganizationState.PAUSED, OrganizationState.LEFT]


def organizations_to_ask() -> list[Organization]:
    """Everyone who takes part, funders too."""
    return list(Organization.objects.exclude(kind__in=NOT_ASKED).exclude(state__in=AWAY))


def speakers_of(organization_ids: Iterable[int]) -> list[Membership]:
    """The people who may say something for these organizations."""
    rows = Membership.objects.current().filter(
        organization_id__in=list(organization_ids), roles__overlap=SPEAKERS, user__is_active=True
    )
    found = rows.select_related("user", "organization").order_by("id")
    return [
        each
        for each in found
        if set(each.roles) & {Role.PARTNER_LEAD, Role.PARTNER_REPORTER}
        or each.organization.kind == OrganizationKind.FUNDER
    ]


def outsiders_of(round_: ListeningRound) -> set[tuple[int, int | None]]:
    """Whom the seal of a round holds out: people, each with the organization it is about, or None
    for all.
    """
    rows = Outsider.objects.filter(round=round_, admitted_at=None)
    return set(rows.values_list("user_id", "organization_id"))


def insiders_of(round_: ListeningRound, organization_ids: Iterable[int]) -> list[Membership]:
    """The people who may say something for these organizations and whom the seal lets in."""
    out = outsiders_of(round_)
    return [
        each
        for each in speakers_of(organization_ids)
        if not {(each.user_id, None), (each.user_id, each.organization_id)} & out
    ]


def held_out(membership: Membership, round_: ListeningRound) -> Outsider | None:
    """Why the seal holds the member out although they belong to the organization, or nothing."""
    rows = Outsider.objects.filter(round=round_, user_id=membership.user_id, admitted_at=None)
    about = Q(organization=None) | Q(organization_id=membership.organization_id)
    found: Outsider | None = rows.filter(about).order_by("organization_id").last()
    return found


def newcomers(membership: Membership) -> Any:
    """Who joined the member's organization while a round was open and waits to be let in."""
    if not speaks(membership, Permission.AGENDA_POSITION_DRAFT):
        return Outsider.objects.none()
    mine = Outsider.objects.filter(
        round=OuterRef("round"), user_id=membership.user_id, admitted_at=None
    ).filter(Q(organization=None) | Q(organization_id=membership.organization_id))
    everywhere = Outsider.objects.filter(
        round=OuterRef("round"), user=OuterRef("user"), organization=None
    )
    return (
        Outsider.objects.filter(
            organization_id=membership.organization_id,
            admitted_at=None,
            round__state=ListeningState.OPEN,
        )
        .exclude(Exists(mine) | Exists(everywhere))
        .select_related("user", "round")
        .order_by("since", "id")
    )


@dataclass(frozen=True)
class Desk:
    """A round as its facilitator sees it: who answered, and never what."""

    round: ListeningRound
    facets: list[RoundFacet]
    asked: list[Asked]
    unreachable: frozenset[int]
    deserted: frozenset[int]  # nobody has belonged to them since the round was opened

    @property
    def excused(self) -> list[Asked]:
        """Those that were taken out because nobody could answer."""
        return [each for each in self.asked if each.excused_at and not each.answered_at]

    @property
    def counted(self) -> int:
        return len(self.asked) - len(self.excused)

    @property
    def answered(self) -> int:
        return sum(each.answered_at is not None for each in self.asked)


def desk_of(membership: Membership, round_: ListeningRound) -> Desk:
    asked = list(
        Asked.objects.visible_to(membership)
        .filter(round=round_)
        .select_related("organization", "excused_by")
        .order_by("organization__name")
    )
    reached = {
        each.organization_id for each in insiders_of(round_, [row.organization_id for row in asked])
    }
    unreachable = frozenset(each.organization_id for each in asked) - reached
    return Desk(
        round_,
        list(round_.facets.all()),
        asked,
        unreachable,
        unreachable - populated(unreachable, round_) if unreachable else unreachable,
    )


def rounds_for(membership: Membership) -> Any:
    """Rounds with how many were asked and how many answered, latest first."""
    rows = ListeningRound.objects.visible_to(membership).annotate(
        number_asked=Count("asked"),
        number_answered=Count("asked", filter=Q(asked__answered_at__isnull=False)),
    )
    return rows.order_by("-created_at", "-id")  # a model's own order is lost where rows are counted


def asked_of(membership: Membership) -> Any:
    """Where the member's own organization is asked, and the member may speak for it."""
    if not speaks(membership, Permission.AGENDA_POSITION_DRAFT):
        return Asked.objects.none()
    return Asked.objects.filter(organization_id=membership.organization_id).select_related(
        "round", "organization", "initiative"
    )


def own_statement(membership: Membership, round_: ListeningRound) -> PositionStatement | None:
    """What the member's organization is writing, else what it handed in last."""
    rows = PositionStatement.objects.visible_to(membership).filter(
        round=round_, organization_id=membership.organization_id
    )
    found = {each.state: each for each in rows.exclude(state=StatementState.SUPERSEDED)}
    return found.get(StatementState.DRAFT) or found.get(StatementState.SUBMITTED)


def populated(organization_ids: Iterable[int], round_: ListeningRound) -> frozenset[int]:
    """To which of these organizations somebody belongs, or did since the round was opened."""
    rows = Membership.objects.filter(organization_id__in=list(organization_ids))
    still = Q(ends_on=None)
    if round_.opens_at:
        still |= Q(ends_on__gte=round_.opens_at.astimezone(UTC).date())
    return frozenset(rows.filter(still).values_list("organization_id", flat=True))


def remaining(round_: ListeningRound) -> int:
    """How many have not answered."""
    return Asked.objects.filter(round=round_).missing().count()

"""Who is asked, by whom an organization speaks, and what a round's pages show."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db.models import Count, Q

from agenda.choices import StatementState
from agenda.models import Asked, ListeningRound, PositionStatement, RoundFacet
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
    reached = {each.organization_id for each in speakers_of(row.organization_id for row in asked)}
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
    return ListeningRound.objects.visible_to(membership).annotate(
        number_asked=Count("asked"),
        number_answered=Count("asked", filter=Q(asked__answered_at__isnull=False)),
    )


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

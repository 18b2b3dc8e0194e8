"""Rounds of listening and what was said in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db.models import Q, QuerySet

from agenda.choices import ListeningState, StatementState
from initiatives.choices import OrganizationKind
from initiatives.permissions import Permission, Role

if TYPE_CHECKING:
    from initiatives.models import Membership


def speaks(membership: Membership, permission: Permission) -> bool:
    """Whether the member has a word in the agenda for the organization.

    A funder has one for an organization that funds, which then is a partner like any other.
    """
    if not membership.may(permission):
        return False
    only_funds = set(membership.roles) <= {Role.FUNDER, Role.OBSERVER}
    return not only_funds or membership.organization.kind == OrganizationKind.FUNDER


class ListeningRoundQuerySet(QuerySet[Any]):
    def visible_to(self, membership: Membership) -> Self:
        """Those that were opened; one in preparation is for who prepares it."""
        if membership.may(Permission.AGENDA_LISTEN):
            return self
        if membership.may(Permission.AGENDA_POSITIONS_VIEW):
            return self.exclude(state=ListeningState.DRAFTING)
        return self.none()

    def open(self) -> Self:
        return self.filter(state=ListeningState.OPEN)


class PositionStatementQuerySet(QuerySet[Any]):
    def visible_to(self, membership: Membership) -> Self:
        """One's own organization's, and what is revealed: the database holds to it as well."""
        seen = Q()
        if membership.may(Permission.AGENDA_POSITIONS_VIEW):
            seen |= Q(
                round__revealed_at__isnull=False,
                state__in=[StatementState.SUBMITTED, StatementState.SUPERSEDED],
            )
        if speaks(membership, Permission.AGENDA_POSITION_DRAFT):
            seen |= Q(organization_id=membership.organization_id)
        return self.filter(seen) if seen else self.none()

    def revealed(self) -> Self:
        """Handed in and shown to all."""
        return self.filter(round__revealed_at__isnull=False, state=StatementState.SUBMITTED)


class AskedQuerySet(QuerySet[Any]):
    def visible_to(self, membership: Membership) -> Self:
        """Who is asked and has answered is no secret within the initiative; what, is."""
        if membership.may(Permission.AGENDA_POSITIONS_VIEW):
            return self
        return self.none()

    def missing(self) -> Self:
        """Asked and without an answer, whether present or not: the seal waits for them."""
        return self.filter(answered_at=None, excused_at=None)

    def waiting(self) -> Self:
        """Those of them who take part still, and may be written to."""
        return self.missing().exclude(organization__state__in=["paused", "left"])

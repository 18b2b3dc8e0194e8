"""Differences, and what is said about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db.models import F, QuerySet

from agenda.choices import DifferenceState
from initiatives.choices import OrganizationState
from initiatives.permissions import Permission

if TYPE_CHECKING:
    from initiatives.models import Membership


class DifferenceQuerySet(QuerySet[Any]):
    """Differences come out of what was revealed: whoever may see that may see them."""

    def visible_to(self, membership: Membership) -> Self:
        if membership.may(Permission.AGENDA_POSITIONS_VIEW):
            return self
        return self.none()

    def live(self) -> Self:
        """Not resolved, or opened again."""
        return self.exclude(state=DifferenceState.RESOLVED)


class OfDifferenceQuerySet(QuerySet[Any]):
    """Rows that belong to a difference are seen with it."""

    def visible_to(self, membership: Membership) -> Self:
        if membership.may(Permission.AGENDA_POSITIONS_VIEW):
            return self
        return self.none()


class RefusalQuerySet(OfDifferenceQuerySet):
    """What organizations say against a resolution."""

    def standing(self) -> Self:
        """Not taken back, by organizations that still hold a view and still take part."""
        return self.filter(
            taken_back_at=None,
            resolution__difference__holders__organization_id=F("organization_id"),
        ).exclude(organization__state__in=[OrganizationState.PAUSED, OrganizationState.LEFT])

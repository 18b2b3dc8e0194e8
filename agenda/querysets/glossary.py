"""Terms and how organizations use them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db.models import Q, QuerySet

from agenda.choices import Mapping, TermState
from initiatives.permissions import Permission

if TYPE_CHECKING:
    from initiatives.models import Membership


class GlossaryTermQuerySet(QuerySet[Any]):
    def visible_to(self, membership: Membership) -> Self:
        """What is agreed is everyone's; what is discussed is for who discusses."""
        if membership.may(Permission.AGENDA_POSITIONS_VIEW):
            return self
        if membership.may(Permission.AGENDA_VIEW):
            return self.agreed()
        return self.none()

    def agreed(self) -> Self:
        return self.filter(state__in=[TermState.AGREED, TermState.AGREED_WITH_VARIANTS])

    def in_use(self) -> Self:
        """Agreed, or on the way to it: all but those that were given up."""
        return self.exclude(state=TermState.DEPRECATED)


class TermVariantQuerySet(QuerySet[Any]):
    def visible_to(self, membership: Membership) -> Self:
        if membership.may(Permission.AGENDA_POSITIONS_VIEW):
            return self
        return self.filter(organization_id=membership.organization_id)

    def clashing(self) -> Self:
        """Another meaning under the same word, and nothing says how the two fit together."""
        return self.filter(Q(mapping=Mapping.CLASHES), mapped_as="")

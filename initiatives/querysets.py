"""Which rows, in words: adjectives and participles."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Self

from django.db.models import Q, QuerySet
from django.utils import timezone

from initiatives.choices import OrganizationState
from initiatives.permissions import Permission

if TYPE_CHECKING:
    from initiatives.models import Membership


class OrganizationQuerySet(QuerySet[Any]):
    def visible_to(self, membership: Membership) -> Self:
        """All organizations for who may see the list; else the member's own."""
        if membership.may(Permission.ORGANIZATIONS_VIEW):
            return self
        return self.filter(pk=membership.organization_id)

    def present(self) -> Self:
        """Those that have not left."""
        return self.exclude(state=OrganizationState.LEFT)

    def taking_part(self) -> Self:
        """Those that are asked for something now: not gone, and not pausing."""
        return self.exclude(state__in=[OrganizationState.LEFT, OrganizationState.PAUSED])


def world_day() -> date:
    """Today by the world's clock: memberships are read before anyone knows where they are."""
    return datetime.now(UTC).date()


class MembershipQuerySet(QuerySet[Any]):
    def current(self) -> Self:
        """Those that count today: begun, and not ended."""
        today = world_day()
        return self.filter(Q(starts_on__lte=today), Q(ends_on=None) | Q(ends_on__gt=today))

    def visible_to(self, membership: Membership) -> Self:
        """Everyone for who may see people; else oneself."""
        if membership.may(Permission.MEMBERS_VIEW):
            return self
        return self.filter(user_id=membership.user_id)

    def manageable_by(self, membership: Membership) -> Self:
        """All for the backbone; for a partner's lead, those of the same organization."""
        if not membership.may(Permission.MEMBERS_MANAGE):
            return self.none()
        if membership.is_backbone:
            return self
        return self.filter(organization_id=membership.organization_id)


class InvitationQuerySet(QuerySet[Any]):
    def pending(self) -> Self:
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())

    def visible_to(self, membership: Membership) -> Self:
        """All for the backbone; a partner's lead sees those into the same organization."""
        if not membership.may(Permission.INVITATIONS_MANAGE):
            return self.none()
        if membership.is_backbone:
            return self
        return self.filter(organization_id=membership.organization_id)


class ActQuerySet(QuerySet[Any]):
    def visible_to(self, membership: Membership) -> Self:
        """All for the backbone; others see what was done for their organization."""
        if membership.may(Permission.ACTS_VIEW):
            return self
        return self.filter(organization_id=membership.organization_id)


class NoticeQuerySet(QuerySet[Any]):
    def unsent(self) -> Self:
        return self.filter(state="waiting")

    def failed(self) -> Self:
        return self.filter(state="failed")

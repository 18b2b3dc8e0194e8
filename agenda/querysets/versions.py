"""Which rows of versions, answers and reservations, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db.models import Q, QuerySet

from agenda.choices import VersionState
from agenda.querysets.listening import speaks
from initiatives.permissions import Permission

if TYPE_CHECKING:
    from initiatives.models import Membership

RELEASED = (VersionState.RATIFIED, VersionState.SUPERSEDED)


class VersionQuerySet(QuerySet[Any]):
    def visible_to(self, membership: Membership) -> Self:
        """All for members; what was circulated for funders; what was ratified for observers."""
        if membership.may(Permission.AGENDA_RESERVERS_VIEW):
            return self
        if membership.may(Permission.AGENDA_COMMENT):
            return self.exclude(state=VersionState.DRAFTING)
        return self.filter(state__in=RELEASED)

    def ratified(self) -> Self:
        return self.filter(state=VersionState.RATIFIED)

    def under_work(self) -> Self:
        return self.filter(
            state__in=[VersionState.DRAFTING, VersionState.CIRCULATED, VersionState.RATIFYING]
        )


class CommentQuerySet(QuerySet[Any]):
    def visible_to(self, membership: Membership) -> Self:
        """Comments are among those who work on the text."""
        if membership.may(Permission.AGENDA_COMMENT) or membership.is_backbone:
            return self
        return self.none()


class ResponseQuerySet(QuerySet[Any]):
    def visible_to(self, membership: Membership) -> Self:
        """Who answered what is no secret among members; funders see their own organization's."""
        if membership.may(Permission.AGENDA_RESERVERS_VIEW):
            return self
        return self.filter(organization_id=membership.organization_id)

    def effective(self) -> Self:
        return self.filter(superseded_at=None)


class EvidenceQuerySet(QuerySet[Any]):
    def visible_to(self, membership: Membership) -> Self:
        """A file is for the organization it speaks for and for those who may bring one."""
        if membership.may(Permission.AGENDA_RESPOND_ON_BEHALF):
            return self
        if membership.may(Permission.AGENDA_RESPOND):
            return self.filter(organization_id=membership.organization_id)
        return self.none()


class ReservationQuerySet(QuerySet[Any]):
    def visible_to(self, membership: Membership) -> Self:
        """Everyone who works on the agenda; funders what the organization lets them see."""
        if membership.may(Permission.AGENDA_RESERVERS_VIEW):
            return self
        shown = Q(is_shown_to_funders=True)
        if membership.may(Permission.AGENDA_RESERVE):
            return self.filter(shown | Q(organization_id=membership.organization_id))
        if membership.may(Permission.AGENDA_COMMENT):
            return self.filter(shown)
        return self.none()

    def live(self) -> Self:
        return self.filter(state__in=["open", "under_review"])


class AmendmentQuerySet(QuerySet[Any]):
    def visible_to(self, membership: Membership) -> Self:
        """Among those who work on the text; a draft is for its own organization alone."""
        own = Q(organization_id=membership.organization_id)
        if not (membership.may(Permission.AGENDA_COMMENT) or membership.is_backbone):
            return self.none()
        return self.filter(Q(proposed_at__isnull=False) | own)

    def evaluating(self) -> Self:
        return self.filter(state="evaluating")


class DraftQuerySet(QuerySet[Any]):
    def visible_to(self, membership: Membership) -> Self:
        """For those who speak for the organization: who draft reservations or send them."""
        if speaks(membership, Permission.AGENDA_RESERVATION_DRAFT):
            return self.filter(organization_id=membership.organization_id)
        return self.none()

    def live(self) -> Self:
        return self.filter(settled_at=None)

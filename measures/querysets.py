"""Which rows, in words: adjectives and participles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db.models import Q, QuerySet

from initiatives.permissions import Permission
from measures.choices import IndicatorLevel, IndicatorState, SubmissionState

if TYPE_CHECKING:
    from datetime import datetime

    from initiatives.models import Membership


class IndicatorQuerySet(QuerySet[Any]):
    def visible_to(self, membership: Membership) -> Self:
        """Drafts are for those who write them."""
        if membership.may(Permission.MEASURES_EDIT):
            return self
        return self.filter(state__in=[IndicatorState.AGREED, IndicatorState.RETIRED])

    def agreed(self) -> Self:
        return self.filter(state=IndicatorState.AGREED)


class OwnQuerySet(QuerySet[Any]):
    """Rows of one organization: its own members see them, and who collects sees all."""

    def visible_to(self, membership: Membership) -> Self:
        if membership.may(Permission.MEASURES_COLLECT):
            return self
        if membership.may(Permission.MEASURES_SUBMIT):
            return self.filter(organization_id=membership.organization_id)
        return self.none()


class SubmissionQuerySet(OwnQuerySet):
    def accepted(self) -> Self:
        return self.filter(state=SubmissionState.ACCEPTED)

    def awaiting_review(self) -> Self:
        return self.filter(state=SubmissionState.SUBMITTED)


class ObservationQuerySet(OwnQuerySet):
    def current(self) -> Self:
        return self.filter(superseded_at=None)

    def as_known(self, moment: datetime) -> Self:
        """What was known at ``moment``."""
        return self.filter(
            Q(superseded_at=None) | Q(superseded_at__gt=moment), recorded_at__lte=moment
        )


# The "sum" of a place in which one organization reported is that organization's number.
RESTS_ON_ONE = Q(scope="place", reported=1, indicator__level=IndicatorLevel.ORGANIZATION)


class RollupQuerySet(QuerySet[Any]):
    def visible_to(self, membership: Membership) -> Self:
        """Sums are everyone's; one organization's numbers are its own and the collectors'."""
        if membership.may(Permission.MEASURES_COLLECT):
            return self
        sums = self.filter(~RESTS_ON_ONE)
        own = Q(scope="organization", scope_id=membership.organization_id)
        if membership.may(Permission.MEASURES_SUBMIT):
            return sums.filter(~Q(scope="organization") | own)
        return sums.exclude(scope="organization")


class ImportRunQuerySet(OwnQuerySet):
    def holding_a_file(self) -> Self:
        return self.exclude(file="")

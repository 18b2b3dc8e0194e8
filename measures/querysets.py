"""Which rows, in words: adjectives and participles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet

from initiatives.permissions import Permission
from measures.choices import FactStatus, IndicatorLevel, IndicatorState, SubmissionState

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


class EntryQuerySet(QuerySet[Any]):
    def reported(self) -> Self:
        """Those that say something: a number, or that there is none. A note alone says neither."""
        blank = Q(value=None, numerator=None, denominator=None, status=FactStatus.NORMAL)
        return self.exclude(blank)


class ObservationQuerySet(OwnQuerySet):
    def current(self) -> Self:
        return self.filter(superseded_at=None)

    def as_known(self, moment: datetime) -> Self:
        """What was known at ``moment``."""
        return self.filter(
            Q(superseded_at=None) | Q(superseded_at__gt=moment), recorded_at__lte=moment
        )


# A "sum" of a place that one organization alone gave is that organization's number. Of everyone it
# is told: the first who reports is what the headline begins with, and its coverage says so.
RESTS_ON_ONE = Q(reported=1, indicator__level=IndicatorLevel.ORGANIZATION, scope="place")


ENOUGH = 2  # at least one in so many of those asked reported: the period is well covered


class RollupQuerySet(QuerySet[Any]):
    def visible_to(self, membership: Membership) -> Self:
        """Sums are everyone's; one organization's numbers are its own and the collectors'."""
        if membership.may(Permission.MEASURES_COLLECT):
            return self
        return self.filter(~RESTS_ON_ONE & _theirs(membership))

    def of_several(self) -> Self:
        """Sums that anybody may read: no number of one organization."""
        return self.filter(~RESTS_ON_ONE & ~Q(scope="organization"))

    def best_covered_first(self) -> Self:
        """By the rule of the headline: the newest well covered period, else the newest at all."""
        covered = ExpressionWrapper(Q(expected__lte=F("reported") * ENOUGH), BooleanField())
        return self.order_by(covered.desc(), "-period__starts_on", "-period_id")


def _theirs(membership: Membership) -> Q:
    """Every sum, and of single organizations the own one for who reports for it."""
    sums = ~Q(scope="organization")
    if membership.may(Permission.MEASURES_SUBMIT):
        return sums | Q(scope="organization", scope_id=membership.organization_id)
    return sums


class ImportRunQuerySet(OwnQuerySet):
    def holding_a_file(self) -> Self:
        return self.exclude(file="")

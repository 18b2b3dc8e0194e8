"""The meter of the minutes that are asked of people."""

from collections.abc import Iterable
from datetime import datetime

from initiatives.tenancy import TenantModel
from meetings.models import AskedMinutes, MinutesCeiling
from meetings.services.locks import locking


def take_turn(initiative_id: int) -> None:
    """Let whoever asks for minutes wait: two at once would both find the month's minutes free."""
    MinutesCeiling.objects.bulk_create(
        [MinutesCeiling(initiative_id=initiative_id)], ignore_conflicts=True
    )
    locking(MinutesCeiling).get()


def meter(subject: TenantModel, people: Iterable[int], *, minutes: int, at: datetime) -> None:
    """Note that ``subject`` asked these people, by user id, for so many minutes; each once."""
    AskedMinutes.objects.bulk_create(
        [
            AskedMinutes.here(
                user_id=user_id,
                subject_type=subject._meta.label_lower,
                subject_id=subject.pk,
                minutes=minutes,
                at=at,
            )
            for user_id in people
        ],
        ignore_conflicts=True,
    )

"""When bodies meet: the series with its rule, and those meetings of which there is more to say."""

import uuid
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from initiatives.choices import MemberLevel
from initiatives.models import Membership, Organization
from initiatives.tenancy import ScopedManager, TenantForeignKey, TenantModel
from meetings.arithmetic.recurrence import Rule
from meetings.choices import BEFORE, HELD, DelegatePolicy, MeetingState
from meetings.models.bodies import Body
from meetings.querysets import MeetingQuerySet, SeriesQuerySet


def new_uid() -> str:
    """A name for calendars, the same for the whole life of what it names."""
    return uuid.uuid4().hex


class MeetingSeries(TenantModel):
    """Meetings of a body that come again, by wall time in a zone; without a rule, one meeting."""

    body = TenantForeignKey(Body, models.PROTECT, related_name="series")
    name = models.CharField(_("name"), max_length=150)
    rule = models.CharField(_("how often"), max_length=200, blank=True)  # RFC 5545, no DTSTART
    starts_on = models.DateField(_("first day"))
    starts_at = models.TimeField(_("begins at"))
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=90)
    time_zone = models.CharField(_("time zone"), max_length=64)
    ends_on = models.DateField(_("until"), null=True, blank=True)  # the first day without
    place = models.CharField(_("where"), max_length=200, blank=True)
    link = models.URLField(_("link to join"), max_length=500, blank=True)
    required_levels = ArrayField(
        models.CharField(max_length=16, choices=MemberLevel), default=list, blank=True
    )
    minimum_delegate_level = models.CharField(
        max_length=16, choices=MemberLevel, default=MemberLevel.FRONTLINE
    )
    delegate_policy = models.CharField(
        max_length=8, choices=DelegatePolicy, default=DelegatePolicy.BRIEFED
    )
    delegation_limit = models.PositiveSmallIntegerField(default=2)
    quorum = models.PositiveSmallIntegerField(_("organizations needed to decide"), default=1)
    notice_days = models.PositiveSmallIntegerField(_("working days for pre-reads"), default=5)
    facilitator = TenantForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+"
    )
    lead_organization = TenantForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+"
    )
    uid = models.CharField(max_length=40, default=new_uid, editable=False)
    sequence = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[Any] = ScopedManager.from_queryset(SeriesQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["name", "id"]
        verbose_name_plural = "meeting series"
        constraints = [
            models.UniqueConstraint(fields=["initiative", "uid"], name="one_series_per_uid"),
            models.CheckConstraint(
                condition=Q(minutes__range=(5, 720)), name="meeting_lasts_minutes_to_a_day"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="series_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def levels(self) -> list[str]:
        """The levels that should be in the room, in words."""
        return [str(MemberLevel(each).label) for each in self.required_levels]

    @property
    def recurrence(self) -> Rule:
        return Rule(self.rule, self.starts_on, self.starts_at, self.minutes, self.time_zone)


class Meeting(TenantModel):
    """One meeting of a series of which something is known besides the rule: agenda, answers, a move.

    ``day`` is the date the rule gave it and stays its name when it is moved. The wall time is what
    people agreed on; the instant is computed from it, again when the zone's rules change.
    """

    series = TenantForeignKey(MeetingSeries, models.PROTECT, related_name="meetings")
    day = models.DateField()
    local_date = models.DateField(_("day"))
    local_time = models.TimeField(_("begins at"))
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place = models.CharField(_("where"), max_length=200, blank=True)
    link = models.URLField(_("link to join"), max_length=500, blank=True)
    facilitator = TenantForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=18, choices=MeetingState, default=MeetingState.PLANNED)
    reason = models.CharField(
        _("reason"), max_length=300, blank=True
    )  # of a move or a cancellation
    replaced_by = TenantForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replaces"
    )
    sequence = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = ScopedManager.from_queryset(MeetingQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["starts_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "series", "day"], name="one_meeting_per_occurrence"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="meeting_ends_after_it_starts"
            ),
        ]
        indexes = [models.Index(fields=["initiative", "starts_at"], name="meeting_by_start")]

    def __str__(self) -> str:
        return f"{self.series}, {date_format(self.local_date, 'DATE_FORMAT')}"

    @property
    def is_moved(self) -> bool:
        return self.local_date != self.day or self.local_time != self.series.starts_at

    @property
    def is_before(self) -> bool:
        """Whether it has not begun and still can."""
        return self.state in BEFORE

    @property
    def is_held(self) -> bool:
        return self.state in HELD

    @property
    def is_past(self) -> bool:
        return self.ends_at <= timezone.now()

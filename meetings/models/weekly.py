"""The weekly mail: one to a person, over all initiatives that they are in."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from initiatives.choices import NoticeState
from initiatives.walls import Wall


class WeeklyMail(models.Model):
    """One person's mail of one week.

    No wall: it is one letter over all initiatives of a person, and whoever sends it knows none of
    them yet. It holds ids and times alone; what it says is put together when it leaves.
    """

    wall: ClassVar[Wall] = Wall.GLOBAL
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    week = models.DateField()  # its Monday, where the person is
    state = models.CharField(max_length=10, choices=NoticeState, default=NoticeState.WAITING)
    not_before = models.DateTimeField()
    told_until = models.DateTimeField(null=True)  # news up to this moment are in it
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "week"], name="one_weekly_mail_per_week"),
        ]
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=Q(state__in=["waiting", "sending"]),
                name="weekly_mail_to_send",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in the week of {self.week}"


class WeeklyChoice(models.Model):
    """Whether a person wants the weekly mail.

    No wall: it is the person's own word, for all initiatives, and holds nothing of any.
    """

    wall: ClassVar[Wall] = Wall.GLOBAL
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    is_off = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"Weekly mail of {self.user_id}"

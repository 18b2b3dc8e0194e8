"""Continuous communication: series, meetings, briefings, decisions, minutes."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeetingsConfig(AppConfig):
    name = "meetings"
    verbose_name = _("Continuous communication")

    def ready(self) -> None:
        """Register what waits for members, and what seats are told before they decide."""
        from meetings.selectors import (  # noqa: F401
            announcements,
            beginning,
            stands,
            waiting,
        )

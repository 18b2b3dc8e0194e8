"""Common agenda: positions, differences, ratified versions, goals, glossary."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AgendaConfig(AppConfig):
    name = "agenda"
    verbose_name = _("Common agenda")

    def ready(self) -> None:
        """Register the jobs this app does, and what waits for its members."""
        from agenda.selectors import beginning, waiting  # noqa: F401
        from agenda.services import jobs  # noqa: F401

        """Say what waits for members on the page of today."""
        from agenda.selectors import ratification_waiting  # noqa: F401

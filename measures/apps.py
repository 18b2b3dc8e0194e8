from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    """Shared measurement: a short list of indicators, collected alike and added up right."""

    name = "measures"

    def ready(self) -> None:
        """Register the jobs this app does, and what it tells the pages of the ground."""
        from measures.selectors import checks, goals, terms, today  # noqa: F401
        from measures.services import auditing, jobs, uploads  # noqa: F401

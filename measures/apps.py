from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    """Shared measurement: a short list of indicators, collected alike and added up right."""

    name = "measures"

    def ready(self) -> None:
        """Register the jobs this app does."""
        from measures.services import jobs  # noqa: F401

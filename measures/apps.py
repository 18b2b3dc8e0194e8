from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    """Shared measurement: a short list of indicators, collected alike and added up right."""

    name = "measures"

from django.apps import AppConfig


class InitiativesConfig(AppConfig):
    """The ground: who is there, in which initiative, and what they may do."""

    name = "initiatives"

    def ready(self) -> None:
        from initiatives import checks  # noqa: F401 - registers the start-up checks

"""``manage.py migrate``, signed in as the role that may change tables.

Everything else runs as ``app_web``, which owns nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connections

from config.settings import database


@contextmanager
def as_owner(alias: str = "default") -> Iterator[None]:
    """Reconnect as ``app_migrate``, become ``app_owner``, and go back afterwards.

    :raises CommandError: a deployment did not name ``MIGRATE_DATABASE_URL``.
    """
    connection = connections[alias]
    if not settings.MIGRATE_DATABASE_URL:
        message = "MIGRATE_DATABASE_URL is not set: migrations do not run as the web role."
        raise CommandError(message)
    before = connection.settings_dict
    owner = database(settings.MIGRATE_DATABASE_URL)
    # The tests migrate a database of another name on the same server.
    owner["NAME"] = before["NAME"]
    owner["OPTIONS"] = {**owner["OPTIONS"], "assume_role": "app_owner"}
    connection.close()
    connection.settings_dict = {**before, **owner}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = before


class Command(DjangoMigrate):
    """Django's ``migrate`` as the tables' owner."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """The checks before it run as the owner too: what they miss is about to be made."""
        with as_owner(options["database"]):
            return super().execute(*args, **options)

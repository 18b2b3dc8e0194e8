"""``manage.py migrate``, signed in as the role that may change tables.

Everything else runs as ``app_web``, which owns nothing.
"""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import OperationalError, connections

from config.settings import database
from initiatives.tenancy import LOCKED

LOCK_TIMEOUT, TRIES, PAUSE = "2s", 10, (0.5, 2.0)


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
    patience = f"{owner['OPTIONS'].get('options', '')} -c lock_timeout={LOCK_TIMEOUT}".strip()
    owner["OPTIONS"] = {**owner["OPTIONS"], "assume_role": "app_owner", "options": patience}
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
        """The checks before it run as the owner too: what they miss is about to be made.

        A migration that waits for a table has everybody who comes after it wait as well: so it
        steps back after a moment, and tries again. What was done before it stays done.
        """
        for _try in range(TRIES - 1):
            try:
                return self._once(*args, **options)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) != LOCKED:
                    raise
            self.stderr.write("Somebody holds a table that is to be changed; trying again.")
            time.sleep(random.uniform(*PAUSE))  # noqa: S311 - so that it does not meet the same again
        return self._once(*args, **options)

    def _once(self, *args: Any, **options: Any) -> str | None:
        with as_owner(options["database"]):
            return super().execute(*args, **options)

"""The tests' databases: migrated as the owner, used as ``app_web``, emptied as the superuser.

Migrating takes longer than most test files, so it happens once per state of the migrations, into
a template; each test process copies that, which PostgreSQL does in a fraction of a second.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql
from psycopg.conninfo import make_conninfo

from config import roles, stack
from tests.waiting import until

PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "main")
TEMPLATE_PREFIX = "test_template_"
# After how long the product gives up (tests/stack/test_roles.py) is not how long a busy machine takes:
# many who do the same at once wait for each other, and a test between two statements for its turn.
PATIENCE = {
    "statement_timeout": "3min",
    "lock_timeout": "2min",
    "idle_in_transaction_session_timeout": "5min",
}


def admin_url(database: str = "postgres") -> str:
    """The server as a superuser: yours by ``ADMIN_DATABASE_URL``, else the embedded one."""
    url = os.environ.get("ADMIN_DATABASE_URL") or stack.admin_url()
    return make_conninfo(url, dbname=database)


@contextmanager
def admin(database: str = "postgres") -> Iterator[psycopg.Connection]:
    with psycopg.connect(admin_url(database), autocommit=True) as connection:
        yield connection


def database_name() -> str:
    """This process's own database; the process id keeps two runs at once apart."""
    return f"test_concert_{PROCESS}_{os.getpid()}"


def create(name: str) -> None:
    """Copy the migrated template to ``name``."""
    with _one_at_a_time():
        template = _migrated_template()
        with admin() as connection:
            _drop(connection, name)
            _once_it_is_left(
                connection,
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                    sql.Identifier(name), sql.Identifier(template)
                ),
            )
            # The tests' rows need not survive a power cut.
            connection.execute(
                sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(
                    sql.Identifier(name)
                )
            )
            be_patient(connection, name)
    roles.grant(admin_url(), name)


def be_patient(connection: psycopg.Connection, name: str) -> None:
    """Give ``app_web`` more time in a database than the product does."""
    for setting, value in PATIENCE.items():
        connection.execute(
            sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}").format(
                sql.Identifier(roles.WEB),
                sql.Identifier(name),
                sql.Identifier(setting),
                sql.Literal(value),
            )
        )


def drop(name: str) -> None:
    with admin() as connection:
        _drop(connection, name)


def seeded_tables(name: str) -> set[str]:
    """The tables that migrations filled: they stay when the others are emptied."""
    with admin(name) as connection:
        return set(_filled(connection, sorted(_tables(connection))))


def empty(name: str, keep: set[str]) -> None:
    """Remove the rows that committed tests left behind, whatever guards the tables.

    Deleting the few rows of a test is many times faster than truncating, which gives every table
    and every index a new file.
    """
    with admin(name) as connection:
        filled = _filled(connection, sorted(_tables(connection) - keep))
        # One transaction without triggers and references: append-only tables too, in any order.
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")
            for table in filled:
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))


def _filled(connection: psycopg.Connection, tables: list[str]) -> list[str]:
    """Which of ``tables`` have rows, in one question."""
    asked = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(
            sql.Literal(table), sql.Identifier(table)
        )
        for table in tables
    )
    return [table for (table,) in connection.execute(asked)] if tables else []


def _tables(connection: psycopg.Connection) -> set[str]:
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p') AND NOT relispartition"
    )
    return {name for (name,) in rows}


def _migrated_template() -> str:
    """The name of a database migrated to the code's present state, made if it is not there."""
    name = TEMPLATE_PREFIX + _state_of_migrations()
    with admin() as connection:
        names = connection.execute("SELECT datname FROM pg_database").fetchall()
        if (name,) in names:
            return name
        for (old,) in names:
            if old.startswith(TEMPLATE_PREFIX):
                _drop(connection, old)
    unfinished = f"test_unfinished_{PROCESS}"
    drop(unfinished)
    roles.install(admin_url(), unfinished)
    with using(unfinished):
        call_command("migrate", verbosity=0, interactive=False)
    with admin() as connection:
        _once_it_is_left(
            connection,
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                sql.Identifier(unfinished), sql.Identifier(name)
            ),
        )
    return name


def _state_of_migrations() -> str:
    """A digest of everything that decides what ``migrate`` makes."""
    digest = hashlib.sha256()
    places = [Path(settings.BASE_DIR) / app for app in settings.LOCAL_APPS]
    files = [file for place in places for file in place.glob("migrations/*.py")]
    files += [Path(settings.BASE_DIR) / "initiatives" / "walls.py", Path(roles.__file__)]
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def using(name: str) -> Iterator[None]:
    """Point Django's connection at another database of the same server."""
    connection = connections["default"]
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def _drop(connection: psycopg.Connection, name: str) -> None:
    _once_it_is_left(
        connection, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    )


def _once_it_is_left(connection: psycopg.Connection, statement: sql.Composed) -> None:
    """Do what needs a database that nobody is in.

    The server waits 5 s for those who are leaving: too short for one that stands still.
    """

    def is_done() -> bool:
        try:
            connection.execute(statement)
        except psycopg.errors.ObjectInUse:
            return False
        return True

    until(is_done, statement.as_string(connection))


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """The test processes of one checkout make the template once, not each for itself."""
    place = stack.var()
    place.mkdir(parents=True, exist_ok=True)
    with (place / "tests.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield

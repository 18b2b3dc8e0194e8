"""The embedded stack: a real PostgreSQL 18 and a real Redis of this checkout's own, under ``var/``.

They start when ``DATABASE_URL`` / ``REDIS_URL`` are not set, run as an unprivileged user, listen
on unix sockets in a private directory and never on the network. Everything here is safe to call
from several processes at once and after ``kill -9`` of any of them.

Nothing in this package needs Django. ``python -m config.stack start|stop|status`` drives it.
"""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator

from config import roles
from config.stack import postgres, redis
from config.stack.places import CHECKOUT, StackError, layout, prepare_folders, var

__all__ = [
    "CHECKOUT",
    "DATABASE",
    "StackError",
    "admin_url",
    "broker_url",
    "database_url",
    "ensure",
    "layout",
    "redis_url",
    "status",
    "stop",
    "var",
    "wants_postgres",
    "wants_redis",
]

DATABASE = "concert"


def database_url(role: str = roles.WEB, database: str = DATABASE) -> str:
    """The embedded database as ``role``, as a libpq URL over its socket."""
    return postgres.url(role, database)


def admin_url(database: str = "postgres") -> str:
    """The embedded database as its superuser: for the installer and the tests, never the app."""
    return database_url(postgres.ADMIN, database)


def redis_url(number: int = 0) -> str:
    """The embedded Redis for redis-py and Django's cache."""
    return f"unix://{layout().redis_socket}?db={number}"


def broker_url(number: int = 0) -> str:
    """The embedded Redis for Celery, whose URL for a socket reads differently."""
    return f"redis+socket://{layout().redis_socket}?virtual_host={number}"


def wants_postgres() -> bool:
    """True when no database was named, so ours is used."""
    return not os.environ.get("DATABASE_URL")


def wants_redis() -> bool:
    """True when no Redis was named, so ours is used."""
    return not os.environ.get("REDIS_URL")


def ensure() -> None:
    """Have the wanted servers running and the database installed. Quick when they already are.

    :raises StackError: they cannot run here; the message says what to install or change.
    """
    if _all_up():
        return
    with _lock():
        prepare_folders()
        if wants_postgres() and not postgres.up(roles.WEB, DATABASE):
            postgres.start()
            roles.install(admin_url(), DATABASE)
        if wants_redis() and not redis.up():
            redis.start()


def stop() -> None:
    """Stop both servers cleanly; data stays. Does nothing where nothing runs."""
    if not layout().home.exists():
        return
    with _lock():
        redis.stop()
        postgres.stop()


def status() -> dict[str, str]:
    """What runs: server name to ``running``, ``stopped`` or ``yours`` (named by the environment)."""
    return {
        "postgres": _word(wanted=wants_postgres(), serves=postgres.serves),
        "redis": _word(wanted=wants_redis(), serves=redis.serves),
    }


def _word(*, wanted: bool, serves: Callable[[], bool]) -> str:
    if not wanted:
        return "yours"
    return "running" if serves() else "stopped"


def _all_up() -> bool:
    return (not wants_postgres() or postgres.up(roles.WEB, DATABASE)) and (
        not wants_redis() or redis.up()
    )


@contextlib.contextmanager
def _lock() -> Iterator[None]:
    """One process at a time starts or stops this checkout's servers."""
    home = layout().home
    home.mkdir(parents=True, exist_ok=True)
    with (home / "stack.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield

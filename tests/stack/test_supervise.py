"""`make demo` and `make run`: everything up, everything said with a name, everything down."""

import io
import os
import re
import signal
import socket
import time
import urllib.request
from pathlib import Path

import pytest

from config import supervise
from tests.stack.conftest import new_checkout

pytestmark = pytest.mark.slow

SECONDS_TO_START = 60


@pytest.fixture
def running():
    """The supervisor over an empty database of its own, once it has told its address."""
    checkout = new_checkout()
    process = checkout.popen(
        *("-m", "config.supervise", "--port", str(supervise.free_port(0))), start_new_session=True
    )
    lines = []
    deadline = time.monotonic() + SECONDS_TO_START
    while "Concert is at" not in (line := process.stdout.readline()):
        lines.append(line)
        assert line, "".join(lines)
        assert time.monotonic() < deadline
    address = re.search(r"http://\S+", line)[0]
    yield checkout, process, address, lines
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    checkout.remove()


def children(process):
    task = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(word) for word in task.read_text().split()]


def command(pid):
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


def test_ctrl_c_stops_everything(running):
    checkout, process, address, _lines = running
    with urllib.request.urlopen(f"{address}/readyz", timeout=10) as answer:
        assert answer.status == 200
    started = children(process)
    assert len(started) == 3
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=45)
    assert process.returncode == 0, rest
    assert rest.splitlines()[-1] == "concert | stopped"
    assert checkout.processes() == []
    assert not any(Path(f"/proc/{pid}/cwd").exists() for pid in started)


def test_each_line_says_whose_it_is(running):
    _checkout, process, _address, lines = running
    while not any(line.startswith("worker") for line in lines):
        lines.append(process.stdout.readline())
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=45)
    said = [*lines, *rest.splitlines()]
    ours = [line for line in said if " | " in line]
    names = {line.split("|")[0].strip() for line in ours}
    assert names == {"web", "worker", "beat", "concert"}


def test_a_killed_worker_comes_back(running):
    _checkout, process, _address, _lines = running
    (worker,) = [
        pid for pid in children(process) if re.search(r"celery\b.*\bworker\b", command(pid))
    ]
    os.kill(worker, signal.SIGKILL)
    while "worker ended with -9" not in (line := process.stdout.readline()):
        assert line
    while "ready" not in (line := process.stdout.readline()):
        assert line
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=45)


def test_programs_end_with_a_killed_supervisor(running):
    _checkout, process, _address, _lines = running
    started = children(process)
    os.kill(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 45
    while any(Path(f"/proc/{pid}/cmdline").exists() and command(pid) for pid in started):
        assert time.monotonic() < deadline
        time.sleep(0.1)


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


def test_gives_up_on_a_program_that_falls_again_and_again():
    out = io.StringIO()
    program = supervise.Program("web", ["/bin/false"])
    supervisor = supervise.Supervisor([program], dict(os.environ), supervise.Voice(out))
    before = {
        name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        assert supervisor.run(lambda: None) == 1
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert "falls again and again" in out.getvalue()

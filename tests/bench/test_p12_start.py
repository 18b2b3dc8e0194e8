"""P12: from nothing to the demo's address, and again to the first page. Downloads apart.

To see it fail: have ``load_demo`` delete and load what is there.
"""

import time

from config import supervise
from tests.bench.harness import said
from tests.stack.conftest import new_checkout


def started(checkout):
    """Seconds until the demo answers; then it is stopped."""
    port = supervise.free_port(0)
    words = ("-m", "config.supervise", "--demo", "--port", str(port))
    began = time.perf_counter()
    process = checkout.popen(*words, env={"DEBUG": "true"}, start_new_session=True)
    said_so_far = []
    while "Concert is at" not in (line := process.stdout.readline()):
        said_so_far.append(line)
        assert line, "".join(said_so_far)
    taken = time.perf_counter() - began
    process.terminate()
    process.communicate(timeout=60)
    return taken


def test_start(bench):
    checkout = new_checkout()
    try:
        for work, goal in (("start of the demo from nothing", 180), ("start again", 6)):
            taken = started(checkout)
            bench.add(
                "P12",
                f"{work}, once",
                said(taken),
                "",
                said(taken),
                goal=f"≤ {goal} s",
                is_met=taken <= goal,
            )
    finally:
        checkout.remove()

"""Waiting for what another thread or process does: for the event itself, however busy the machine."""

import time
from collections.abc import Callable

PATIENCE = 180  # seconds; how slow a machine may be, not how slow the product


def until(is_so: Callable[[], object], what: str = "it", every: float = 0.05) -> None:
    """Wait until ``is_so()`` is true; fails after long, saying that ``what`` was waited for."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, f"within {PATIENCE} s, not {what}"
        time.sleep(every)

"""Waiting for what another thread or process does: for the event itself, however busy the machine."""

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 180  # seconds; how slow a machine may be, not how slow the product
Found = TypeVar("Found")


def until(
    is_so: Callable[[], Found], what: str | Callable[[], str] = "it", every: float = 0.05
) -> Found:
    """Wait until ``is_so()`` is true, and what it then is.

    Fails after long, saying that ``what`` was waited for.
    """
    deadline = time.monotonic() + PATIENCE
    while not (found := is_so()):
        if time.monotonic() > deadline:
            message = f"within {PATIENCE} s, not {what() if callable(what) else what}"
            raise AssertionError(message)
        time.sleep(every)
    return found

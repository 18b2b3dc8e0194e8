"""Many who do the same at the same moment."""

import threading
from collections.abc import Callable

from django.db import connection

from tests.waiting import PATIENCE


def at_once(number: int, do: Callable[[int], object]) -> None:
    """Call ``do(0)`` to ``do(number - 1)``, each in a thread with a connection of its own."""
    together = threading.Barrier(number)

    def body(n: int) -> None:
        try:
            together.wait(PATIENCE)
            do(n)
        finally:
            connection.close()

    threads = [threading.Thread(target=body, args=[n]) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)

"""Many who work at once, until enough was done."""

import threading
from contextlib import closing

from django.db import connection

from tests.waiting import PATIENCE, until


class Crowd:
    """Threads, each with a connection of its own, that go on until they are told to stop."""

    def __init__(self):
        self.stopped = threading.Event()
        self.errors = []
        self.done = []
        self.threads = []

    def send(self, name, work, *, until=None):
        def body():
            with closing(connection):
                try:
                    while not (until or self.stopped).is_set():
                        work()
                        self.done.append(name)
                except Exception as error:  # noqa: BLE001 - told to the test
                    self.errors.append(f"{name}: {type(error).__name__}: {error}")

        thread = threading.Thread(target=body, name=name, daemon=True)
        self.threads.append(thread)
        thread.start()

    def wait_for(self, what, is_so):
        """Go on until ``is_so`` of what was done, or until one of them fails."""
        until(lambda: self.errors or is_so(self.done), what)

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join(PATIENCE)
        assert not any(thread.is_alive() for thread in self.threads)
        assert self.errors == []

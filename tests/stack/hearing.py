"""What a started program says, heard while it runs: a test waits for words, never for a time."""

import subprocess
import threading
import time
from collections.abc import Callable

from tests.waiting import PATIENCE


class Hearing:
    """Reads the output of ``process`` to its end, so that its pipe never fills."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self.over = False
        self.news = threading.Condition()
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self) -> None:
        for line in self.process.stdout:
            with self.news:
                self.lines.append(line.rstrip("\n"))
                self.news.notify_all()
        with self.news:
            self.over = True
            self.news.notify_all()

    def wait_until(self, what: str, is_so: Callable[[list[str]], object]) -> object:
        """What ``is_so`` makes of the lines once it is true; fails at their end or after long."""
        deadline = time.monotonic() + PATIENCE
        with self.news:
            while not (answer := is_so(self.lines)):
                said = "\n".join(self.lines)
                assert not self.over, f"It ended without {what}. It said:\n{said}"
                left = deadline - time.monotonic()
                assert left > 0, f"Within {PATIENCE} s, not {what}. It said:\n{said}"
                self.news.wait(left)
            return answer

    def wait_for(self, words: str) -> str:
        """The first line with ``words`` in it."""
        found = self.wait_until(
            f"a line with {words!r}", lambda lines: [line for line in lines if words in line]
        )
        return found[0]

    def to_the_end(self) -> list[str]:
        """Every line, once the process is gone and has said its last."""
        self.process.wait(timeout=PATIENCE)
        self.wait_until("the end of its output", lambda _lines: self.over)
        return self.lines

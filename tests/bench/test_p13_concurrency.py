"""P13: ten seconds of 16 clients on the same keys, with a rebuild and an import running.

The test itself is ``tests/measures/test_concurrency.py``, which says how it was tried.
"""

import os
import subprocess
import sys

from config import stack

SECONDS = 10


def test_concurrency(bench):
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider"),
            *("tests/measures/test_concurrency.py", "-k", "wrote_at_once"),
        ],
        env={**os.environ, "CONCURRENCY_SECONDS": str(SECONDS)},
        cwd=stack.CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    is_right = done.returncode == 0 and "1 passed" in done.stdout
    result = "0 wrong keys" if is_right else "wrong keys"
    bench.add(
        "P13",
        f"16 clients, {SECONDS} s, with rebuild and import",
        "",
        "fresh GROUP BY",
        result,
        goal="0 wrong keys",
        is_met=is_right,
    )
    assert is_right, done.stdout

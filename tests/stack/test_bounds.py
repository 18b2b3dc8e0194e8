"""What a worker process may ask for, whatever file it is given to read."""

import os
import subprocess
import sys

PROGRAM = """
import django
django.setup()
from config.celery import bound_memory
bytearray(500 << 20)
bound_memory()
try:
    bytearray(500 << 20)
except MemoryError:
    print("refused")
bytearray(20 << 20)
print("went on")
"""


def test_a_worker_gets_so_much_memory_and_goes_on_without_more():
    words = {"DJANGO_SETTINGS_MODULE": "config.settings", "WORKER_MEMORY_MB": "400"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        check=True,
        text=True,
        env={**os.environ, **words},
    )
    assert done.stdout.split("\n") == ["refused", "went on", ""]

"""Static files as a deployment serves them, collected once for all tests that start one."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from config import stack

ROOT = stack.var() / "collected-static"  # kept: compressing takes longer than all the rest


def collect() -> Path:
    """Collect into ``ROOT`` unless nothing has changed; several test processes wait for one."""
    ROOT.mkdir(parents=True, exist_ok=True)
    with ROOT.with_suffix(".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if _is_stale():
            words = ("collectstatic", "--noinput", "--clear", "--verbosity=0")
            subprocess.run(
                [sys.executable, "manage.py", *words],
                cwd=settings.BASE_DIR,
                env={**os.environ, "DEBUG": "false", "STATIC_ROOT": str(ROOT)},
                check=True,
            )
    return ROOT


def _is_stale() -> bool:
    """Whether a source is newer than what was collected; the rule of the Makefile."""
    made = ROOT / "staticfiles.json"
    base = Path(settings.BASE_DIR)
    sources = [base / "requirements" / "dev.txt", base / "config" / "settings.py"]
    sources += [file for file in (base / "static").rglob("*") if file.is_file()]
    return not made.exists() or made.stat().st_mtime < max(f.stat().st_mtime for f in sources)

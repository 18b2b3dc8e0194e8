"""Two ways of one piece of work, in turns: A B A B. The figure is their ratio, not a time.

A slow minute of the machine falls on both sides. Told are the median and the range of the ratios
of neighbours, of at least five pairs.
"""

import gc
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import celery
import django
import psycopg
import redis

RUNS = int(os.environ.get("BENCH_RUNS") or 5)
# How often our side does its work: more than once shows that a line can tell what got slower.
SLOW = int(os.environ.get("BENCH_SLOW") or 1)
PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"


@dataclass(frozen=True)
class Line:
    """One row of the table."""

    goal_id: str
    work: str
    ours: str
    baseline: str
    result: str
    goal: str
    is_met: bool


@dataclass
class Bench:
    """What was measured so far, and on what."""

    lines: list[Line] = field(default_factory=list)
    about: dict[str, str] = field(default_factory=dict)

    def compare(self, goal_id, work, ours, baseline, *, goal, before=None, runs=RUNS, base=""):
        """Time both in turns; ``goal`` is the largest ratio that is good. Returns the median."""
        mine, theirs = [], []
        for number in range(runs + 1):
            for side, found in ((ours, mine), (baseline, theirs)):
                if before:
                    before()
                taken = seconds(side, times=SLOW if side is ours else 1)
                if number:  # the first pair warms both up
                    found.append(taken)
        ratios = [a / b for a, b in zip(mine, theirs, strict=True)]
        self.add(
            goal_id,
            work,
            spread(mine, said),
            f"{base} {spread(theirs, said)}".strip(),
            spread(ratios, times),
            goal=f"≤ {times(goal)}",
            is_met=statistics.median(ratios) <= goal,
        )
        return statistics.median(ratios)

    def add(self, goal_id, work, ours, baseline, result, *, goal, is_met):
        line = Line(goal_id, work, ours, baseline, result, goal, is_met)
        self.lines.append(line)
        word = "met" if is_met else "MISSED"
        sys.__stdout__.write(
            f"\n{goal_id} {work}: {ours} / {baseline} = {result} ({goal}: {word})\n"
        )
        sys.__stdout__.flush()

    def table(self):
        rows = sorted(self.lines, key=lambda line: (int(line.goal_id[1:]), self.lines.index(line)))
        cells = [
            ("", "work", "ours", "baseline", "result", "goal", ""),
            ("---",) * 7,
            *(
                (
                    *(line.goal_id, line.work, line.ours, line.baseline, f"**{line.result}**"),
                    *(line.goal, "met" if line.is_met else "**missed**"),
                )
                for line in rows
            ),
        ]
        return "\n".join(f"| {' | '.join(row)} |" for row in cells)

    def page(self):
        about = "\n".join(f"- {name}: {value}" for name, value in (machine() | self.about).items())
        return (
            "# Benchmarks\n\n"
            "Written by `make bench`; [performance.md](performance.md) says how to read it.\n\n"
            f"{about}\n\n{self.table()}\n"
        )

    def write(self):
        """Print the table; keep it where it measured all that the kept one tells."""
        if self.lines:
            told = re.findall(r"^\| ([A-Z]\d+) ", PAGE.read_text(), re.MULTILINE)
            if SLOW == 1 and {line.goal_id for line in self.lines} >= set(told):
                PAGE.write_text(self.page())
            sys.__stdout__.write(f"\n{self.page()}")


def seconds(work, *, times=1):
    """How long it takes, without a garbage collection in the middle."""
    gc.collect()
    gc.disable()
    began = time.perf_counter()
    try:
        for _ in range(times):
            work()
        return time.perf_counter() - began
    finally:
        gc.enable()


@contextmanager
def stopwatch():
    """Yields a list that holds the seconds afterwards."""
    found, began = [], time.perf_counter()
    yield found
    found.append(time.perf_counter() - began)


def said(duration):
    """A duration as one says it."""
    return f"{duration:.2f} s" if duration >= 1 else f"{duration * 1000:.1f} ms"


def times(ratio):
    return f"{ratio:.2f}×" if ratio < 10 else f"{ratio:.0f}×"


def spread(found, say):
    """The median, and from where to where."""
    if len(found) == 1:
        return say(found[0])
    return f"{say(statistics.median(found))} ({say(min(found))} – {say(max(found))})"


def percentile(found, share):
    return sorted(found)[min(len(found) - 1, int(len(found) * share))]


def machine():
    """What it ran on, and how busy that was besides."""
    words = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    models = {line.split(":")[1].strip() for line in words.splitlines() if "model name" in line}
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    return {
        "Date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "Machine": f"{os.cpu_count()} × {', '.join(models) or platform.processor()}; load when written {load}",
        "Versions": (
            f"Python {platform.python_version()}, Django {django.__version__}, psycopg"
            f" {psycopg.__version__}, Celery {celery.__version__}, redis-py {redis.__version__}"
        ),
        "Commit": commit or "not from a checkout",
        "Runs": f"{RUNS} pairs, A B A B, after one that warms up; median (range)",
    }

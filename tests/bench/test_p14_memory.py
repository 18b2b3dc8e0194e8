"""P14: memory of web and worker, and its growth over many requests (proportional set size).

To see it fail: keep every answer of a view in a list of its module.
"""

import os
from pathlib import Path

from tests.stack.product import Product, Reader

REQUESTS = int(os.environ.get("BENCH_REQUESTS") or 20_000)
WARM = 1_000


def megabytes(product, name):
    total = 0
    for pid in product.family(product.program(name)):
        words = Path(f"/proc/{pid}/smaps_rollup").read_text()
        total += next(
            int(line.split()[1]) for line in words.splitlines() if line.startswith("Pss:")
        )
    return total / 1024


def test_memory(bench):
    product = Product(DEBUG="true")
    try:
        reader = Reader(product.address)
        assert reader.get("/healthz")[0] == 200
        for _ in range(WARM // 2):  # until each thread of each worker has answered
            reader.get("/readyz")
            reader.get("/account/login/")
        before = megabytes(product, "web")
        for _ in range(REQUESTS // 2):
            reader.get("/readyz")
            reader.get("/account/login/")
        web, worker = megabytes(product, "web"), megabytes(product, "worker")
    finally:
        product.stop()
    growth = (web / before - 1) * 100
    bench.add(
        "P14",
        "web: master and two workers, after them",
        f"{web:.0f} MB",
        "",
        f"{web:.0f} MB",
        goal="≤ 256 MB",
        is_met=web <= 256,
    )
    bench.add(
        "P14",
        "worker and its child",
        f"{worker:.0f} MB",
        "",
        f"{worker:.0f} MB",
        goal="≤ 128 MB",
        is_met=worker <= 128,
    )
    bench.add(
        "P14",
        f"growth of web over {REQUESTS:,} requests, after {WARM:,} that warm up",
        f"{growth:+.1f} %",
        "",
        f"{growth:+.1f} %",
        goal="≤ 5 %",
        is_met=growth <= 5,
    )

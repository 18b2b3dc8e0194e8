"""F20: the power is cut. Everything dies at once, in the middle of writing; it is switched on again."""

import contextlib
import os
import random
import signal
import threading
import time

import pytest

from tests.stack.product import Product, Reader
from tests.stack.test_faults import (
    AT_REST,
    LEASE,
    ORGANIZATIONS,
    PERIODS,
    SWEEP,
    WRONG,
    import_values,
    slug,
)
from tests.waiting import until

pytestmark = pytest.mark.slow
__all__ = ["slug"]

CUTS = int(os.environ.get("F20_CUTS", "2"))  # the design asks for 20
TOLD = {"DEBUG": "true", "JOB_LEASE_SECONDS": str(LEASE), "SWEEP_SECONDS": str(SWEEP)}
ROWS = ORGANIZATIONS * 2 * len(PERIODS)
FACTS = "SELECT count(*) FROM measures_observation"
NEWEST = "SELECT coalesce(max(value), 0)::int FROM measures_observation"
CURRENT = "SELECT count(*) FROM measures_observation WHERE superseded_at IS NULL"


@pytest.fixture
def power():
    """The product, in a list: after a cut another one stands there, over the same data."""
    made = [Product(**TOLD)]
    yield made
    made[0].stop()


@pytest.fixture
def product(power):
    return power[0]


class Writing:
    """While it lasts, one file after the other comes in, and somebody looks on."""

    def __init__(self, product, slug, folder, value):
        self.product, self.slug, self.folder = product, slug, folder
        self.acknowledged = value
        self.over = threading.Event()
        self.threads = [threading.Thread(target=work) for work in (self._write, self._look)]

    def _write(self):
        while not self.over.is_set():
            try:
                import_values(self.product, self.slug, self.folder, self.acknowledged + 1)
            except (AssertionError, ValueError):
                return  # the command died with the rest
            self.acknowledged += 1

    def _look(self):
        reader = Reader(self.product.address)
        while not self.over.is_set():
            with contextlib.suppress(OSError):
                reader.get("/account/login/")

    def __enter__(self):
        for each in self.threads:
            each.start()
        return self

    def __exit__(self, *_error):
        self.over.set()
        for each in self.threads:
            each.join()


def cut(product):
    """End everything, the supervisor first: it would start again what died."""
    victims = [*product.family(product.process.pid), *product.checkout.processes()]
    for victim in victims:
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
    product.process.wait()


def test_f20_all_that_was_acknowledged_is_there_once_after_a_power_cut(power, slug, tmp_path):
    written, value, dice = 0, 0, random.Random(20)  # noqa: S311
    for _cut in range(CUTS):
        product = power[0]
        with Writing(product, slug, tmp_path, value) as writing:
            until(lambda writing=writing, value=value: writing.acknowledged > value, "a file in")
            time.sleep(dice.uniform(0, 3))
            cut(product)
            writing.over.set()
        power[0] = product = Product(checkout=product.checkout, **TOLD)
        product.until(AT_REST)
        acknowledged, stored = writing.acknowledged, product.one(NEWEST)
        # A file whose command died may be there as well: as a whole.
        assert stored in {acknowledged, acknowledged + 1}
        assert product.one(FACTS) == written + ROWS * (stored - value)
        assert product.one(CURRENT) == ROWS
        assert product.one(WRONG) == 0
        assert product.told("rollup", slug, "--all", "--json")["changed"] == 0
        assert product.one("SELECT max(attempts) FROM initiatives_job") < 5
        product.manage("verify_acts")
        assert Reader(product.address).get("/account/login/")[0] == 200
        written, value = product.one(FACTS), stored

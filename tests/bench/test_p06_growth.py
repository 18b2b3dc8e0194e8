"""P6: the same work in a database of one initiative and in the large one.

To see it fail: leave the initiative out of the unique key of the rollups.
"""

import random
from decimal import Decimal

from initiatives.tenancy import scope
from measures import rollups
from measures.ledger import NewFact, record
from measures.models import Assignment, Cell, Period
from tests import database
from tests.bench.pages import Site

KEYS = 25


def reads(count=20):
    site = Site("data_manager@bench.test")

    def work():
        for _ in range(count):
            site.get("/i/bench-0/measures/")

    return work


def submission(first):
    """Record the values of one paper: one organization, one month, then recompute them."""
    chance = random.Random(1)  # noqa: S311
    with scope(first):
        asked = list(Assignment.objects.order_by("organization_id")[:3])
        cells = list(Cell.objects.filter(is_leaf=True))
        months = list(Period.objects.filter(frequency="month")[:KEYS])

    def work():
        facts = [
            NewFact(
                asked[0].indicator_id,
                asked[0].organization_id,
                month.pk,
                cells[0].pk,
                value=Decimal(chance.randint(0, 9999)),
            )
            for month in months
        ]
        with scope(first):
            record(facts, user_id=None)
        with scope(first):
            rollups.drain()

    return work


def within(name, work):
    def run():
        with database.using(name):
            work()

    return run


def test_growth(large, small, bench):
    made = {}
    for world in (large, small):
        with database.using(world.database):
            made[world] = (reads(), submission(world.first))
    for index, what in enumerate(("20 dashboards", "record 25 values and recompute them")):
        bench.compare(
            "P6",
            f"{what}, {large.initiatives} initiatives",
            within(large.database, made[large][index]),
            within(small.database, made[small][index]),
            goal=1.3,
            base="one initiative",
        )

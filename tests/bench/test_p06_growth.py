"""P6: the same work in a database of one initiative and in the large one.

To see it fail: leave the initiative out of the unique key of the rollups, or read the forms of every
initiative in the view that takes one.
"""

import random
from decimal import Decimal
from itertools import islice

from initiatives.tenancy import scope
from measures import rollups
from measures.ledger import NewFact, record
from measures.models import Assignment, Cell, Period, Round, Submission
from measures.selectors.submissions import fields_of
from tests import database
from tests.bench.harness import SLOW
from tests.bench.pages import Site
from tests.bench.world import EACH, LEAVES

KEYS = 25
FORMS = 3  # sent and accepted in one measurement, each of another month
OPEN = {"opens_at": "2020-01-01T00:00Z", "due_at": "2099-01-01T00:00Z"}


def reads(count=20):
    site = Site("data_manager@bench.test")

    def work():
        for _ in range(count):
            site.get("/i/bench-0/measures/")

    return work


def submission(first):
    """Record 25 values of one organization and indicator, then recompute them."""
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


class Forms:
    """Monthly forms of one organization: handed in by it, accepted, and the rollups taken anew.

    All over HTTP but the recomputation, which is the worker's. Each value is another one than before.
    """

    def __init__(self, first):
        self.first, self.chance = first, random.Random(1)  # noqa: S311
        self.reporter, self.manager = (
            Site(f"{role}@bench.test") for role in ("partner_reporter", "data_manager")
        )
        self.waiting = []

    def ready(self):
        """Lay the forms out to be handed in, those of before opened again; not what is measured."""
        self.waiting = []
        with scope(self.first):
            organization = Assignment.objects.get(
                indicator__code="i0", organization__code="o0"
            ).organization
            for month in islice(Period.objects.filter(frequency="month"), FORMS * SLOW):
                round_, _is_new = Round.objects.update_or_create(
                    initiative_id=self.first, period=month, defaults=OPEN | {"state": "open"}
                )
                form, _is_new = Submission.objects.update_or_create(
                    initiative_id=self.first,
                    round=round_,
                    organization=organization,
                    # Without the time of its acceptance, what it gave would stand as settled.
                    defaults={"state": "returned", "reopened_until": OPEN["due_at"]},
                    create_defaults={"state": "draft"},
                )
                self.waiting.append((form, self._values(form)))

    def _values(self, form):
        """What is typed, by field: the parts and no total, with a note on what is unusual."""
        said = {"version": form.version, "action": "submit"}
        fields = [each for each in fields_of(form) if each.cell]
        assert len(fields) == EACH * LEAVES
        for each in fields:
            said[each.name] = self.chance.randint(0, 999)
            said[f"note-{each.indicator.pk}"] = "Counted again."
            if each.indicator.is_pair:
                said[f"{each.name}-of"] = 1000
        return said

    def work(self):
        for _ in range(FORMS):
            form, said = self.waiting.pop()
            status, _headers, body = self.reporter.post(
                f"/i/bench-0/measures/form/{form.pk}/", said
            )
            assert status == 302, body.decode()
            status, _headers, body = self.manager.post(
                "/i/bench-0/measures/collection/accept/", {"submission": form.pk}
            )
            assert status == 302, body.decode()
            with scope(self.first):
                assert rollups.drain()


def within(name, work):
    def run():
        with database.using(name):
            work()

    return run


def test_growth(large, small, bench):
    made, forms = {}, {}
    for world in (large, small):
        with database.using(world.database):
            forms[world] = Forms(world.first)
            made[world] = (reads(), submission(world.first), forms[world].work)

    def before():
        for world in (large, small):
            within(world.database, forms[world].ready)()

    for index, what in enumerate(
        (
            "20 dashboards",
            "record 25 values and recompute them",
            f"{FORMS} forms of {EACH * LEAVES} values sent, accepted and recomputed",
        )
    ):
        bench.compare(
            "P6",
            f"{what}, {large.initiatives} initiatives",
            within(large.database, made[large][index]),
            within(small.database, made[small][index]),
            goal=1.3,
            before=before if made[large][index] == forms[large].work else None,
            base="one initiative",
        )

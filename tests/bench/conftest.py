"""The databases that are measured, built once, and the table that is written at the end."""

import pytest

from tests import database
from tests.bench import world
from tests.bench.harness import Bench


def pytest_collection_modifyitems(items):
    for item in items:
        if "/bench/" in str(item.path):
            item.add_marker(pytest.mark.bench)


@pytest.fixture(scope="session")
def bench():
    made = Bench()
    yield made
    made.write()


def _built(blocker, kind, initiatives):
    name = f"{database.database_name()}_{kind}"
    with blocker.unblock():
        database.create(name)
        try:
            with database.using(name):
                made = world.build(initiatives)
            yield made
        finally:
            database.drop(name)


@pytest.fixture(scope="session")
def small(django_db_setup, django_db_blocker):
    """One initiative."""
    yield from _built(django_db_blocker, "small", 1)


@pytest.fixture(scope="session")
def large_world(django_db_setup, django_db_blocker, bench):
    """As many facts as asked for."""
    for made in _built(django_db_blocker, "large", world.INITIATIVES):
        bench.about["Rows"] = (
            f"{made.facts:,} facts in {made.initiatives} initiatives of {world.FACTS:,}"
            f" ({world.ORGANIZATIONS} organizations, {world.INDICATORS} indicators, {12 * len(world.YEARS)} months,"
            f" {world.LEAVES} cells), {made.rollups:,} rollups"
        )
        yield made


@pytest.fixture
def large(large_world, django_db_blocker):
    """The large database, in use."""
    with django_db_blocker.unblock(), database.using(large_world.database):
        yield large_world

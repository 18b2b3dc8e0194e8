"""The tests run against the real servers, as the role the product runs as."""

import os
from collections import Counter

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import TransactionTestCase

from config import stack
from tests import database
from tests.waiting import PATIENCE

REDIS_DATABASES_PER_PROCESS = 2
FIRST_REDIS_DATABASE = 2  # 0 and 1 are the product's own

# An example that took long says something of the machine; one that failed says how to try it again.
hypothesis.settings.register_profile(
    "patient",
    parent=hypothesis.settings(),
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    print_blob=True,
)
hypothesis.settings.load_profile("patient")

ODD_TEXTS = "tests/isolation/test_odd_texts.py"
# What takes minutes begins first, and last comes what is short: else one process ends the run alone
# while the others have nothing left. By how an address begins, the longest first; then modules in
# which something is marked slow.
LONGEST = (
    "tests/browser/",  # one process drives them all, a quarter of an hour
    ODD_TEXTS,  # five minutes and more a share
    "tests/isolation/",  # every page and every form for everybody
    "tests/stack/",  # starts and kills whole products
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """One process drives all browser tests: their site is started once. Shares go where they may."""
    from xdist.scheduler import LoadScopeScheduling

    class Scopes(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            if nodeid.startswith(ODD_TEXTS):
                return nodeid
            browser = "tests/browser/"
            return browser if nodeid.startswith(browser) else super()._split_scope(nodeid)

    return Scopes(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_collection_modifyitems(config, items):
    """The order in which processes are given modules, as ``--no-loadscope-reorder`` leaves it."""
    if not hasattr(config, "workerinput"):
        return
    size = Counter(item.path for item in items)
    slow = {item.path for item in items if item.get_closest_marker("slow")}

    def place(item):
        for number, beginning in enumerate(LONGEST):
            if item.nodeid.startswith(beginning):
                return number, -size[item.path]
        return len(LONGEST) + (item.path not in slow), -size[item.path]

    items.sort(key=place)


def pytest_configure(config: pytest.Config) -> None:
    """Give each test process a Redis of its own (a numbered database of the shared server)."""
    process = os.environ.get("PYTEST_XDIST_WORKER", "gw-1").removeprefix("gw")
    first = FIRST_REDIS_DATABASE + REDIS_DATABASES_PER_PROCESS * (int(process) + 1)
    if settings.EMBEDDED_REDIS:
        settings.REDIS_URL = stack.redis_url(first)
        settings.CELERY_BROKER_URL = stack.broker_url(first)
        settings.CACHES["default"]["LOCATION"] = stack.redis_url(first + 1)
    # How soon the product does without Redis (tests/stack/test_faults.py) is not how long a busy
    # machine takes: what is counted there is to be counted.
    for name in ("socket_connect_timeout", "socket_timeout"):
        settings.CACHES["default"]["OPTIONS"][name] = PATIENCE


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker):
    """A database migrated as the owner, in which the tests then are ``app_web``."""
    stack.ensure()
    name = database.database_name()
    with django_db_blocker.unblock():
        database.create(name)
        seeded = database.seeded_tables(name)
        original = TransactionTestCase._fixture_teardown
        # Django empties tables as the connected role, which may not truncate: the owner does.
        TransactionTestCase._fixture_teardown = lambda _self: database.empty(name, keep=seeded)
        with database.using(name):
            yield
        TransactionTestCase._fixture_teardown = original
        database.drop(name)


@pytest.fixture(scope="session", autouse=True)
def _patient_limits():
    """Who waits for another one to be counted is not refused because that one stands still."""
    from allauth.core.internal import ratelimit

    ratelimit.CACHE_LOCK_WAIT_TIMEOUT = PATIENCE
    ratelimit.CACHE_LOCK_TIMEOUT = 2 * PATIENCE


@pytest.fixture(autouse=True)
def _empty_cache(request):
    """Rate limits and cached pages of one test are not another's."""
    if "django_db_setup" in request.fixturenames:
        caches["default"].clear()

"""S8: many threads, two initiatives in turn, few connections: nobody gets another's rows.

A context that outlived its transaction would be handed, with the connection, to the next thread.
"""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, connections
from django.test import Client

from initiatives.models import Organization
from initiatives.permissions import Role
from initiatives.tenancy import scope
from tests.isolation.test_rows import settings as context_left
from tests.waiting import PATIENCE

THREADS, ROUNDS, REQUESTS = 40, 50, 4


@pytest.fixture
def small_pool(twins):
    """Four connections for everyone, given back after each piece of work."""
    told = connections.settings["default"]
    before = dict(told)
    connection.close()
    told["CONN_MAX_AGE"] = 0
    told["OPTIONS"] = {
        **told["OPTIONS"],
        "pool": {"min_size": 2, "max_size": 4, "timeout": PATIENCE},
    }
    yield twins
    connection.close()
    connection.close_pool()
    told.clear()
    told.update(before)
    connection.settings_dict = told


def in_threads(work):
    """Foreign things that ``work(number)`` found, over all threads at once."""
    ready = threading.Barrier(THREADS)

    def begin(number):
        ready.wait()
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return [each for found in pool.map(begin, range(THREADS)) for each in found]


def scopes_in_turn(twins):
    """What a thread saw that is not of the initiative it was in."""

    def work(number):
        wrong = []
        for turn in range(ROUNDS):
            twin = twins[(number + turn) % 2]
            try:
                with scope(twin.initiative_id):
                    seen = set(Organization.objects.values_list("initiative_id", flat=True))
                    if seen != {twin.initiative_id}:
                        wrong.append(seen)
                    if turn % 7 == 3:
                        raise ZeroDivisionError  # noqa: TRY301 -- a failing request gives its connection back
            except ZeroDivisionError:
                pass
            if context_left() != [("", "")]:
                wrong.append("a context was left")
            connection.close()
        return wrong

    return in_threads(work)


def requests_in_turn(twins):
    """Pages that are not of the initiative that was asked for, or show something of the other."""
    people = [
        get_user_model().objects.get(email=twin.person(Role.PROJECT_MANAGER)) for twin in twins
    ]
    connection.close()

    def work(number):
        wrong, browsers = [], [Client(), Client()]
        for browser, person in zip(browsers, people, strict=True):
            browser.force_login(person)
            connection.close()
        for turn in range(REQUESTS):
            which = (number + turn) % 2
            mine, theirs = twins[which], twins[1 - which]
            answer = browsers[which].get(f"/i/{mine.slug}/organizations/")
            connection.close()
            body = answer.content.decode()
            if answer.status_code != 200 or mine.canary not in body or theirs.canary in body:
                wrong.append((mine.slug, answer.status_code))
        return wrong

    return in_threads(work)


def test_s8_scopes_in_turn_over_a_small_pool_see_their_own(small_pool):
    assert scopes_in_turn(small_pool) == []


@pytest.mark.slow
def test_s8_requests_in_turn_over_a_small_pool_show_their_own(small_pool):
    assert requests_in_turn(small_pool) == []

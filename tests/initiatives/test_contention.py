"""Two transactions that want the same: one waits, one is done again, nobody sees a deadlock."""

import threading

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.urls import reverse

from initiatives import tenancy
from initiatives.models import Initiative, Membership, Organization, User
from initiatives.tenancy import BusyError, scope, steadily
from initiatives.views import people
from tests.waiting import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)


def lock(number):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(77, %s)", [number])


def test_both_sides_of_a_deadlock_end_well():
    both, tries, ended = threading.Barrier(2), [], []

    def cross(first, second):
        with transaction.atomic():
            tries.append(first)
            lock(first)
            if len(tries) <= 2:
                both.wait(PATIENCE)
            lock(second)
        ended.append(first)

    def body(*numbers):
        try:
            steadily(lambda: cross(*numbers))
        finally:
            connection.close()

    threads = [threading.Thread(target=body, args=each) for each in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert sorted(ended) == [1, 2]
    assert len(tries) == 3


@pytest.fixture
def held():
    """Somebody else's transaction that holds a lock and does not end."""
    has_it, enough = threading.Event(), threading.Event()

    def body():
        try:
            with transaction.atomic():
                lock(3)
                has_it.set()
                enough.wait(PATIENCE)
        finally:
            connection.close()

    thread = threading.Thread(target=body)
    thread.start()
    assert has_it.wait(PATIENCE)
    yield
    enough.set()
    thread.join(PATIENCE)


def wait_in_vain():
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '100ms'")
        lock(3)


def test_who_waits_too_long_is_told_and_stores_nothing(held):
    def change():
        with transaction.atomic():
            Initiative.objects.create(slug="half", name="Half")
            wait_in_vain()

    with pytest.raises(BusyError):
        steadily(change)
    assert not Initiative.objects.filter(slug="half").exists()


def test_a_key_that_was_taken_meanwhile_is_looked_for_again():
    seen, both = [], threading.Barrier(2)

    def name_it():
        with transaction.atomic():
            found = Initiative.objects.filter(slug="once").exists()
            if len(seen) < 2:
                seen.append(found)
                both.wait(PATIENCE)  # neither sees the other's
            if found:
                return "there is one"
            Initiative.objects.create(slug="once", name="Once")
        return "made"

    said = []

    def body():
        try:
            said.append(steadily(name_it))
        finally:
            connection.close()

    threads = [threading.Thread(target=body) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert sorted(said) == ["made", "there is one"]


def test_a_key_that_is_taken_for_good_is_an_error():
    Initiative.objects.create(slug="once", name="Once")
    tries = []

    def again():
        tries.append(1)
        with transaction.atomic():
            Initiative.objects.create(slug="once", name="Twice")

    with pytest.raises(IntegrityError):
        steadily(again)
    assert len(tries) == tenancy.KEY_TRIES


def test_other_errors_of_the_database_are_not_tried_again():
    tries = []

    def fail():
        tries.append(1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(OperationalError):
        steadily(fail)
    connection.close()
    assert len(tries) == 1


def test_what_takes_too_long_is_not_tried_again_but_told():
    tries = []

    def fail():
        tries.append(1)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '1ms'; SELECT pg_sleep(1)")

    with pytest.raises(BusyError), transaction.atomic():
        steadily(fail)
    assert len(tries) == 1


def take_forever():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '1ms'; SELECT pg_sleep(1)")


@pytest.mark.parametrize(
    ("cause", "words"),
    [(wait_in_vain, "Somebody else is writing"), (take_forever, "This took too long")],
)
def test_a_busy_page_says_so(held, client, monkeypatch, cause, words):
    user = User.objects.create_user("ann@example.org", "a long enough passphrase", name="Ann")
    initiative = Initiative.objects.create(slug="river", name="River")
    with scope(initiative.pk):
        home = Organization.here(code="a", name="A", state="active")
        home.save()
        Membership.here(user=user, organization=home, roles=["project_manager"]).save()

    def busy(*_arguments, **_options):
        cause()

    monkeypatch.setattr(people, "render", busy)
    client.force_login(user)
    answer = client.get(reverse("initiatives:members", args=["river"]))
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert "Nothing of yours was stored" in answer.content.decode()
    assert words in answer.content.decode()
    assert tenancy._current.get() == tenancy.NOBODY

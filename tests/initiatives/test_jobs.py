"""Jobs are rows first: they survive the broker, the worker and each other."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from config.celery import app as celery_app
from initiatives import jobs
from initiatives.choices import JobState
from initiatives.models import Initiative, Job, Organization
from initiatives.tenancy import current_initiative_id, scope
from tests.waiting import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def initiative():
    return Initiative.objects.create(slug="river", name="River")


@pytest.fixture
def nudged(monkeypatch):
    """The jobs that a worker was nudged about."""
    found = []
    monkeypatch.setattr(jobs, "wake", lambda job_id: found.append(job_id) or True)
    return found


@pytest.fixture
def handler(monkeypatch):
    """Register a handler for the length of a test."""

    def register(work, **options):
        monkeypatch.setitem(jobs._handlers, "wash", None)
        jobs.handles("wash", **options)(work)

    return register


def enqueue(initiative, **options):
    with scope(initiative.pk):
        return jobs.enqueue("wash", **options)


def expire(job):
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def in_thread(work):
    """Run it on a connection of its own."""
    found = []

    def body():
        try:
            found.append(work())
        finally:
            connection.close()

    thread = threading.Thread(target=body)
    thread.start()
    thread.join(PATIENCE)
    return found[0]


def test_a_job_is_written_with_the_change_or_not_at_all(initiative, nudged):
    def change_and_fail():
        with scope(initiative.pk):
            jobs.enqueue("wash")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    assert (Job.objects.count(), nudged) == (0, [])
    job = enqueue(initiative)
    assert nudged == [job.pk]


def test_what_waits_already_is_not_asked_for_twice(initiative, nudged):
    first = enqueue(initiative, key="a")
    assert enqueue(initiative, key="a") == first
    assert enqueue(initiative, key="b") != first
    jobs.claim(first.pk)
    # It may have read already what the new one is to see.
    assert enqueue(initiative, key="a") != first


def test_a_dead_broker_fails_nobody_and_is_left_alone(initiative, monkeypatch):
    asked = []

    def refuse(_task, *, args, **_options):
        asked.extend(args)
        raise OSError("connection refused")

    monkeypatch.setitem(jobs._broker, "asked_again_at", 0.0)
    monkeypatch.setattr(jobs.current_app, "send_task", refuse)
    first, second = enqueue(initiative, key="a"), enqueue(initiative, key="b")
    assert (first.state, second.state) == (JobState.QUEUED, JobState.QUEUED)
    assert asked == [first.pk], "a page waits for a hung broker once"
    monkeypatch.setitem(jobs._broker, "asked_again_at", 0.0)
    enqueue(initiative, key="b")
    assert asked == [first.pk, second.pk]


def test_the_nudge_reaches_the_broker_from_any_thread(initiative, monkeypatch):
    patient = {"socket_connect_timeout": PATIENCE, "socket_timeout": PATIENCE}
    monkeypatch.setattr(jobs, "IMPATIENT", patient)
    monkeypatch.setitem(jobs._broker, "asked_again_at", 0.0)
    with celery_app.connection_for_read(transport_options=patient) as broker:
        queue = broker.SimpleQueue(celery_app.conf.task_default_queue)
        queue.clear()
        job = in_thread(lambda: enqueue(initiative))
        message = queue.get(timeout=PATIENCE)
        message.ack()
    assert message.headers["task"] == jobs.TASK
    assert message.payload[0] == [job.pk]


def test_the_handler_runs_inside_the_initiative(initiative, nudged, handler):
    seen = []
    handler(lambda which: seen.append((which, current_initiative_id())))
    job = enqueue(initiative, which=7)
    assert jobs.run(job.pk)
    assert seen == [(7, initiative.pk)]
    job.refresh_from_db()
    assert (job.state, job.attempts, job.last_error) == (JobState.DONE, 1, "")
    assert not jobs.run(job.pk)
    assert len(seen) == 1


def test_the_handler_may_commit_by_itself(initiative, nudged, handler):
    def work(initiative_id):
        assert not connection.in_atomic_block
        with scope(initiative_id):
            Organization.here(code="a", name="A").save()

    handler(work, in_scope=False)
    assert jobs.run(enqueue(initiative).pk)
    with scope(initiative.pk):
        assert Organization.objects.count() == 1


def test_a_job_is_claimed_once(initiative, nudged):
    job = enqueue(initiative)
    assert jobs.claim(job.pk).attempts == 1
    assert jobs.claim(job.pk) is None
    expire(job)
    assert jobs.claim(job.pk).attempts == 2


def test_nobody_begins_before_all_writers_committed(initiative, nudged):
    job = enqueue(initiative)
    with scope(initiative.pk):
        assert jobs.enqueue("wash") == job
        assert in_thread(lambda: jobs.claim(job.pk)) is None
        # Another writer does not wait for this one.
        assert in_thread(lambda: enqueue(initiative)) == job
    assert in_thread(lambda: jobs.claim(job.pk)) == job


def test_a_failed_job_rests_and_is_given_up_at_last(initiative, nudged, handler, caplog):
    def work():
        Organization.here(code="a", name="A").save()
        raise ZeroDivisionError("no water")

    handler(work)
    job = enqueue(initiative)
    for attempt in range(1, jobs.ATTEMPTS + 1):
        assert not jobs.run(job.pk)
        job.refresh_from_db()
        assert job.attempts == attempt
        assert job.last_error == "ZeroDivisionError: no water"
        assert jobs.claim(job.pk) is None  # it rests
        expire(job)
    assert job.state == JobState.DEAD
    assert "given up" in caplog.text
    with scope(initiative.pk):
        assert Organization.objects.count() == 0


def test_a_job_whose_workers_died_is_given_up(initiative, nudged):
    job = enqueue(initiative)
    for _ in range(jobs.ATTEMPTS):
        assert jobs.claim(job.pk)
        expire(job)
    assert jobs.claim(job.pk) is None
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.DEAD, jobs.ATTEMPTS)


def test_a_worker_that_lost_its_lease_does_not_conclude(initiative, nudged, handler):
    job = enqueue(initiative)

    def work(initiative_id):
        expire(job)
        assert in_thread(lambda: jobs.claim(job.pk)).attempts == 2

    handler(work, in_scope=False)
    assert not jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.RUNNING


def test_an_unknown_kind_waits_for_a_worker_that_knows_it(initiative, nudged):
    with scope(initiative.pk):
        job = jobs.enqueue("unheard of")
    assert not jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.last_error[:11]) == (JobState.RUNNING, "LookupError")


def test_the_sweeper_wakes_what_is_due(initiative, nudged):
    due, later, died, running = (enqueue(initiative, key=key) for key in "abcd")
    Job.objects.filter(pk=later.pk).update(not_before=timezone.now() + timedelta(hours=1))
    for job in (died, running):
        jobs.claim(job.pk)
    expire(died)
    nudged.clear()
    assert jobs.sweep() == 2
    assert set(nudged) == {due.pk, died.pk}
    assert jobs.claim(later.pk) is None


def test_the_sweeper_forgets_what_was_done_long_ago(initiative, nudged):
    old = enqueue(initiative)
    Job.objects.filter(pk=old.pk).update(
        state=JobState.DONE, finished_at=timezone.now() - timedelta(days=8)
    )
    jobs.sweep()
    assert not Job.objects.filter(pk=old.pk).exists()


def test_two_clocks_are_harmless(initiative, nudged):
    enqueue(initiative)
    nudged.clear()
    with transaction.atomic():
        assert jobs.take_turn("sweep_jobs")
        assert in_thread(jobs.sweep) == 0
    assert nudged == []
    assert jobs.sweep() == 1


def test_a_tick_that_fails_somewhere_goes_on_elsewhere(initiative):
    other = Initiative.objects.create(slug="hill", name="Hill")
    seen = []

    def work():
        seen.append(current_initiative_id())
        if len(seen) == 1:
            raise ZeroDivisionError

    assert jobs.in_each_initiative("look", work) == 1
    assert seen == [initiative.pk, other.pk]

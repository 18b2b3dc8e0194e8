"""Work to be done later: a row first, written with the change; the broker only nudges a worker.

A worker claims a row with a lease, works inside the job's initiative and marks it done. Whatever
is lost on the way (the nudge, the worker, the broker), the sweeper finds the row again. A handler
may therefore run twice and must give the same result when it does.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from kombu.pools import producers

from initiatives import clock
from initiatives.choices import JobState
from initiatives.models import Initiative, Job
from initiatives.tenancy import current_initiative_id, scope, steadily

Work = TypeVar("Work", bound=Callable[..., object])
logger = logging.getLogger(__name__)

ATTEMPTS = 5
LEASE = timedelta(seconds=settings.JOB_LEASE_SECONDS)
FIRST_PAUSE = timedelta(seconds=30)  # doubles with every failure
PER_SWEEP = 500
KEPT = timedelta(days=7)
TASK = "initiatives.tasks.run_job"
BROKER_REST = 20.0  # seconds
# A worker waits for the broker for longer than a page does.
IMPATIENT = {"socket_connect_timeout": 1, "socket_timeout": 1}
NUDGE_LASTS = 60  # seconds: an older nudge was overtaken by the sweeper's


class Handler(NamedTuple):
    """What does a kind of job."""

    work: Callable[..., object]
    in_scope: bool


_handlers: dict[str, Handler] = {}
_broker = {"asked_again_at": 0.0}  # of this process


def handles(kind: str, *, in_scope: bool = True) -> Callable[[Work], Work]:
    """Register what does jobs of ``kind``; it is called with the job's ``args``.

    With ``in_scope=False`` it runs outside any transaction and is told ``initiative_id`` besides:
    for work that must commit before it speaks to the world.
    """

    def register(work: Work) -> Work:
        _handlers[kind] = Handler(work, in_scope)
        return work

    return register


def enqueue(kind: str, *, key: str = "", **args: Any) -> Job:
    """Ask for work in the initiative in scope, once this transaction commits.

    A job of the same kind and key that still waits is asked to wait for this commit, and returned.
    ``args`` must be plain JSON and hold ids only.
    """
    job = Job(initiative_id=current_initiative_id(), kind=kind, key=key, args=args)
    while True:
        # No conflict target: the only unique keys are the id and the one that is meant.
        Job.objects.bulk_create([job], ignore_conflicts=True)
        with connection.cursor() as cursor:
            # A shared lock: writers do not wait for each other, but no worker may begin before
            # all of them have committed what it is to read.
            cursor.execute(
                "SELECT id FROM initiatives_job WHERE initiative_id = %s AND kind = %s"
                " AND key = %s AND state = 'queued' FOR SHARE",
                [job.initiative_id, kind, key],
            )
            found = cursor.fetchone()
        if found:
            break
    transaction.on_commit(lambda: wake(found[0]), robust=True)
    return Job.objects.get(pk=found[0])


def retry(job: Job) -> Job | None:
    """Ask again for work of the initiative in scope that was given up; None if it no longer is."""
    mine = Job.objects.filter(pk=job.pk, initiative_id=current_initiative_id())
    given_up = mine.filter(state=JobState.DEAD)
    if not given_up.update(state=JobState.DONE, finished_at=timezone.now()):
        return None
    return enqueue(job.kind, key=job.key, **job.args)


def set_aside(job: Job) -> bool:
    """Stop telling of work of the initiative in scope that was given up."""
    mine = Job.objects.filter(pk=job.pk, initiative_id=current_initiative_id())
    done = mine.filter(state=JobState.DEAD).update(state=JobState.DONE, finished_at=timezone.now())
    return bool(done)


def given_up() -> Any:
    """What was given up in the initiative in scope, latest first."""
    mine = Job.objects.filter(initiative_id=current_initiative_id(), state=JobState.DEAD)
    return mine.order_by("-finished_at", "-id")


def wake(job_id: int) -> bool:
    """Nudge a worker; False if the broker does not answer, which the sweeper makes good.

    A broker that hangs costs a page a second, so for a while after that nobody asks it.
    """
    if time.monotonic() < _broker["asked_again_at"]:
        return False
    try:
        broker = current_app.connection_for_write(transport_options=IMPATIENT)
        with producers[broker].acquire(block=True) as producer:
            current_app.send_task(TASK, args=[job_id], expires=NUDGE_LASTS, producer=producer)
    except Exception:
        _broker["asked_again_at"] = time.monotonic() + BROKER_REST
        logger.exception("The broker did not take job %s; the sweeper will.", job_id)
        return False
    return True


def run(job_id: int) -> bool:
    """Claim a job, do it and mark it; whether it was ours to do and went well."""
    job = claim(job_id)
    if job is None:
        return False
    try:
        _do(job)
    except Exception as error:
        logger.exception("Job %s (%s) failed, attempt %s.", job.pk, job.kind, job.attempts)
        _put_off(job, error)
        return False
    return _conclude(job, state=JobState.DONE, last_error="", finished_at=timezone.now())


def claim(job_id: int) -> Job | None:
    """Take a job that is due, for the length of a lease; None if it is not to be had.

    A row that a writer or another worker holds is passed over: whoever holds it nudges again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE initiatives_job SET"
            " state = CASE WHEN attempts < %(most)s THEN 'running' ELSE 'dead' END,"
            " attempts = least(attempts + 1, %(most)s),"
            " lease_until = clock_timestamp() + make_interval(secs => %(lease)s),"
            " finished_at = CASE WHEN attempts < %(most)s THEN NULL ELSE clock_timestamp() END"
            " WHERE id = (SELECT id FROM initiatives_job WHERE id = %(id)s"
            "  AND ((state = 'queued' AND not_before <= clock_timestamp())"
            "   OR (state = 'running' AND lease_until < clock_timestamp()))"
            "  FOR UPDATE SKIP LOCKED)"
            " RETURNING state",
            {"id": job_id, "most": ATTEMPTS, "lease": LEASE.total_seconds()},
        )
        found = cursor.fetchone()
    if found is None:
        return None
    job = Job.objects.get(pk=job_id)
    if found[0] == JobState.DEAD:
        logger.error("Job %s (%s) is given up: %s", job.pk, job.kind, job.last_error)
        return None
    return job


def _do(job: Job) -> None:
    handler = _handlers.get(job.kind)
    if handler is None:
        raise LookupError(f"Nothing handles jobs of the kind {job.kind!r}.")
    if handler.in_scope:
        steadily(lambda: _in_scope(handler, job))
    else:
        handler.work(initiative_id=job.initiative_id, **job.args)


def _in_scope(handler: Handler, job: Job) -> None:
    with scope(job.initiative_id), clock.set_here():
        handler.work(**job.args)


def _put_off(job: Job, error: Exception) -> None:
    """Let a failed job rest under its lease, or give it up.

    It does not go back to the queue: a newer one of the same key may stand there.
    """
    said = f"{type(error).__name__}: {error}"[:500]
    if job.attempts < ATTEMPTS:
        pause = FIRST_PAUSE * 2 ** (job.attempts - 1)
        _conclude(job, lease_until=timezone.now() + pause, last_error=said)
        return
    _conclude(job, state=JobState.DEAD, last_error=said, finished_at=timezone.now())
    logger.error("Job %s (%s) is given up.", job.pk, job.kind)


def _conclude(job: Job, **changes: Any) -> bool:
    """Write the end of a run, unless the lease ran out and somebody else runs it now."""
    ours = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, attempts=job.attempts)
    return ours.update(**changes) == 1


def sweep() -> int:
    """Wake every job that is due or whose lease ran out, forget old ones; how many were woken."""
    with transaction.atomic():
        if not take_turn("sweep_jobs"):
            return 0
        now = timezone.now()
        due = Job.objects.filter(
            Q(state=JobState.QUEUED, not_before__lte=now)
            | Q(state=JobState.RUNNING, lease_until__lt=now)
        )
        ids = list(due.order_by("not_before", "id").values_list("id", flat=True)[:PER_SWEEP])
        Job.objects.filter(state=JobState.DONE, finished_at__lt=now - KEPT).delete()
    for count, job_id in enumerate(ids):
        if not wake(job_id):
            return count  # the broker is away: the next sweep tries again
    return len(ids)


def take_turn(tick: str, initiative_id: int = 0) -> bool:
    """Whether this transaction may do a tick's work now; False while another one does it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtext(%s), hashint8(%s))", [tick, initiative_id]
        )
        return bool(cursor.fetchone()[0])


def in_each_initiative(tick: str, work: Callable[[], object]) -> int:
    """Do a tick's work in the scope of every initiative, each in its own transaction.

    One that fails is logged and does not keep the others from theirs. Returns how many went well.
    """
    done = 0
    for initiative in Initiative.objects.order_by("id"):
        try:
            with scope(initiative.pk), clock.set_here():
                if take_turn(tick, initiative.pk):
                    work()
                    done += 1
        except Exception:
            logger.exception("%s failed in initiative %s.", tick, initiative.pk)
    return done

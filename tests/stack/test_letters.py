"""Reminders arrive once, whatever falls: clocks, senders, the mail server, the meeting's own hour.

Tried against a broken copy: over Django's own line to the mail server, which does not know what
was handed over, a line lost early counts as doubt and the letter is given up.
"""

import os
import signal
import time

import psycopg
import pytest

from tests.stack import postbox
from tests.stack.postbox import Postbox
from tests.stack.product import Product
from tests.waiting import until

pytestmark = pytest.mark.slow

SEATS = 30
PATIENCE = 30  # seconds for the answer to a whole letter, and 1 for any other
STILL = 25  # seconds that a sender may stand still
SETUP = """
from datetime import timedelta
from django.utils import timezone
from initiatives.models import Initiative, Organization
from initiatives.permissions import Role
from initiatives.tenancy import scope
from meetings.services.bodies import add_seats, create_body
from meetings.models import MeetingSeries
from tests.meetings.conftest import member

initiative = Initiative.objects.create(slug="{slug}", name="Letters")
with scope(initiative.pk):
    backbone = Organization.here(code="bb{slug}", name="Backbone", kind="backbone", state="active")
    backbone.save()
    manager = member(backbone, Role.PROJECT_MANAGER, "pat")
    partners = []
    for number in range({seats}):
        row = Organization.here(
            code=f"{slug}{{number}}", name=f"Partner {{number}}", state="active")
        row.save()
        partners.append(row)
        member(row, Role.PARTNER_LEAD, "lead")
    body = create_body(actor=manager, name="Steering")
    add_seats(actor=manager, body=body, organizations=partners)
    begins = timezone.now() + timedelta(hours=20)
    # Of the series itself no invitations are written here: reminders are what is counted.
    MeetingSeries.here(body=body, name="Steering", starts_on=begins.date(),
        starts_at=begins.time().replace(second=0, microsecond=0), minutes=60, time_zone="UTC").save()
"""
MOVE = """
from datetime import datetime, timedelta
from initiatives.models import Initiative, Membership
from initiatives.tenancy import scope
from meetings.models import MeetingSeries
from meetings.services.series import move_meeting, open_meeting
with scope(Initiative.objects.get(slug="{slug}").pk):
    manager = Membership.objects.get(roles__contains=["project_manager"])
    series = MeetingSeries.objects.get()
    meeting = open_meeting(actor=manager, series=series, day=series.starts_on)
    at = datetime.combine(meeting.local_date, meeting.local_time) + timedelta(hours=1)
    move_meeting(actor=manager, meeting=meeting, version=meeting.version,
        local_date=at.date(), local_time=at.time())
"""
MINE = "SELECT {what} FROM initiatives_notice WHERE kind = 'meeting_reminder' AND recipient LIKE %s"
BLOCKED = """
SELECT EXISTS (
    SELECT FROM pg_stat_activity
    WHERE usename = 'app_web' AND wait_event_type = 'Lock' AND query LIKE '%initiatives_notice%'
)
"""


@pytest.fixture(scope="module")
def box():
    made = Postbox()
    yield made
    made.close()


@pytest.fixture(scope="module")
def product(box):
    made = Product(
        DEBUG="true",
        JOB_LEASE_SECONDS="5",
        SWEEP_SECONDS="1",
        LETTER_SECONDS="1",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=str(box.port),
        EMAIL_USE_TLS="false",
        EMAIL_TIMEOUT="1",
        EMAIL_PATIENCE=str(PATIENCE),
        WORKER_CONCURRENCY="3",
    )
    yield made
    made.stop()


@pytest.fixture
def slug(request):
    return request.node.name.split("_")[1] + str(time.time_ns())[-6:]


class Letters:
    """The reminders of one initiative: what the database says of them, and the postbox."""

    def __init__(self, product, box, slug):
        self.product, self.box, self.slug = product, box, slug
        self.pattern = f"lead@{slug}%"
        self.everyone = {f"lead@{slug}{number}.test" for number in range(SEATS)}

    def begin(self):
        self.product.manage("shell", "-c", SETUP.format(slug=self.slug, seats=SEATS))

    def move(self):
        self.product.manage("shell", "-c", MOVE.format(slug=self.slug))

    def to(self, number):
        return f"lead@{self.slug}{number}.test"

    def count(self, state):
        query = MINE.format(what="count(*)") + " AND state = %s"
        return self.product.one(query, self.pattern, state)

    def until(self, state, number):
        query = MINE.format(what=f"count(*) = {number}") + " AND state = %s"
        self.product.until(query, self.pattern, state)

    def until_sent(self, number):
        """Until so many are; who was answered too late by a slow machine tries again at once."""

        def is_so():
            self.time_passes("waiting")
            return self.count("sent") == number

        until(is_so, lambda: f"{number} sent:\n{self.product.words}", every=0.5)

    def until_quiet(self):
        """Until nothing is due, and nobody can be sending: who sends has a line to the postbox."""
        query = MINE.format(what=f"count(*) = {SEATS}") + (
            " AND NOT (state = 'waiting' AND not_before <= now())"
            f" AND NOT (state = 'sending' AND claimed_at > now() - interval '{STILL} s')"
        )
        until(
            lambda: self.product.one(query, self.pattern) and not self.box.lines,
            lambda: f"quiet:\n{self.product.words}",
            every=0.2,
        )

    def until_in_doubt(self, **copies):
        """Until those alone are being sent of which nobody knows whether they arrived.

        :param copies: how many each of them has in the postbox, e.g. ``_3=1``; then nobody has
            a line any more, for they were lost once taken, or given up.
        """
        doubtful = {self.to(int(name[1:])): number for name, number in copies.items()}

        def is_so():
            self.time_passes("waiting")
            found = self.copies_of("sending") == doubtful and self.count("waiting") == 0
            return found and not self.box.lines

        until(is_so, lambda: f"{doubtful} alone in doubt:\n{self.product.words}", every=0.5)

    def time_passes(self, *states):
        """A quarter of an hour, for what waits to be tried again or is in doubt."""
        with self.product.checkout.database() as connection:
            connection.execute(
                "UPDATE initiatives_notice SET not_before = not_before - interval '15 min',"
                " claimed_at = claimed_at - interval '15 min'"
                " WHERE recipient LIKE %s AND state = ANY(%s)",
                [self.pattern, list(states)],
            )

    def assert_copies(self, expected=1, **others):
        """``others``: of the recipient with that number, e.g. ``_3=2``."""
        wanted = dict.fromkeys(self.everyone, expected)
        wanted |= {self.to(int(name[1:])): number for name, number in others.items()}
        assert self.copies() == wanted

    def copies(self):
        """How often everyone has their reminder; a copy is known by its Message-ID."""
        found = self.copies_of("waiting", "sending", "sent", "failed")
        assert len(found) == SEATS
        return found

    def copies_of(self, *states):
        """The same of the reminders that stand so."""
        with self.product.checkout.database() as connection:
            rows = connection.execute(
                "SELECT recipient, id FROM initiatives_notice WHERE kind = 'meeting_reminder'"
                " AND state = ANY(%s) AND recipient LIKE %s",
                [list(states), self.pattern],
            ).fetchall()
        ids = self.box.ids()
        return {to: ids[f"<notice-{number}@localhost>"] for to, number in rows}


@pytest.fixture
def letters(product, box, slug):
    return Letters(product, box, slug)


def kill_senders(product):
    for pid in product.children(product.program("worker")):
        os.kill(pid, signal.SIGKILL)


def test_f10_two_clocks_and_three_senders_remind_once(product, box, letters):
    """The mail server is down at first; the meeting is moved while its reminders wait."""
    beat = product.checkout.popen(
        *("-m", "celery", "--quiet", "-A", "config", "beat", "--pidfile="),
        *("--schedule", str(product.checkout.var / "second-beat")),
        env=product.environment,
    )
    try:
        letters.begin()
        letters.until("waiting", SEATS)
        letters.move()
        letters.until("cancelled", SEATS)
        letters.until("waiting", SEATS)
        assert box.letters == []
        box.open()
        letters.until_sent(SEATS)
        until(lambda: len(box.letters) >= 2 * SEATS, "all told of the move")
        time.sleep(2)  # of both clocks' ticks, with nothing left to do
    finally:
        beat.kill()
        beat.communicate()
    letters.assert_copies(1)
    # Besides, everyone is told of the move; of the old hour nobody is reminded.
    assert len(box.letters) == 2 * SEATS
    assert set(box.ids().values()) == {1}


def test_f11_a_mail_server_that_refuses_hangs_and_drops(product, box, letters):
    steps = [
        [postbox.BUSY],
        [postbox.FULL, postbox.FULL],
        [postbox.CLOSING],  # and whoever comes next meets a closed line
        [postbox.LOST_BEFORE] * 4,
        [postbox.LOST_AFTER],
        [{**postbox.TAKE, "wait": 2.0}],  # longer than any other answer may take
        [{**postbox.TAKE, **postbox.UNTIL_GONE}],  # taken, and said too late
        [{"at": "RCPT", "then": "250 Fine", **postbox.UNTIL_GONE}],  # hangs early
        [postbox.UNKNOWN],
        [postbox.LOST_AFTER, postbox.LOST_AFTER],
    ]
    for number, some in enumerate(steps):
        box.plan(letters.to(number), *some)
    letters.begin()
    letters.until_in_doubt(_4=1, _6=1, _9=1)
    letters.time_passes("sending")
    letters.until_in_doubt(_9=2)
    letters.time_passes("sending")
    letters.until_sent(SEATS - 2)
    letters.until("failed", 2)
    letters.assert_copies(1, _4=2, _6=2, _8=0, _9=2)


def test_f12_senders_killed_at_every_moment_lose_nothing(product, box, letters):
    killed = {
        0: {"at": "RCPT", "then": ""},  # before the letter is handed over
        1: {"then": "", "is_kept": True},  # before the answer
        2: {**postbox.TAKE},  # between the answer and the commit
        3: {"at": "DATA", "then": ""},
        4: {**postbox.TAKE, "wait": 0.02},  # wherever it is by now
    }
    for number, step in killed.items():
        box.plan(letters.to(number), {**step, "when": lambda: kill_senders(product)})
    lock = psycopg.connect(product.checkout.url())

    def hold():
        lock.execute(
            "SELECT FROM initiatives_notice WHERE recipient = %s FOR UPDATE", [letters.to(2)]
        )

    box.plan(letters.to(2), {**postbox.TAKE, "when": hold})
    letters.begin()
    product.until(BLOCKED)
    assert letters.copies()[letters.to(2)] == 1
    kill_senders(product)
    lock.close()
    letters.until_quiet()
    doubtful = letters.count("sending")
    assert 4 <= doubtful <= 3 * len(killed)
    letters.time_passes("waiting", "sending")
    letters.until_sent(SEATS)
    copies = letters.copies()
    assert set(copies.values()) <= {1, 2}
    assert 2 <= sum(copies.values()) - SEATS <= doubtful
    assert copies[letters.to(0)] == copies[letters.to(3)] == 1
    assert copies[letters.to(1)] == copies[letters.to(2)] == 2

"""F12 at its size: senders killed again and again over thousands of letters lose none.

The suite runs a small one. The full one, as docs/letters.md quotes it:

    F12_LETTERS=3000 F12_KILLS=100 .venv/bin/python -m pytest -n0 -s tests/stack/test_letters_at_size.py
"""

import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.stack.postbox import Postbox
from tests.stack.product import Product

pytestmark = pytest.mark.slow

LETTERS = int(os.environ.get("F12_LETTERS", "60"))
KILLS = int(os.environ.get("F12_KILLS", "4"))
MINUTES = 5 + KILLS / 4
SETUP = """
from initiatives.jobs import enqueue
from initiatives.models import Initiative, Notice, Organization
from initiatives.tenancy import scope

initiative = Initiative.objects.create(slug="many", name="Many letters")
with scope(initiative.pk):
    about = Organization.here(code="about", name="About")
    about.save()
    Notice.objects.bulk_create(
        Notice.here(kind="invitation", subject_type="initiatives.organization",
            subject_id=about.pk, occasion="once", recipient=f"r{{number}}@many.test",
            context={{"url": "http://localhost/"}})
        for number in range({letters})
    )
    enqueue("send_notices")
"""
STATES = "SELECT count(*) FROM initiatives_notice WHERE state = %s"
DUE = (
    "SELECT EXISTS (SELECT FROM initiatives_notice WHERE state = 'waiting')"
    " OR EXISTS (SELECT FROM initiatives_notice"
    "  WHERE state = 'sending' AND claimed_at > now() - interval '25 s')"  # and may stand still
)
AGED = (
    "UPDATE initiatives_notice SET claimed_at = claimed_at - interval '15 min'"
    " WHERE state = 'sending'"
)


@pytest.fixture
def box():
    made = Postbox()
    yield made
    made.close()


@pytest.fixture
def product(box):
    made = Product(
        DEBUG="true",
        JOB_LEASE_SECONDS="3",
        SWEEP_SECONDS="1",
        LETTER_SECONDS="1",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=str(box.port),
        EMAIL_USE_TLS="false",
        EMAIL_TIMEOUT="30",
        EMAIL_PATIENCE="30",
        WORKER_CONCURRENCY="2",
    )
    yield made
    made.stop()


def senders(product, port):
    """The worker's processes that hold a line to the mail server now."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    to_server = {
        f"socket:[{line.split()[9]}]" for line in lines if line.split()[2].endswith(f":{port:04X}")
    }
    found = []
    for pid in product.children(product.program("worker")):
        try:
            held = {str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir()}
        except OSError:
            continue
        if held & to_server:
            found.append(pid)
    return found


def test_f12_senders_killed_at_any_moment_lose_no_letter(product, box):
    dice, killed, began = random.Random(12), 0, time.monotonic()  # noqa: S311 - no secret
    product.manage("shell", "-c", SETUP.format(letters=LETTERS))
    box.open()
    while killed < KILLS:
        assert time.monotonic() - began < MINUTES * 60, product.words
        # Spread over all letters: the next kill comes when its share of them has left.
        if len(box.letters) < LETTERS * killed // (KILLS + 1) or not (
            busy := senders(product, box.port)
        ):
            time.sleep(0.005)
            continue
        time.sleep(dice.uniform(0, 0.05))  # anywhere between two letters
        for pid in busy[: KILLS - killed]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            killed += 1
    for _again in range(3):
        deadline = time.monotonic() + MINUTES * 60
        while box.lines or product.one(DUE):
            assert time.monotonic() < deadline, product.words
            time.sleep(0.2)
        if product.one(STATES, "sent") == LETTERS:
            break
        with product.checkout.database() as connection:
            connection.execute(AGED)
    product.until(STATES.replace("count(*)", f"count(*) = {LETTERS}"), "sent")
    copies = Counter(to for to, _letter in box.letters)
    missing = {f"r{number}@many.test" for number in range(LETTERS)} - set(copies)
    twice = sum(copies.values()) - len(copies)
    print(  # noqa: T201 - what docs/letters.md quotes
        f"{LETTERS} letters, {killed} senders killed: {len(missing)} missing,"
        f" {twice} a second time, {time.monotonic() - began:.0f} s"
    )
    assert not missing
    assert twice <= killed
    assert set(box.ids().values()) <= {1, 2}

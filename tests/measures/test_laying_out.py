"""A round that opens has its forms at once, and the pages say how it goes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from initiatives import jobs
from initiatives.models import Job
from measures.models import Indicator, Round, Submission
from tests.measures.test_setup_pages import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    return World()


def waiting(world):
    with world.scope():
        rows = Job.objects.filter(kind="measures.advance_rounds", state="queued")
        return list(rows.values_list("pk", flat=True))


def work(world):
    for pk in waiting(world):
        assert jobs.run(pk)


def open_now(world, **more):
    today = timezone.localdate()
    dates = {"opens_on": today.isoformat(), "due_on": (today + timedelta(9)).isoformat()}
    return world.post("rounds", period=world.period().pk, **(dates | more))


def test_forms_are_laid_out_right_after_the_round_is_opened(world):
    world.agreed()
    work(world)
    assert open_now(world).status_code == 302
    assert len(waiting(world)) == 1
    work(world)
    with world.scope():
        assert Submission.objects.count() == 2


def test_the_pages_say_that_forms_come_and_ask_again_by_themselves(world):
    world.agreed()
    work(world)
    page = world.client.post(
        world.url("rounds"),
        {
            "period": world.period().pk,
            "opens_on": timezone.localdate().isoformat(),
            "due_on": (timezone.localdate() + timedelta(9)).isoformat(),
        },
        follow=True,
    ).content.decode()
    assert "Who is asked gets a form now, and whoever reports a letter" in page
    assert "forms are being made ready" in page
    assert 'hx-trigger="every 2s"' in page
    desk = world.get("collection").content.decode()
    assert "It takes a moment." in desk
    assert 'hx-trigger="every 2s"' in desk
    assert "Look again" in desk
    work(world)
    for name in ("rounds", "collection"):
        shown = world.get(name).content.decode()
        assert "made ready" not in shown
        assert 'hx-trigger="every 2s"' not in shown
    assert "Library" in world.get("collection").content.decode()


def test_a_round_in_which_nobody_is_asked_says_so_and_does_not_wait(world):
    pk = world.draft()
    world.post("indicator_state", pk, state="agreed")
    open_now(world)
    desk = world.get("collection").content.decode()
    assert "Nobody is asked for numbers in this round" in desk
    assert 'hx-trigger="every 2s"' not in desk
    assert "nobody is asked" in world.get("rounds").content.decode()


def test_a_round_to_come_waits_for_its_day(world):
    world.agreed()
    work(world)
    later = (timezone.localdate() + timedelta(5)).isoformat()
    open_now(world, opens_on=later)
    assert waiting(world) == []
    assert "being made ready" not in world.get("collection").content.decode()
    with world.scope():
        pk = Round.objects.get().pk
    form = world.get("round_setup", pk).context["form"]
    dates = {name: form[name].value() or "" for name in ("due_on", "version", "closes_on")}
    sent = world.post("round_setup", pk, opens_on=timezone.localdate().isoformat(), **dates)
    assert sent.status_code == 302
    assert len(waiting(world)) == 1


def test_who_is_asked_while_a_round_is_open_gets_a_form_soon(world):
    world.agreed()
    open_now(world)
    work(world)
    pk = world.draft(name="Places")
    world.post("assignment_new", pk, who="partners")
    world.post("indicator_state", pk, state="agreed")
    assert len(waiting(world)) == 1
    with world.scope():
        Indicator.objects.filter(pk=pk).update(name="Seats")
    assert "being made ready" not in world.get("collection").content.decode()  # all have a form

"""C10 on every form: what a facilitator of single series may send ends with its days, also where
they still see the page because their organization sits in the body.
"""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from initiatives.models import Act
from meetings.models import Facilitation, Minutes
from meetings.services import minutes as write
from meetings.services.actions import assign_action
from meetings.services.bodies import add_seats
from meetings.services.running import end_meeting
from tests.meetings.held import framed, running

pytestmark = pytest.mark.django_db(transaction=True)

# What anybody with a seat may send; everything else is whose it was given.
OF_A_SEAT = {"come", "leave", "come_for", "leave_for", "note", "strike", "respond", "interest"}
OF_A_SEAT |= {"correct", "confirm"}


@pytest.fixture
def runs(guest):
    """``guest`` with a ``meeting`` that runs, a ``decision`` and an ``action`` of it."""
    with guest.scope():
        guest.meeting = running(guest, *guest.leads, items=["Budget"])
        guest.decision = framed(guest, guest.meeting)
        guest.action = assign_action(
            actor=guest.facilitator,
            body=guest.body,
            meeting=guest.meeting,
            text="Count the chairs",
            organization=guest.leads[0].organization,
            due_on=timezone.localdate() + timedelta(days=9),
        )
    return guest


def pages(meets):
    slug = meets.initiative.slug
    return {
        "running": reverse("meetings:running", args=[slug, meets.meeting.pk]),
        "decision": reverse("meetings:decision", args=[slug, meets.decision.pk]),
        "action": reverse("meetings:action", args=[slug, meets.action.pk]),
        "minutes": reverse("meetings:minutes", args=[slug, meets.meeting.pk]),
    }


def forms_of(client, path):
    """The forms of a page by name, and what each would send untouched."""
    forms = client.get(path).context["forms"]
    return {
        name: {form.add_prefix(at): form[at].value() or "" for at in form.fields}
        for name, form in forms.items()
    }


def sat(meets):
    add_seats(actor=meets.manager, body=meets.body, organizations=[meets.eve.organization])


def over(meets):
    Facilitation.objects.update(ends_on=timezone.localdate())


def acts(meets):
    with meets.scope():
        return Act.objects.count()


def test_in_her_days_she_has_the_forms(client, runs):
    client.force_login(runs.eve.user)
    found = pages(runs)
    assert {"end", "next", "turn", "finish"} <= forms_of(client, found["running"]).keys()
    assert {"decide", "evidence", "said"} <= forms_of(client, found["decision"]).keys()


@pytest.mark.parametrize("seated", [False, True])
def test_after_her_days_nothing_she_had_is_taken(client, runs, seated):
    client.force_login(runs.eve.user)
    had = {name: forms_of(client, path) for name, path in pages(runs).items()}
    with runs.scope():
        over(runs)
        if seated:
            sat(runs)
    before = acts(runs)
    for name, path in pages(runs).items():
        assert client.get(path).status_code == (200 if seated else 404), name
        for action, sent in had[name].items():
            if seated and action in OF_A_SEAT:
                continue
            answer = client.post(path, sent | {"action": action})
            assert answer.status_code in {403, 404, 422}, (name, action)
        if seated:
            assert forms_of(client, path).keys() <= OF_A_SEAT, name
    assert acts(runs) == before


@pytest.mark.parametrize("seated", [False, True])
def test_after_her_days_minutes_are_not_hers(client, runs, seated):
    with runs.scope():
        end_meeting(actor=runs.facilitator, meeting=runs.meeting)
    client.force_login(runs.eve.user)
    path = pages(runs)["minutes"]
    had = forms_of(client, path)
    assert "draft" in had
    with runs.scope():
        runs.meeting.refresh_from_db()
        write.draft_minutes(actor=runs.facilitator, meeting=runs.meeting)
    had |= forms_of(client, path)
    with runs.scope():
        found = Minutes.objects.get(meeting=runs.meeting)
        write.circulate_minutes(actor=runs.facilitator, minutes=found)
    had |= forms_of(client, path)
    assert {"draft", "summary", "circulate", "approve", "answer"} <= had.keys()
    with runs.scope():
        over(runs)
        if seated:
            sat(runs)
    before = acts(runs)
    for action, sent in had.items():
        if action in OF_A_SEAT:
            continue
        answer = client.post(path, sent | {"action": action})
        assert answer.status_code in {403, 404, 422}, action
    assert acts(runs) == before
    if seated:
        assert forms_of(client, path).keys() <= OF_A_SEAT


def test_after_her_days_she_types_no_note_and_hears_nothing_of_the_room(client, runs):
    client.force_login(runs.eve.user)
    path = reverse("meetings:notes", args=["meets", runs.meeting.pk])
    assert client.get(path).status_code == 200
    with runs.scope():
        over(runs)
    assert client.get(path).status_code == 404
    sent = {"action": "note", "key": "11111111-1111-4111-8111-111111111111", "text": "Still here"}
    assert client.post(path, sent).status_code == 404

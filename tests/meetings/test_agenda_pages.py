"""What an agenda's pages say before something is done to it."""

import pytest
from django.urls import reverse

from meetings.choices import ItemState
from meetings.models import AgendaItem
from meetings.selectors.agendas import digest_of
from meetings.services.agendas import answer_agenda
from tests.meetings.held import opened, scheduled

pytestmark = pytest.mark.django_db(transaction=True)
ITEM = {"title": "Vans", "purpose": "discuss", "minutes": 5}


def test_who_sets_the_agenda_puts_an_item_on_it_in_one_step(client, meets):
    with meets.scope():
        meeting = opened(meets)
    page = reverse("meetings:item_propose", args=[meets.initiative.slug, meeting.pk])
    for person, state, said in (
        (meets.facilitator, ItemState.SCHEDULED, "It is on the agenda."),
        (meets.leads[0], ItemState.PROPOSED, "Proposed. Whoever sets the agenda"),
    ):
        client.force_login(person.user)
        answer = client.post(page, ITEM | {"title": person.user.name}, follow=True)
        assert said in answer.content.decode()
        with meets.scope():
            assert AgendaItem.objects.get(title=person.user.name).state == state


def test_before_an_item_is_put_on_an_agreed_agenda_it_is_said_what_that_undoes(client, meets):
    with meets.scope():
        meeting = opened(meets)
        scheduled(meets, meeting)
        said = {"kind": "agree", "digest": digest_of(meeting)}
        for lead, seat in zip(meets.leads[:2], meets.seats(), strict=False):
            answer_agenda(actor=lead, meeting=meeting, seat=seat, **said)
    page = reverse("meetings:item_propose", args=[meets.initiative.slug, meeting.pk])
    client.force_login(meets.facilitator.user)
    assert "2 organizations agreed to the agenda as it is" in client.get(page).content.decode()
    client.force_login(meets.leads[0].user)
    assert "agreed to the agenda as it is" not in client.get(page).content.decode()


@pytest.mark.parametrize("version", ["9" * 5_000, "²", "-1", "", "x"])
def test_an_odd_version_is_an_old_one(client, meets, version):
    with meets.scope():
        item = scheduled(meets, opened(meets))
    client.force_login(meets.facilitator.user)
    page = reverse("meetings:item", args=[meets.initiative.slug, item.pk])
    assert client.post(page, ITEM | {"version": version}).status_code == 422

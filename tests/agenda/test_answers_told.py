"""After an answer the page says what it did: the last one ends a ratification."""

import pytest

from agenda.models import AgendaVersion
from agenda.services import parties
from tests.agenda.ratifying import ASIDE, NO, World, answer, key_of, on_behalf, ratified
from tests.agenda.test_ratification_pages import address, form_of, run_jobs, text_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    return World()


def opened(world, *answers, **options):
    with world.inside():
        agenda = world.opened(**options)
        for lead, exceptions in answers:
            answer(lead, agenda, **exceptions)
        return agenda


def send(client, world, agenda, lead, **exceptions):
    """Answer as a browser does; what the next page says."""
    client.force_login(lead.user)
    url = address("ratification_respond", agenda.pk)
    form = form_of(client.get(url))
    with world.inside():
        for kind, (stance, reason) in exceptions.items():
            key = key_of(agenda, kind)
            form |= {f"stance-{key}": stance, f"reason-{key}": reason}
    page = client.post(url, form)
    assert page.status_code == 302, text_of(page)
    return text_of(client.get(page["Location"]))


def change_of(agenda):
    return f'<a href="{address("ratification_respond", agenda.pk)}">Change it</a>'


def test_an_answer_among_others_says_who_is_waited_for(client, world):
    agenda = opened(world)
    page = send(client, world, agenda, world.leads[0])
    assert "Your answer is in. 2 organizations have not answered yet; the close is on" in page
    assert change_of(agenda) in page
    assert "One organization has not answered yet" in send(client, world, agenda, world.leads[1])


def test_the_last_answer_says_that_the_agenda_is_ratified(client, world):
    first, second, last = world.leads
    agenda = opened(world, (first, {}), (second, {}))
    page = send(client, world, agenda, last)
    assert "Yours was the last answer, and everyone agreed" in page
    assert "the close is on" not in page
    assert change_of(agenda) not in page
    run_jobs()
    with world.inside():
        assert AgendaVersion.objects.get(pk=agenda.pk).state == "ratified"


@pytest.mark.parametrize(
    "exceptions", [{"action": NO}, {"primary_goal": ASIDE}], ids=["objection", "standing aside"]
)
def test_the_last_answer_says_that_it_comes_back_if_nothing_changes(client, world, exceptions):
    first, second, last = world.leads
    agenda = opened(world, (first, {}), (second, exceptions))
    page = send(client, world, agenda, last)
    assert "Yours was the last answer. It is not ratified as answers stand now" in page
    assert change_of(agenda) in page


def test_the_last_answer_waits_for_one_that_can_be_contested(client, world):
    first, second, last = world.leads
    agenda = opened(world, (first, {}))
    with world.inside():
        on_behalf(world, second, agenda)
    assert "cannot be contested any more" in send(client, world, agenda, last)


def test_a_joiner_hears_whether_it_acceded(client, world):
    with world.inside():
        agenda = ratified(world)
        yes, no = world.join("library"), world.join("clinic")
        parties.admit_joiners()
    assert "You acceded" in send(client, world, agenda, yes)
    page = send(client, world, agenda, no, action=NO)
    assert "You are not a party yet" in page
    assert change_of(agenda) in page

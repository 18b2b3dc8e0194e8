"""A number that may be two is asked about, and one press says which."""

import re

import pytest
from django.urls import reverse

from initiatives.tenancy import scope
from measures.forms.amounts import read_amount, readings_of
from measures.models import Entry, Indicator
from tests.measures.test_submissions import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    return World()


def address(world):
    return reverse("measures:submission", args=["here", world.submission.pk])


def buttons(page):
    return re.findall(r'name="means" value="([^"]+)"', page)


@pytest.mark.parametrize(("which", "value"), [(0, "1234"), (1, "1.234")])
def test_one_press_says_which_number_is_meant(client, world, which, value):
    client.force_login(world.reporter.user)
    name = f"{world.count.pk}-0"
    asked = client.post(address(world), {"version": "1", name: "1,234", "action": "submit"})
    page = asked.content.decode()
    assert asked.status_code == 422
    assert "Did you mean 1234 or 1.234?" in page
    assert "Write 1234 for the first, and 1.2340, with a 0 more, for the other." in page
    assert buttons(page) == [f"{name}=1234", f"{name}=1.2340"]
    said = {"version": "1", name: "1,234", "means": buttons(page)[which]}
    assert client.post(address(world), said).status_code == 302
    with scope(world.initiative.pk):
        assert str(Entry.objects.get().value.normalize()) == value


def test_the_second_number_of_a_pair_is_asked_about_by_itself(client, world):
    client.force_login(world.reporter.user)
    top, bottom = f"{world.ratio.pk}-0", f"{world.ratio.pk}-0-of"
    typed = {"version": "1", top: "12", bottom: "1.500"}
    page = client.post(address(world), typed).content.decode()
    assert buttons(page) == [f"{bottom}=1500", f"{bottom}=1.5"]
    assert "Did you mean 1500 or 1.5?" in page
    assert client.post(address(world), typed | {"means": f"{bottom}=1500"}).status_code == 302
    with scope(world.initiative.pk):
        assert Entry.objects.get().denominator == 1500


@pytest.mark.parametrize(
    "odd", ["", "=", "nothing=5", "version=99", "=7", "x" * 5000, "\x00=1", "action=submit"]
)
def test_an_odd_answer_changes_nothing_else(client, world, odd):
    client.force_login(world.reporter.user)
    name = f"{world.count.pk}-0"
    sent = client.post(address(world), {"version": "1", name: "1,234", "means": odd})
    assert sent.status_code in {409, 422}
    assert 'value="1,234"' in sent.content.decode()
    with scope(world.initiative.pk):
        assert not Entry.objects.exists()


def test_saving_while_typing_offers_both_too(client, world):
    client.force_login(world.reporter.user)
    typed = {"version": "1", f"{world.count.pk}-0": "1,234", "action": "save"}
    part = client.post(address(world), typed, headers={"HX-Request": "true"}).content.decode()
    assert len(buttons(part)) == 2


def test_enter_presses_save_and_none_of_the_answers(client, world):
    client.force_login(world.reporter.user)
    typed = {"version": "1", f"{world.count.pk}-0": "1,234"}
    page = client.post(address(world), typed).content.decode()
    form = page[page.index('<form method="post" class="form stack gap-5') :]
    assert 'name="action" value="save"' in re.search(r"<button[^>]*>", form)[0]


def test_a_count_of_whole_numbers_is_not_asked_about(world):
    with scope(world.initiative.pk):
        whole = Indicator.objects.get(pk=world.count.pk)
        whole.decimals = 0
        assert read_amount("1,234", whole)[0] == 1234


def test_what_is_no_number_has_no_readings():
    from django import forms

    with pytest.raises(forms.ValidationError) as caught:
        read_amount("about ten")
    assert readings_of(caught.value) == ()

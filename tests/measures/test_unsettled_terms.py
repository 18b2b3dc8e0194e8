"""A11 with measures: an indicator is agreed only in words that are agreed."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from agenda.models import GlossaryTerm
from agenda.services import glossary
from initiatives.models import Initiative
from measures.models import Indicator
from measures.services import setup
from measures.services.setup.terms import UnsettledTermsError
from tests.measures.test_load_initiative import DESCRIPTION, load
from tests.measures.test_setup_pages import World, edited

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    made = World()
    made.indicator_id = made.draft(name="Hot meals", definition="Warm meals given out.")
    return made


def term(world, label, *also):
    with world.scope():
        return glossary.propose_term(
            actor=world.manager, label=label, also=also, meaning="As we all say."
        )


def agree(world, word):
    with world.scope():
        word.refresh_from_db()
        glossary.agree_term(actor=world.manager, term=word, version=word.version)


def state(world):
    with world.scope():
        return Indicator.objects.get(pk=world.indicator_id).state


def test_a11_an_indicator_is_agreed_only_when_all_its_terms_are(world):
    meal, warm = term(world, "hot meal", "hot meals"), term(world, "warm")
    agree(world, warm)

    refused = world.post("indicator_state", world.indicator_id, state="agreed")

    assert refused.status_code == 422
    assert state(world) == "draft"
    page = refused.content.decode()
    assert "not agreed yet: “hot meal”" in page
    assert f'href="/i/reading/agenda/glossary/{meal.pk}/"' in page
    assert "“warm”" not in page

    agree(world, meal)
    assert world.post("indicator_state", world.indicator_id, state="agreed").status_code == 302
    assert state(world) == "agreed"


def test_a11_the_page_says_so_before_anybody_tries(world):
    word = term(world, "warm meal", "warm meals")
    page = world.get("indicator_setup", world.indicator_id).content.decode()
    assert "A word it is said in is not agreed yet." in page
    assert f'href="/i/reading/agenda/glossary/{word.pk}/"' in page
    assert world.post("indicator_state", world.indicator_id, state="proposed").status_code == 302


def test_a11_a_term_that_was_given_up_is_a_word_like_any_other(world):
    word = term(world, "warm")
    with world.scope():
        glossary.move_term(actor=world.manager, term=word, to="deprecated")
    assert world.post("indicator_state", world.indicator_id, state="agreed").status_code == 302


def test_a11_a_shorter_term_within_an_agreed_longer_one_is_not_meant(world):
    term(world, "warm")
    agree(world, term(world, "warm meals"))
    assert world.post("indicator_state", world.indicator_id, state="agreed").status_code == 302


def test_a11_what_is_agreed_is_said_anew_only_in_agreed_words(world):
    assert world.post("indicator_state", world.indicator_id, state="agreed").status_code == 302
    word = term(world, "guest")
    with world.scope():
        found = Indicator.objects.get(pk=world.indicator_id)
        before = found.versions.count()

    new = {"effective_from": "2026-01-01", "definition": "Meals for a guest."}
    refused = world.post("definition_new", world.indicator_id, **new)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "Meals for a guest." in page
    assert f'href="/i/reading/agenda/glossary/{word.pk}/"' in page
    with world.scope():
        assert found.versions.count() == before

    refused = edited(world, world.indicator_id, name="Meals per guest")
    assert refused.status_code == 422
    assert f'href="/i/reading/agenda/glossary/{word.pk}/"' in refused.content.decode()
    with world.scope():
        assert Indicator.objects.get(pk=world.indicator_id).name == "Hot meals"

    agree(world, word)
    assert world.post("definition_new", world.indicator_id, **new).status_code == 302


def test_a11_a_term_opened_again_leaves_the_indicator_and_is_told_on_its_page(world):
    word = term(world, "warm")
    agree(world, word)
    assert world.post("indicator_state", world.indicator_id, state="agreed").status_code == 302
    with world.scope():
        word.refresh_from_db()
        glossary.move_term(actor=world.manager, term=word, to="in_discussion")
    assert state(world) == "agreed"
    page = world.get("indicator_setup", world.indicator_id).content.decode()
    assert "A word it is said in is discussed again." in page
    assert world.post("indicator_state", world.indicator_id, state="retired").status_code == 302
    again = world.post("indicator_state", world.indicator_id, state="agreed")
    assert again.status_code == 422


def described(word_state):
    terms = [{"label": "offer", "also": ["offers"], "meaning": "A place.", "state": word_state}]
    indicator = {**DESCRIPTION["indicators"][0], "definition": "All offers made."}
    return {**DESCRIPTION, "terms": terms, "indicators": [indicator]}


@pytest.mark.parametrize("word_state", ["candidate", "in_discussion"])
def test_a11_a_description_with_terms_that_are_not_agreed_is_refused_as_a_whole(
    tmp_path, word_state
):
    with pytest.raises(CommandError, match="not agreed yet: “offer”"):
        load(tmp_path, described(word_state))
    assert not Initiative.objects.exists()


def test_a11_a_description_brings_its_agreed_terms_along(tmp_path, capsys):
    load(tmp_path, described("agreed"))
    call_command("dump_initiative", "reading")
    dumped = json.loads(capsys.readouterr().out)
    assert dumped["terms"] == [
        {"label": "offer", "also": ["offers"], "meaning": "A place.", "source": ""}
    ]


def test_two_terms_written_alike_in_a_description_are_refused(tmp_path):
    content = described("agreed")
    content["terms"].append({"label": "Offers", "meaning": "Something else."})
    with pytest.raises(CommandError, match="in the glossary already"):
        load(tmp_path, content)


def test_the_service_says_which_terms_without_a_page(world):
    word = term(world, "warm")
    with world.scope():
        found = Indicator.objects.get(pk=world.indicator_id)
        with pytest.raises(UnsettledTermsError) as refused:
            setup.change_state(actor=world.manager, indicator=found, state="agreed")
        assert isinstance(refused.value, ValidationError)
        assert refused.value.terms == [GlossaryTerm.objects.get(pk=word.pk)]

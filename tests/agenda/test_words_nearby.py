"""Where a term stands in a link or an option, what it means stands nearby."""

import re
from datetime import timedelta

import pytest
from django.template import Context, Engine
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from agenda.services import facets, glossary, listening
from agenda.services.differences import board
from initiatives.tenancy import scope
from tests import factories
from tests.agenda import people
from tests.agenda.ratifying import DOUBT, World as Ratifying, answer
from tests.agenda.test_listening import World
from tests.measures.test_setup_pages import World as Measuring

pytestmark = pytest.mark.django_db(transaction=True)
NEARBY = '<details class="fold words-here">'


def agree(actor, label, meaning="Who served."):
    term = glossary.propose_term(actor=actor, label=label, meaning=meaning)
    return glossary.agree_term(actor=actor, term=term, version=term.version)


def test_terms_in_options_and_links_have_their_meaning_nearby(client):
    world = World(2)
    with world.here():
        agree(world.facilitator, "veteran")
        round_ = listening.prepare_round(
            actor=world.facilitator,
            name="Every veteran",
            closes_at=timezone.now() + timedelta(days=3),
        )
        first = round_.facets.filter(kind="choices").first()
        facets.write_facet(
            actor=world.facilitator,
            round_=round_,
            facet=first,
            name=first.name,
            question="What should we reach?",
            kind="choices",
            choices=["A home for each veteran", "Work"],
        )
        listening.open_round(actor=world.facilitator, round_=round_)
        board.note_difference(
            actor=world.facilitator,
            kind="definition",
            title="Who is a veteran",
            sides=(board.Side("Anybody", ""), board.Side("Some", "")),
        )
    client.force_login(world.leads[0].user)
    slug = world.initiative.slug
    for name, args, number in (
        ("position", [round_.pk], 1),
        ("differences", [], 1),
        ("overview", [], 2),  # the name of the round, the title of the difference
    ):
        page = client.get(reverse(f"agenda:{name}", args=[slug, *args])).content.decode()
        assert page.count(NEARBY) == number, name
        assert page.count("<dd>Who served.</dd>") == number, name
    # In a heading a term is a button as anywhere.
    page = client.get(reverse("agenda:listening", args=[slug, round_.pk])).content.decode()
    assert 'class="meaning"' in page.split("</h1>")[0]


def test_a_doubt_that_leads_somewhere_explains_its_words(client):
    world = Ratifying(1)
    with world.inside():
        agree(world.pm, "reading room")
        agenda = world.opened()
        answer(world.leads[0], agenda, action=DOUBT)
    client.force_login(world.pm.user)
    page = client.get(reverse("agenda:ratification", args=["here", agenda.pk])).content.decode()
    assert page.count(NEARBY) == 1


def test_the_list_of_indicators_explains_the_words_in_their_names(client):
    world = Measuring()
    with world.scope():
        agree(world.manager, "meals", "Warm ones.")
    world.draft(name="Meals served")
    page = world.get("indicators").content.decode()
    assert page.count(NEARBY) == 1
    assert "<dd>Warm ones.</dd>" in page


def test_nothing_stands_where_no_term_does_and_texts_are_escaped():
    initiative = factories.initiative()
    with scope(initiative.pk):
        agree(people.backbone(), "veteran", "Who <served>.")
        source = (
            "{% load terms %}{% named_terms text %}{% words_here %}|"
            "{% named_terms plain %}{% words_here %}"
        )
        context = Context({"text": "<b>Veteran</b>", "plain": "Nobody"})
        context.request = RequestFactory().get("/")
        told = Engine.get_default().from_string(source).render(context)
    first, second = told.split("|")
    assert "&lt;b&gt;Veteran&lt;/b&gt;" in first
    assert "Who &lt;served&gt;." in first
    assert second.strip() == "Nobody"


def test_beneath_a_field_stand_the_agreed_words_of_its_text(client):
    world = Ratifying(1)
    with world.inside():
        agree(world.pm, "child", "Under twelve.")
        agenda = world.draft((("vision", "Every child reads."), ("problem", "A child, a <b>.")))
        agenda_id = agenda.pk
    client.force_login(world.pm.user)
    url = reverse("agenda:version_edit", args=["here", agenda_id])
    page = client.get(url).content.decode()
    assert page.count("Agreed words in it:") == 2
    assert page.count("Under twelve.") >= 2
    assert page.count("</textarea>") > 2  # blank fields have none beneath
    ids = re.findall(r'popovertarget="([^"]+)"', page)
    assert len(ids) == len(set(ids))

"""Agreed terms open their meaning on every page of the agenda where somebody reads them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from agenda.services import facets, glossary, listening
from agenda.services.differences import board
from tests.agenda.test_listening import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_terms_open_wherever_they_are_asked_about_and_talked_about(client):
    world = World(2)
    with world.here():
        term = glossary.propose_term(actor=world.facilitator, label="veteran", meaning="Served.")
        glossary.agree_term(actor=world.facilitator, term=term, version=term.version)
        round_ = listening.prepare_round(
            actor=world.facilitator, name="Second", closes_at=timezone.now() + timedelta(days=3)
        )
        first = round_.facets.first()
        facets.write_facet(
            actor=world.facilitator,
            round_=round_,
            facet=first,
            name=first.name,
            question="Who is a veteran?",
            hint="Any veteran you know.",
            kind="text",
        )
        listening.open_round(actor=world.facilitator, round_=round_)
        difference = board.note_difference(
            actor=world.facilitator,
            kind="definition",
            title="Who is a veteran",
            sides=(board.Side("Any veteran", ""), board.Side("Some", "")),
        )
        board.comment_difference(
            actor=world.facilitator,
            difference=difference,
            text="A veteran, see https://example.org/veteran now",
        )
    client.force_login(world.leads[0].user)
    slug = world.initiative.slug
    for name, args, times in (
        ("position", [round_.pk], 2),
        ("difference", [difference.pk], 3),
        ("differences", [], 1),
    ):
        page = client.get(reverse(f"agenda:{name}", args=[slug, *args])).content.decode()
        assert page.count('class="meaning"') >= times, name
    page = client.get(reverse("agenda:difference", args=[slug, difference.pk])).content.decode()
    assert 'href="https://example.org/veteran"' in page

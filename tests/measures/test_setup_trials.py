"""What first users stumbled over while laying out what is measured."""

from datetime import timedelta

import pytest
from django.utils import timezone

from measures.models import Assignment, IndicatorVersion, Round, Submission
from measures.selectors.submissions import indicators_asked
from measures.services.rounds import advance_rounds
from tests.measures.test_setup_pages import World, asked, edited, hand_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    return World()


def test_ticking_organizations_asks_only_these(world):
    pk = world.draft()
    page = world.get("assignment_new", pk).content.decode()
    assert "checked" not in page
    assert page.count(" selected") == page.count('value="" selected')
    assert world.post("assignment_new", pk, organizations=[world.library.pk]).status_code == 302
    assert asked(world) == ["Library"]


def test_who_says_two_things_or_nothing_is_asked_which(world):
    pk = world.draft()
    both = world.post("assignment_new", pk, who="partners", organizations=[world.library.pk])
    assert both.status_code == 422
    assert "untick them" in both.content.decode()
    assert world.post("assignment_new", pk).status_code == 422
    assert world.post("assignment_new", pk, who="sector").status_code == 422
    with world.scope():
        assert not Assignment.objects.exists()


def test_a_drafts_definition_is_changed_in_place_until_it_is_agreed(world):
    pk = world.draft(definition="")
    assert "definition" in world.get("indicator_edit", pk).context["form"].fields
    assert edited(world, pk, definition="Warm meals only.").status_code == 302
    with world.scope():
        version = IndicatorVersion.objects.get()
        assert (version.definition, version.effective_from.year) == ("Warm meals only.", 1900)
    assert world.post("indicator_state", pk, state="agreed").status_code == 302
    assert "definition" not in world.get("indicator_edit", pk).context["form"].fields
    assert edited(world, pk, definition="Other meals.", name="Meals").status_code == 302
    with world.scope():
        assert IndicatorVersion.objects.get().definition == "Warm meals only."


def test_what_was_defined_before_the_agreement_holds_from_the_beginning(world):
    pk = world.draft(definition="")
    day = timezone.localdate() - timedelta(days=1)
    given = {"effective_from": day.isoformat(), "definition": "Warm meals only."}
    assert world.post("definition_new", pk, **given).status_code == 302
    assert world.post("assignment_new", pk, who="partners").status_code == 302
    assert world.post("indicator_state", pk, state="agreed").status_code == 302
    with world.scope():
        version = IndicatorVersion.objects.get()
        assert (version.definition, version.effective_from.year) == ("Warm meals only.", 1900)
    hand_in(world)  # for 2025, which began before
    with world.scope():
        paper = Submission.objects.filter(organization=world.library).get()
        assert indicators_asked(paper)[0].definition == "Warm meals only."


def test_a_round_without_papers_says_that_they_are_being_laid_out(world):
    world.agreed()
    today = timezone.localdate()
    dates = {"opens_on": today - timedelta(days=3), "due_on": today + timedelta(days=3)}
    assert world.post("rounds", period=world.period().pk, **dates).status_code == 302
    with world.scope():
        Round.objects.update(state="open")
    for page in ("rounds", "collection"):
        shown = world.get(page).content.decode()
        assert "apers are being laid out" in shown
        assert "0 of 0" not in shown
    with world.scope():
        advance_rounds()
    for page in ("rounds", "collection"):
        shown = world.get(page).content.decode()
        assert "0 of 2" in shown
        assert "being laid out" not in shown


def test_the_fields_of_ratios_are_in_a_fold_named_for_them(world):
    page = world.get("indicator_new").content.decode()
    fold = page.partition('<fields-of-kind data-kinds="ratio mean">')[2]
    fold, rest = fold.split("</fields-of-kind>", 1)
    assert "<summary>For ratios and means</summary>" in fold
    for name in ("numerator_text", "denominator_text", "scale", "is_within"):
        assert f'name="{name}"' in fold
        assert f'name="{name}"' not in rest
    assert "<details open" not in fold.replace(' class="fold boxed"', "")
    asked = world.post("indicator_new", kind="ratio").content.decode()  # refused: no name
    assert '<details class="fold boxed" open><summary>For ratios' in asked

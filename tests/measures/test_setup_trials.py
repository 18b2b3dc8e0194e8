"""What first users stumbled over while laying out what is measured."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from initiatives.models import Act
from measures.models import (
    Assignment,
    Calendar,
    Indicator,
    IndicatorVersion,
    Period,
    Round,
    Submission,
    Target,
)
from measures.selectors.setup import periods_to_collect, usual_period
from measures.selectors.submissions import indicators_asked
from measures.services.rounds import advance_rounds
from measures.services.setup import create_calendars, open_round
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
    hand_in(world)  # for last year, which began before
    with world.scope():
        submission = Submission.objects.filter(organization=world.library).get()
        assert indicators_asked(submission)[0].definition == "Warm meals only."


def test_a_round_without_submissions_says_that_they_are_being_laid_out(world):
    world.agreed()
    today = timezone.localdate()
    dates = {"opens_on": today - timedelta(days=3), "due_on": today + timedelta(days=3)}
    assert world.post("rounds", period=world.period().pk, **dates).status_code == 302
    with world.scope():
        Round.objects.update(state="open")
    for page in ("rounds", "collection"):
        shown = world.get(page).content.decode()
        assert "orms are being made ready" in shown
        assert "0 of 0" not in shown
    with world.scope():
        advance_rounds()
    for page in ("rounds", "collection"):
        shown = world.get(page).content.decode()
        assert "0 of 2" in shown
        assert "being made ready" not in shown


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


def test_what_lacks_a_definition_leads_to_where_it_is_written(world):
    pk = world.draft(definition="")
    assert "needed before it is agreed" in world.get("indicator_edit", pk).content.decode()
    assert "Definition <span" in world.get("indicator_new").content.decode()
    assert "(optional)" not in str(world.get("indicator_new").context["form"]["definition"].label)
    refused = world.post("indicator_state", pk, state="agreed")
    assert refused.status_code == 422
    page = refused.content.decode()
    assert f'href="{world.url("indicator_edit", pk)}#id_definition">Write the definition' in page
    assert 'id="id_definition"' in world.get("indicator_edit", pk).content.decode()


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [("count", "", 0), ("stock", "", 0), ("count", "2", 2), ("ratio", "", 1), ("mean", "", None)],
)
def test_a_new_count_takes_whole_numbers_unless_it_is_said(world, kind, typed, kept):
    world.draft(kind=kind, decimals=typed)
    with world.scope():
        assert Indicator.objects.get().decimals == kept


def test_what_comes_next_is_said_where_an_indicator_is_agreed(world):
    pk = world.draft()
    agreed = world.client.post(
        world.url("indicator_state", pk), {"state": "agreed"}, follow=True
    ).content.decode()
    assert "Agreed. Now say who reports it, below." in agreed
    assert "Value (meals)" in world.get("target_new", pk).content.decode()


def test_a_round_begins_with_the_last_period_that_is_over(world):
    world.agreed()
    year = timezone.localdate().year
    form = world.get("rounds").context["form"]
    assert form.by_id[str(form["period"].value())].code == str(year - 1)
    assert f'value="{form["period"].value()}" selected' in world.get("rounds").content.decode()


def test_after_a_round_the_next_period_is_meant_and_not_one_before(world):
    world.agreed()
    today = timezone.localdate()
    with world.scope():
        open_round(actor=world.manager, period=Period.objects.get(code=str(today.year - 1)))
        assert usual_period(periods_to_collect(today), today).code == str(today.year)
        open_round(actor=world.manager, period=Period.objects.get(code=str(today.year)))
        assert usual_period(periods_to_collect(today), today).code == str(today.year + 1)


def test_a_calendar_that_reaches_far_offers_no_far_rounds(world):
    world.agreed()
    today = timezone.localdate()
    with world.scope():
        assert max(each.starts_on for each in periods_to_collect(today)) <= today + timedelta(366)


def test_a_target_names_a_year_past_the_calendar_which_then_grows_to_it(world):
    pk, year = world.draft(), timezone.localdate().year
    page = world.get("target_new", pk).content.decode()
    assert f'value="later-{year + 12}">{year + 12}' in page
    for _twice in range(2):
        sent = world.post("target_new", pk, period=f"later-{year + 12}", value="9", reason="2030+")
    assert sent.status_code == 422  # it is in the calendar by now
    with world.scope():
        assert Target.objects.get().period.code == str(year + 12)
        years = Period.objects.filter(frequency="year").values_list("code", flat=True)
        assert list(years)[-1] == str(year + 12)
        assert len(years) == len(range(int(years[0]), year + 13))  # without a gap
        assert Act.objects.filter(action="measures.calendar_extended").count() == 1


@pytest.mark.parametrize("odd", ["later-9999", "later-", "later--1", "later-1e9", "999999", "٣"])
def test_a_target_that_is_too_far_or_nothing_changes_nothing(world, odd):
    pk = world.draft()
    with world.scope():
        before = Period.objects.count()
    sent = world.post("target_new", pk, period=odd, value="41", reason="Kept text")
    assert sent.status_code == 422
    assert "Kept text" in sent.content.decode()
    with world.scope():
        assert Period.objects.count() == before
        assert not Target.objects.exists()


def test_a_refused_target_leaves_the_calendar_as_it_was(world):
    pk, year = world.draft(), timezone.localdate().year
    sent = world.post("target_new", pk, period=f"later-{year + 5}", value="", reason="x")
    assert sent.status_code == 422
    with world.scope():
        assert not Period.objects.filter(code=str(year + 5)).exists()


def test_a_target_by_the_end_of_a_school_year_to_come(world):
    with world.scope():
        create_calendars(actor=None, kinds=["school"])
        school = Calendar.objects.get(kind="school")
    pk, year = world.draft(calendar=school.pk, frequency="quarter"), timezone.localdate().year
    sent = world.post("target_new", pk, period=f"later-{year + 6}", value="9", reason="x")
    assert sent.status_code == 302
    with world.scope():
        period = Target.objects.get().period
        assert (period.code, period.ends_on) == (
            f"{year + 6}-Q4",
            date(year + 7, 9, 1),
        )


def test_the_baseline_begins_with_the_last_period_that_is_over(world):
    form = world.get("baseline_new", world.draft()).context["form"]
    with world.scope():
        chosen = Period.objects.get(pk=form["period"].value())
    assert chosen.code == str(timezone.localdate().year - 1)


@pytest.mark.parametrize("name", ["baseline_new", "target_new"])
def test_an_amount_says_whose_it_is_and_takes_a_mark_for_thousands(world, name):
    form = world.get(name, world.draft(unit="children")).context["form"]
    assert form["value"].label == "Value (children)"
    assert form["value"].help_text == "Of all organizations together, in one year."
    form.fields["value"].required = True
    assert form.fields["value"].clean("1,200") == 1200


def test_an_amount_of_a_share_may_have_three_decimals_and_is_asked_about(world):
    form = world.get("target_new", world.draft(kind="ratio")).context["form"]
    with pytest.raises(ValidationError, match="Did you mean"):
        form.fields["value"].clean("1,200")

"""An indicator's kind can be corrected while nothing rests on it, and is explained afterwards."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from initiatives.models import Act
from measures.models import Entry, Indicator, IndicatorVersion
from measures.services.setup import add_version
from tests.isolation.test_rows import sql
from tests.measures.test_setup_pages import World, edited, hand_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    return World()


def test_a_kind_chosen_wrongly_is_corrected_with_what_follows_from_it(world):
    pk = world.agreed()
    as_ratio = {
        "kind": "ratio",
        "scale": "100",
        "numerator_text": "With",
        "denominator_text": "All",
    }

    assert edited(world, pk, **as_ratio, unit="").status_code == 302

    with world.scope():
        found = Indicator.objects.get(pk=pk)
        version = found.versions.get()
        assert (found.kind, found.unit) == ("ratio", "%")
        assert (version.scale, version.time, version.numerator_text) == (100, "sum", "With")
        assert version.definition == "Warm meals given out."
        assert version.effective_from == date(1900, 1, 1)
        act = Act.objects.filter(action="measures.indicator_updated").get()
        assert {"kind", "operators"} <= set(act.detail["changed"])
        # What was said before stays on record, and in no answer.
        assert sql("SELECT count(*) FROM measures_indicatorversion") == [(2,)]

    assert edited(world, pk, kind="stock").status_code == 302
    with world.scope():
        version = IndicatorVersion.objects.get()
        assert (version.scale, version.time, version.numerator_text) == (1, "last", "")


def test_saving_without_a_change_says_no_meaning_anew(world):
    pk = world.draft(kind="ratio", numerator_text="With", denominator_text="All")
    assert edited(world, pk, name="Another name").status_code == 302
    with world.scope():
        assert sql("SELECT count(*) FROM measures_indicatorversion") == [(1,)]
        act = Act.objects.filter(action="measures.indicator_updated").get()
        assert act.detail["changed"] == ["name"]


def test_every_meaning_follows_a_corrected_kind(world):
    pk = world.draft()
    with world.scope():
        add_version(
            actor=world.manager,
            indicator=Indicator.objects.get(),
            effective_from=date(2025, 1, 1),
            definition="Warm and cold meals.",
        )
    assert edited(world, pk, kind="stock").status_code == 302
    with world.scope():
        standing = list(IndicatorVersion.objects.values_list("definition", "time"))
        assert standing == [("Warm meals given out.", "last"), ("Warm and cold meals.", "last")]


def test_the_kind_stays_once_a_number_is_written_down(world):
    pk = world.agreed()
    opened = world.get("indicator_edit", pk).context["form"]
    hand_in(world)
    page = world.get("indicator_edit", pk)
    assert "kind" not in page.context["form"].fields
    assert "its kind, its calendar and its parts stay as they are" in page.content.decode()

    values = {name: opened[name].value() for name in opened.fields}
    values = {name: each for name, each in values.items() if each not in (None, False)}
    world.client.post(world.url("indicator_edit", pk), values | {"kind": "ratio"})

    with world.scope():
        assert Entry.objects.exists()
        assert Indicator.objects.get().kind == "count"
        assert sql("SELECT count(*) FROM measures_indicatorversion") == [(1,)]


def test_a_meaning_is_stamped_once_and_never_rewritten(world):
    world.draft()
    for statement in (
        "UPDATE measures_indicatorversion SET definition = 'Other'",
        "UPDATE measures_indicatorversion SET superseded_at = NULL",
        "DELETE FROM measures_indicatorversion",
    ):
        with world.scope(), pytest.raises(DatabaseError), transaction.atomic():
            sql(statement)

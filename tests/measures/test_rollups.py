"""Golden vectors of the engine, each named as the rule it shows."""

import csv
import io
import json
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.utils import timezone

from config.celery import app
from initiatives import jobs
from initiatives.models import Job, User
from initiatives.tenancy import scope
from measures import ledger, rollups, schedule
from measures.arithmetic import progress
from measures.models import DirtyKey, Observation, Rollup
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def initiative():
    return factories.initiative()


@pytest.fixture
def town(initiative):
    """Two organizations in one town of a county, with a calendar."""
    with scope(initiative.pk):
        county = factories.place("county")
        home = factories.place("town", county)
        return {
            "calendar": factories.calendar(),
            "organizations": [factories.organization(code, home) for code in ("a", "b")],
        }


def stored(initiative, period, *, kind="initiative", code=None, cell=""):
    with scope(initiative.pk):
        found = [
            row
            for row in rollups.table()
            if (row.period, row.scope, row.cell) == (period, kind, cell)
            and row.scope_code == (code or initiative.slug)
        ]
    assert len(found) <= 1
    return found[0] if found else None


def recorded(initiative, *facts, **reason):
    with scope(initiative.pk):
        count = ledger.record(facts, user_id=None, **reason)
    with scope(initiative.pk):
        rollups.drain()
    return count


def test_ratio_is_sum_over_sum(initiative, town):
    a, b = town["organizations"]
    with scope(initiative.pk):
        rate = factories.indicator(
            "rate", "ratio", calendar=town["calendar"], organizations=[a, b], scale=Decimal(100)
        )
        facts = [
            factories.fact(rate, a, "2026-M1", pair=(45, 50)),
            factories.fact(rate, b, "2026-M1", pair=(10, 100)),
        ]

    recorded(initiative, *facts)

    month, above = (
        stored(initiative, "2026-M1"),
        stored(initiative, "2026-M1", kind="place", code="county"),
    )
    assert (month.numerator, month.denominator) == (55, 150)
    assert month.value == Decimal("36.6666666667")  # never 50, the mean of the two
    assert above.value == month.value
    assert stored(initiative, "2026-Q1").value == month.value
    assert stored(initiative, "2026-M1", kind="organization", code="a").value == 90


def test_stock_is_last_in_period(initiative, town):
    a, b = town["organizations"]
    with scope(initiative.pk):
        enrolled = factories.indicator(
            "enrolled", "stock", calendar=town["calendar"], organizations=[a, b]
        )
        facts = [
            factories.fact(enrolled, a, "2026-M1", 30),
            factories.fact(enrolled, a, "2026-M2", 30),
            factories.fact(enrolled, b, "2026-M3", 5),
        ]

    recorded(initiative, *facts)

    assert stored(initiative, "2026-M2", kind="organization", code="a").value == 30
    assert stored(initiative, "2026-M3", kind="organization", code="a") is None
    assert stored(initiative, "2026-Q1", kind="organization", code="a").value == 30
    assert stored(initiative, "2026-Q1").value == 35
    with scope(initiative.pk):
        quarter = Rollup.objects.get(
            scope="organization", scope_id=a.pk, period=factories.period("2026-Q1")
        )
    assert quarter.stale == 1


def test_ratio_is_pairwise(initiative, town):
    a, b = town["organizations"]
    with scope(initiative.pk):
        rate = factories.indicator(
            "rate", "ratio", calendar=town["calendar"], organizations=[a, b], scale=Decimal(100)
        )
        facts = [
            factories.fact(rate, a, "2026-M1", pair=(45, 50)),
            factories.fact(rate, b, "2026-M1", pair=(10, None)),
        ]

    recorded(initiative, *facts)

    month = stored(initiative, "2026-M1")
    assert (month.numerator, month.denominator, month.value) == (45, 50, 90)
    assert (month.expected, month.reported, month.status) == (2, 1, "missing")


def test_zero_is_a_value(initiative, town):
    a, b = town["organizations"]
    with scope(initiative.pk):
        meals = factories.indicator(
            "meals", calendar=town["calendar"], organizations=[a, b], over="mean"
        )
        facts = [
            factories.fact(meals, a, "2026-M1", 0),
            factories.fact(meals, b, "2026-M1", 10),
            factories.fact(meals, a, "2026-M2", None, status="missing"),
            factories.fact(meals, b, "2026-M2", 10),
        ]

    recorded(initiative, *facts)

    first, second = stored(initiative, "2026-M1"), stored(initiative, "2026-M2")
    assert (first.value, first.denominator, first.reported) == (5, 2, 2)
    assert (second.value, second.denominator, second.reported) == (10, 1, 1)
    nothing = stored(initiative, "2026-M2", kind="organization", code="a")
    assert (nothing.value, nothing.status) == (None, "missing")


def test_cells_before_organizations(initiative, town):
    a, b = town["organizations"]
    with scope(initiative.pk):
        sexes, cells = factories.partition("sex", ["sex=f", "sex=m", "?"], not_stated="?")
        people = factories.indicator(
            "people",
            calendar=town["calendar"],
            organizations=[a, b],
            partition=sexes,
            over="mean",
        )
        facts = [
            factories.fact(people, each, "2026-M1", value, cell_id=cells[cell].pk)
            for each, cell, value in (
                (a, "sex=f", 40),
                (a, "sex=m", 60),
                (b, "sex=f", 20),
                (b, "sex=m", 30),
            )
        ]

    recorded(initiative, *facts)

    assert stored(initiative, "2026-M1").value == 75  # never 37.5
    assert stored(initiative, "2026-M1", cell="sex=f").value == 30


def test_what_is_not_stated_is_what_the_total_has_over(initiative, town):
    a, b = town["organizations"]
    with scope(initiative.pk):
        ages, cells = factories.partition(
            "age", ["age=old", "age=young", "age=?"], not_stated="age=?"
        )
        people = factories.indicator(
            "people", calendar=town["calendar"], organizations=[a, b], partition=ages
        )
        old, young = cells["age=old"].pk, cells["age=young"].pk
        facts = [
            factories.fact(people, a, "2026-M1", 12),
            factories.fact(people, a, "2026-M1", 4, cell_id=old),
            factories.fact(people, a, "2026-M1", 6, cell_id=young),
            factories.fact(people, b, "2026-M1", 1, cell_id=old),
        ]

    recorded(initiative, *facts)

    assert stored(initiative, "2026-M1").value == 13
    assert stored(initiative, "2026-M1", cell="age=old").value == 5
    assert stored(initiative, "2026-M1", cell="age=?").value == 2


@pytest.mark.parametrize(("actual", "share"), [(40, "0.5"), (55, "-0.25"), (25, "1.25")])
def test_progress_downward(initiative, town, actual, share):
    a, _ = town["organizations"]
    with scope(initiative.pk):
        absent = factories.indicator("absent", calendar=town["calendar"], organizations=[a])
        fact = factories.fact(absent, a, "2026-M1", actual)

    recorded(initiative, fact)

    value = stored(initiative, "2026-M1").value
    found = progress("decrease", value, baseline=Decimal(50), target=Decimal(30))
    assert found.share == Decimal(share)


def test_people_change_organizations_do_not(initiative, town):
    """A running total belongs to the organization: Ann's 100 and then Bob's 120 are 120."""
    a, _ = town["organizations"]
    ann, bob = (User.objects.create(email=f"{name}@example.org") for name in ("ann", "bob"))
    with scope(initiative.pk):
        total = factories.indicator(
            "total", calendar=town["calendar"], organizations=[a], time="last"
        )
        ledger.record([factories.fact(total, a, "2026-M1", 100)], user_id=ann.pk)
        ledger.record([factories.fact(total, a, "2026-M2", 120)], user_id=bob.pk)
    with scope(initiative.pk):
        rollups.drain()

    assert stored(initiative, "2026-Q1").value == 120
    assert stored(initiative, "2026-Q1").reported == 1


def test_an_organization_counts_where_it_is_now(initiative, town):
    a, b = town["organizations"]
    with scope(initiative.pk):
        meals = factories.indicator("meals", calendar=town["calendar"], organizations=[a, b])
        facts = [factories.fact(meals, each, "2026-M1", 7) for each in (a, b)]
    recorded(initiative, *facts)

    with scope(initiative.pk):
        a.homes.all().delete()
        a.name = "Another Name"
        a.save()
        ledger.mark_dirty()
    with scope(initiative.pk):
        rollups.drain()

    assert stored(initiative, "2026-M1").value == 14
    assert stored(initiative, "2026-M1", kind="organization", code="a").value == 7
    assert stored(initiative, "2026-M1", kind="place", code="town").value == 7


def test_as_known_then(initiative, town):
    a, _ = town["organizations"]
    with scope(initiative.pk):
        meals = factories.indicator("meals", calendar=town["calendar"], organizations=[a])
        first = factories.fact(meals, a, "2026-M1", 10)
        second = factories.fact(meals, a, "2026-M1", 12)
    before = timezone.now()
    recorded(initiative, first)
    then = timezone.now()
    recorded(initiative, second, reason="entry")

    assert exported(initiative, then)["2026-M1", "initiative"] == "10"
    assert exported(initiative, timezone.now())["2026-M1", "initiative"] == "12"
    assert exported(initiative, before) == {}
    assert exported(initiative)["2026-M1", "organization"] == "12"
    assert stored(initiative, "2026-M1").value == 12


def exported(initiative, moment=None):
    out = io.StringIO()
    options = [f"--as-of={moment.isoformat()}"] if moment else []
    call_command("export_rollups", initiative.slug, *options, stdout=out)
    rows = csv.DictReader(io.StringIO(out.getvalue()))
    return {(row["period"], row["scope kind"]): row["value"] for row in rows}


def test_recording_twice_is_recording_once(initiative, town):
    a, _ = town["organizations"]
    with scope(initiative.pk):
        meals = factories.indicator("meals", calendar=town["calendar"], organizations=[a])
        fact = factories.fact(meals, a, "2026-M1", 7)

    assert recorded(initiative, fact) == 1
    with scope(initiative.pk):
        before = list(Rollup.objects.order_by("id").values())
    assert recorded(initiative, fact, fact) == 0
    with scope(initiative.pk):
        assert rollups.rebuild() == 0
        assert list(Rollup.objects.order_by("id").values()) == before
        assert Observation.objects.count() == 1


def test_a_mark_survives_until_its_rollup_is_written(initiative, town):
    a, _ = town["organizations"]
    with scope(initiative.pk):
        meals = factories.indicator("meals", calendar=town["calendar"], organizations=[a])
        ledger.record([factories.fact(meals, a, "2026-M1", 7)], user_id=None)
    assert Job.objects.filter(initiative=initiative, kind="rollup").exists()

    with pytest.raises(ZeroDivisionError):
        dies_half_way(initiative)

    with scope(initiative.pk):
        assert DirtyKey.objects.exists()
        assert not Rollup.objects.exists()
    call_command("rollup", initiative.slug, stdout=io.StringIO())
    assert stored(initiative, "2026-M1").value == 7


def dies_half_way(initiative):
    with scope(initiative.pk):
        rollups.drain()
        raise ZeroDivisionError


def test_one_initiative_never_counts_in_another(initiative, town):
    a, _ = town["organizations"]
    with scope(initiative.pk):
        meals = factories.indicator("meals", calendar=town["calendar"], organizations=[a])
        ledger.record([factories.fact(meals, a, "2026-M1", 7)], user_id=None)
    other = factories.initiative("other")

    with scope(other.pk):
        assert rollups.drain() == 0
        assert rollups.rebuild() == 0
    with scope(initiative.pk):
        assert rollups.drain() > 0


@pytest.fixture
def worker():
    """What a worker loads when it starts: so the handlers are known as they are there."""
    app.loader.import_default_modules()


def test_the_job_asked_for_computes(initiative, town, worker):
    a, _ = town["organizations"]
    with scope(initiative.pk):
        meals = factories.indicator("meals", calendar=town["calendar"], organizations=[a])
        ledger.record([factories.fact(meals, a, "2026-M1", 7)], user_id=None)
    job = Job.objects.get(initiative=initiative, kind="rollup")

    assert jobs.run(job.pk)

    assert stored(initiative, "2026-M1").value == 7


def test_the_clock_finds_marks_that_nobody_was_told_of(initiative, town, worker):
    a, _ = town["organizations"]
    with scope(initiative.pk):
        meals = factories.indicator("meals", calendar=town["calendar"], organizations=[a])
        ledger.record([factories.fact(meals, a, "2026-M1", 7)], user_id=None)
    Job.objects.all().delete()

    schedule.sweep_rollups()

    assert jobs.run(Job.objects.get(kind="rollup").pk)
    assert stored(initiative, "2026-M1").value == 7


def test_a_carried_stock_is_marked_and_counted_once(initiative, town):
    a, _ = town["organizations"]
    with scope(initiative.pk):
        enrolled = factories.indicator(
            "enrolled", "stock", calendar=town["calendar"], organizations=[a], carry=1
        )
        fact = factories.fact(enrolled, a, "2026-M1", 30)
    recorded(initiative, fact)

    schedule.carry_stocks()
    answer = io.StringIO()
    call_command("rollup", initiative.slug, "--json", stdout=answer)

    assert json.loads(answer.getvalue())["changed"] == 0
    assert stored(initiative, "2026-M2").value == 30
    assert stored(initiative, "2026-M2").status == "estimated"
    assert stored(initiative, "2026-M3") is None

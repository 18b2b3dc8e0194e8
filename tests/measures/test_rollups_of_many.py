"""After a large import all is redone, which costs less than looking for what differs."""

import pytest

from initiatives.tenancy import scope
from measures import ledger, rollups
from measures.models import Rollup
from measures.rollups import draining
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def redone(monkeypatch):
    """Each time everything was recomputed, with how many rollups that changed."""
    times = []
    whole = draining.recompute

    def counted(cursor, **how):
        times.append(whole(cursor, **how))
        return times[-1]

    monkeypatch.setattr(draining, "recompute", counted)
    monkeypatch.setattr(draining, "MANY", 2)
    return times


def test_all_is_redone_after_many_marks_and_a_part_after_few_alike(redone):
    initiative = factories.initiative()
    with scope(initiative.pk):
        home = factories.place("town", factories.place("county"))
        calendar = factories.calendar()
        towns = [factories.organization(code, home) for code in ("a", "b")]
        meals, beds = (
            factories.indicator(code, calendar=calendar, organizations=towns)
            for code in ("meals", "beds")
        )
        everything = [
            factories.fact(each, town, "2026-M1", 7) for each in (meals, beds) for town in towns
        ]
        ledger.record(everything, user_id=None)
        rollups.drain()
        assert len(redone) == 1

        corrected = factories.fact(meals, towns[0], "2026-M1", 9)
        ledger.record([corrected], user_id=None, reason="entry")
        rollups.drain()
        assert len(redone) == 1

        whole = Rollup.objects.get(
            scope="initiative", indicator=meals, cell=None, period__code="2026-M1"
        )
        assert whole.value == 16
        assert rollups.rebuild() == 0  # nothing differs from what all over again comes to

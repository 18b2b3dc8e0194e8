"""Which number stands as evidence when none is named."""

from decimal import Decimal

import pytest

from measures.models import Rollup
from meetings.selectors.decisions import frozen_number
from tests import factories
from tests.meetings.test_decisions import number_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_evidence_takes_the_newest_well_covered_number_unless_another_is_named(meets):
    with meets.scope():
        indicator = number_of(meets)
        row = Rollup.objects.get(indicator=indicator)
        early = {"period": factories.period("2026-M4"), "value": Decimal(7), "expected": 18}
        for reported in (2, 1):
            Rollup.objects.filter(indicator=indicator, period=early["period"]).delete()
            fields = {
                "indicator": indicator,
                "version": row.version,
                "scope": row.scope,
                "scope_id": row.scope_id,
                "status": "normal",
            }
            Rollup.here(**fields, **early, reported=reported).save(force_insert=True)
            assert frozen_number(indicator)["period"] == "2026-M3"
            assert frozen_number(indicator, early["period"])["period"] == "2026-M4"

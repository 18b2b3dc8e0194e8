"""What the export writes into a cell."""

import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from initiatives.tenancy import scope
from measures import ledger, rollups
from measures.arithmetic.texts import plain
from measures.models import DirtyKey
from tests.measures.test_places import Ground


@pytest.mark.parametrize("text", ["=1+1", "+1", "-a", "@x", "\t=1", ' "=1', "\uff1d1"])
def test_a_text_that_looks_like_a_formula_is_made_inert(text):
    assert plain(text) == f"'{text}"


def test_numbers_and_ordinary_texts_stay_what_they_are():
    assert plain(Decimal("-1.500")) == "-1.5"
    assert plain(Decimal("1E+3")) == "1000"
    assert plain("phase=Primary") == "phase=Primary"
    assert not plain(None)
    assert plain(0) == 0


@pytest.mark.django_db(transaction=True)
def test_what_a_worker_holds_just_now_is_waited_for_before_an_export(monkeypatch):
    ground, drain, held = Ground(), rollups.drain, [True, True]
    with scope(ground.initiative.pk):
        assert ledger.mark_dirty()
    # A worker that claimed the marks and has not committed: they are there, and nobody else's.
    monkeypatch.setattr(rollups, "drain", lambda: 0 if held and held.pop() else drain())
    answer = StringIO()
    call_command("rollup", ground.slug, "--json", stdout=answer)
    assert json.loads(answer.getvalue())["waiting"] == 0
    with scope(ground.initiative.pk):
        assert not DirtyKey.objects.exists()

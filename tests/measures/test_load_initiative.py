import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from initiatives.models import Initiative, Organization
from initiatives.tenancy import scope
from measures.models import Assignment, Cell, CellLeaf, Period, Round

pytestmark = pytest.mark.django_db(transaction=True)

DESCRIPTION = {
    "schema": "concert/initiative/1",
    "initiative": {"slug": "reading", "name": "Reading"},
    "places": [{"code": "X", "children": [{"code": "Y"}]}],
    "organizations": [{"code": "A", "places": ["Y"]}, {"code": "B"}],
    "calendars": [{"kind": "school", "first_year": 2018, "last_year": 2019}],
    "dimensions": [
        {"code": "phase", "categories": ["Primary", "Secondary"]},
        {"code": "year", "categories": ["R", "7", "9"]},
    ],
    "indicators": [
        {
            "code": "offers",
            "kind": "count",
            "partition": ["phase", "year"],
            "targets": [{"period": "2019/20", "value": 5}],
        }
    ],
}


def load(tmp_path, content):
    path = tmp_path / "initiative.json"
    path.write_text(json.dumps(content))
    out = StringIO()
    call_command("load_initiative", str(path), json=True, stdout=out)
    return json.loads(out.getvalue())


def test_a_description_becomes_an_initiative(tmp_path):
    told = load(tmp_path, DESCRIPTION)

    assert told["ok"]
    assert told["organizations"] == 2
    with scope(Initiative.objects.get(slug="reading").pk):
        assert Organization.objects.count() == 2
        assert Assignment.objects.count() == 2
        assert set(Period.objects.filter(frequency="year").values_list("code", flat=True)) == {
            "2018/19",
            "2019/20",
        }
        assert Round.objects.count() == 2
        assert Cell.objects.count() == 12 + 3 + 4
        assert CellLeaf.objects.filter(cell__key="phase=Primary").count() == 4
        assert Cell.objects.filter(is_leaf=True).count() == 12


def test_the_same_address_again_is_refused(tmp_path):
    load(tmp_path, DESCRIPTION)

    with pytest.raises(CommandError, match="already"):
        load(tmp_path, DESCRIPTION)


def test_a_mistake_in_the_middle_stores_nothing(tmp_path):
    wrong = {**DESCRIPTION, "indicators": [{"code": "x", "kind": "counting"}]}

    with pytest.raises(CommandError, match=r"indicators\[0\]\.kind"):
        load(tmp_path, wrong)
    assert not Initiative.objects.exists()


def test_what_is_dumped_can_be_loaded_and_is_the_same(tmp_path):
    load(tmp_path, DESCRIPTION)
    first = StringIO()
    call_command("dump_initiative", "reading", stdout=first)
    dumped = json.loads(first.getvalue())
    dumped["initiative"]["slug"] = "reading-again"

    load(tmp_path, dumped)

    second = StringIO()
    call_command("dump_initiative", "reading-again", stdout=second)
    assert json.loads(second.getvalue()) == dumped

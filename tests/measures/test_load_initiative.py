import json
import time
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from initiatives.models import Initiative, Organization
from initiatives.tenancy import scope
from measures.imports.description.nodes import DescriptionError
from measures.imports.description.schema import read_description
from measures.imports.stored import _dimensions as dimension_keys
from measures.models import Assignment, Category, Cell, CellLeaf, Period, Round

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


def complaints(document):
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    with pytest.raises(DescriptionError) as caught:
        read_description(data, today=date(2026, 11, 28))
    return {each.path: each.message for each in caught.value.complaints}


def with_indicator(**more):
    return {**DESCRIPTION, "indicators": [{"code": "i", "kind": "count", **more}]}


@pytest.mark.parametrize(
    ("document", "path", "words"),
    [
        (json.dumps(DESCRIPTION).replace("2018", "1" + "0" * 5000).encode(), "$", "too long"),
        (b"[" * 100_000 + b"]" * 100_000, "$", "too deeply"),
        (with_indicator(min="1e500"), "indicators[0].min", "24 digits"),
        (with_indicator(max="1" + "0" * 400), "indicators[0].max", "24 digits"),
        (with_indicator(min="0.12345678901"), "indicators[0].min", "10 after it"),
        (
            with_indicator(targets=[{"period": "2018/19", "low": 5, "high": 1}]),
            "indicators[0].targets[0].high",
            "below its beginning",
        ),
        (
            with_indicator(targets=[{"period": "2018/19", "value": n} for n in (1, 2)]),
            "indicators[0].targets",
            "more than once",
        ),
        (
            with_indicator(baseline={"period": "2018/19"}),
            "indicators[0].baseline.value",
            "required",
        ),
        (
            {**DESCRIPTION, "initiative": {"slug": "x", "name": "X", "place": "nowhere"}},
            "initiative.place",
            "described nowhere",
        ),
        (
            b'{"schema":"concert/initiative/1","initiative":{"slug":"x","name":"\\ud800"}}',
            "initiative.name",
            "half a character",
        ),
        (
            {**DESCRIPTION, "rounds": [{"period": "2018/19", "opens": "0001-01-01T00:00+14:00"}]},
            "rounds[0].opens",
            "between the years",
        ),
        (
            {**DESCRIPTION, "dimensions": [{"code": "value", "categories": ["a"]}]},
            "dimensions[0]",
            "column “value”",
        ),
        (
            {
                **DESCRIPTION,
                "dimensions": [
                    {"code": code, "name": "Age", "categories": ["a"]} for code in ("v", "w")
                ],
            },
            "dimensions[1]",
            "column “v”",
        ),
        (
            {
                **DESCRIPTION,
                "dimensions": [
                    {
                        "code": "d",
                        "categories": [{"code": "a", "name": "N"}, {"code": "b", "name": " n"}],
                    }
                ],
            },
            "dimensions[0].categories",
            "more than once",
        ),
    ],
)
def test_what_cannot_be_stored_is_told_where_it_stands(document, path, words):
    told = complaints(document)
    assert words in told[path]


def test_a_breakdown_of_too_many_groups_is_refused():
    many = [{"code": f"d{k}", "categories": [str(i) for i in range(90)]} for k in range(3)]
    document = with_indicator(partition=["d0", "d1", "d2"]) | {"dimensions": many}
    assert "5000 groups" in complaints(document)["indicators[0].partition"]


def test_of_very_many_mistakes_the_first_are_told():
    document = {**DESCRIPTION, "organizations": [{"code": f"o{n % 9000}"} for n in range(18_000)]}
    document |= {f"key-{n}": 1 for n in range(5_000)}
    with pytest.raises(DescriptionError) as caught:
        read_description(json.dumps(document).encode(), today=date(2026, 11, 28))
    assert len(caught.value.complaints) == 201
    assert "more mistakes" in caught.value.complaints[-1].message


def test_a_category_of_many_words_gets_a_code_that_fits(tmp_path):
    long = "Gender that is not Singularly Female or Male"
    other = "Gender that is not Singularly Female or Man"
    odd = "Yes; or no = both"
    content = DESCRIPTION | {
        "dimensions": [{"code": "gender", "categories": ["Female", long, other, odd]}],
        "indicators": [{"code": "people", "kind": "count", "partition": ["gender"]}],
    }
    assert load(tmp_path, content)["ok"]
    with scope(Initiative.objects.get().pk):
        found = dict(Category.objects.exclude(is_not_stated=True).values_list("name", "code"))
        assert list(found) == ["Female", long, other, odd]
        assert len(set(found.values())) == 4
        assert max(map(len, found.values())) <= 40
        assert not any(set(code) & set(";=") for code in found.values())
        assert dimension_keys()["gender"].categories.keys() >= {long.casefold(), odd.casefold()}
    dumped = StringIO()
    call_command("dump_initiative", "reading", stdout=dumped)
    again = json.loads(dumped.getvalue())
    again["initiative"]["slug"] = "again"
    assert load(tmp_path, again)["ok"]


@pytest.mark.parametrize("part", ["dimension", "category", "calendar"])
def test_a_name_that_is_too_long_is_a_mistake_with_its_path(part):
    name = "x" * 101
    content = DESCRIPTION | {
        "dimensions": [
            {
                "code": "phase",
                "name": name if part == "dimension" else "Phase",
                "categories": [name if part == "category" else "Primary"],
            }
        ],
        "calendars": [{"kind": "school", "name": name if part == "calendar" else "School"}],
        "indicators": [],
    }
    with pytest.raises(DescriptionError) as caught:
        read_description(json.dumps(content).encode(), today=date(2026, 11, 24))
    assert "At most 100 characters." in str(caught.value)


CHAIN = [{"code": f"p{n}", "parent": f"p{n - 1}" if n else ""} for n in range(1_000)]
NESTED = {"code": "p0"}
for _level in range(30):
    NESTED = {"code": f"q{_level}", "children": [NESTED]}
HUGE = {
    "an exponent that no number has": ('"scale": 1e99999999999999999999', "too long"),
    "places in a chain": (f'"places": {json.dumps(CHAIN)}', "at most 20 levels"),
    "places in each other": (f'"places": [{json.dumps(NESTED)}]', "at most 20 levels"),
    "categories without end": (
        f'"dimensions": [{{"code": "d", "categories": {json.dumps([f"c{n}" for n in range(50_000)])}}}]',
        "at most 5000 categories",
    ),
}


@pytest.mark.parametrize("name", HUGE)
def test_what_is_too_much_is_a_mistake_and_not_an_error(name):
    part, told = HUGE[name]
    document = (
        f'{{"schema": "concert/initiative/1", "initiative": {{"slug": "x", "name": "X"}}, {part}}}'
    )
    began = time.process_time()
    with pytest.raises(DescriptionError, match=told):
        read_description(document.encode(), today=date(2026, 11, 24))
    assert time.process_time() - began < 5

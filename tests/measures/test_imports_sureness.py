"""A file may say how sure its numbers are; one that does not leaves that as it is."""

from io import BytesIO

import pytest

from initiatives.tenancy import scope
from measures.exports.values import lines_of_values
from measures.models import Entry, Observation
from measures.services.imports import import_values
from tests.measures.test_submissions import World

pytestmark = pytest.mark.django_db(transaction=True)
PLAIN = "organization_code,indicator_code,period,value,numerator,denominator,comment\n"
HEADING = PLAIN.replace("comment", "how_sure,comment")


@pytest.fixture
def world():
    made = World()
    with scope(made.initiative.pk):
        yield made


def send(world, rows, heading=HEADING, *, accept=True, **options):
    return import_values(
        actor=world.keeper,
        file=BytesIO((heading + rows).encode()),
        name="values.csv",
        accept=accept,
        **options,
    )


def statuses():
    return dict(Observation.objects.current().values_list("indicator__code", "status"))


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", "normal"),
        ("final", "normal"),
        (" Provisional ", "provisional"),
        ("ESTIMATED", "estimated"),
        ("estimate", "estimated"),
    ],
)
def test_a_number_is_as_sure_as_its_row_says(world, text, status):
    assert send(world, f"a,meals,2025,10,,,{text},\na,leases,2025,,3,4,{text},\n").stored == 2
    assert statuses() == {"meals": status, "leases": status}


def test_a_word_that_says_nothing_known_is_told(world):
    report = send(world, "a,meals,2025,10,,,perhaps,\n")
    assert report.refused
    (problem,) = report.rows[0].problems
    assert (problem.code, problem.column, problem.text) == ("E_CATEGORY", "how_sure", "perhaps")
    assert "“perhaps” does not say how sure a number is." in problem.message
    assert "final, provisional or estimated" in problem.suggestion
    assert statuses() == {}


def test_what_hides_or_lacks_a_number_is_no_surer_for_a_word(world):
    report = send(world, "a,meals,2025,*,,,estimated,\na,leases,2025,,,,estimated,\n")
    assert report.stored == 1
    assert statuses() == {"meals": "suppressed"}


def test_a_file_without_the_word_leaves_how_sure_a_number_is(world):
    send(world, "a,meals,2025,10,,,estimated,\n")
    for heading, row in ((PLAIN, "a,meals,2025,10,,,\n"), (HEADING, "a,meals,2025,10,,,,\n")):
        report = send(world, row, heading)
        assert (report.unchanged, report.stored) == (1, 0)
    assert statuses() == {"meals": "estimated"}


def test_to_say_that_a_number_is_final_now_is_a_change_with_a_reason(world):
    send(world, "a,meals,2025,10,,,estimated,\n")
    final = "a,meals,2025,10,,,final,\n"
    refused = send(world, final)
    assert refused.needs_reason
    assert (refused.changes[0].before, refused.changes[0].after) == ("10, estimated", "10, final")
    assert send(world, final, reason="The count is in").stored == 1
    assert statuses() == {"meals": "normal"}


def test_rows_that_differ_in_how_sure_they_are_contradict_each_other(world):
    report = send(world, "a,meals,2025,10,,,final,\na,meals,2025,10,,,estimated,\n")
    assert [row.problems[0].code for row in report.rows] == ["E_DUPLICATE", "E_DUPLICATE"]


def test_for_review_it_is_kept_in_the_form(world):
    send(world, "a,meals,2025,10,,,provisional,\n", accept=False)
    assert Entry.objects.get(indicator=world.count).status == "provisional"
    assert send(world, "a,meals,2025,10,,,\n", PLAIN, accept=False).stored == 0
    send(world, "a,meals,2025,10,,,final,\n", accept=False)
    assert Entry.objects.get(indicator=world.count).status == "normal"


def test_an_export_says_it_where_anything_is_less_than_final(world):
    send(world, "a,meals,2025,10,,,,\n")
    assert b"".join(lines_of_values()).decode().startswith(PLAIN)
    send(world, "a,leases,2025,,3,4,estimated,\n")
    text = b"".join(lines_of_values()).decode()
    heading, *rows = text.splitlines()
    assert heading + "\n" == HEADING
    assert sorted(rows) == ['a,leases,2025,"",3,4,estimated,""', 'a,meals,2025,10,,,final,""']
    again = send(world, "\n".join(rows) + "\n")
    assert (again.unchanged, again.stored) == (2, 0)

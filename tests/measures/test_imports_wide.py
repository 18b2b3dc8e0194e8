"""Tables with one column per indicator, and indicators and organizations given by their names."""

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from initiatives.models import Organization
from initiatives.tenancy import scope
from measures.imports import table
from measures.imports.columns import Measured, guesses
from measures.models import Entry, ImportRun, Indicator, Observation, RememberedColumn
from measures.services.imports import import_values
from tests.measures.test_submissions import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    made = World()
    with scope(made.initiative.pk):
        Indicator.objects.filter(pk=made.count.pk).update(name="Meals served", unit="meals")
        Indicator.objects.filter(pk=made.ratio.pk).update(name="Kept a lease", unit="%")
    return made


def address(name, *args):
    return reverse(f"measures:{name}", args=["here", *args])


def read(world, text, **more):
    with scope(world.initiative.pk):
        file = io.BytesIO(text.encode())
        return import_values(actor=world.keeper, file=file, name="a.csv", **more)


def errors(report):
    return [each for row in report.rows for each in row.problems]


LONG = "organization_code,indicator_code,period,value\n"


@pytest.mark.parametrize("name", ["Meals served", "  meals   SERVED ", "MEALS"])
def test_an_indicator_is_known_by_its_name_too_and_it_is_told(world, name):
    report = read(world, f"{LONG}a,{name},2025,7\n", accept=True)
    with scope(world.initiative.pk):
        assert Observation.objects.get().indicator_id == world.count.pk
    assert f"“{name.strip()}” = meals" in " ".join(report.read_as)


def test_a_name_that_two_indicators_have_is_asked_about(world):
    with scope(world.initiative.pk):
        Indicator.objects.update(name="Meals served")
    report = read(world, f"{LONG}a,meals served,2025,7\n", accept=True)
    assert report.refused
    (problem,) = errors(report)
    assert problem.suggestion == "Use the code: leases, meals."
    with scope(world.initiative.pk):
        assert not Observation.objects.exists()


def test_a_code_as_it_is_written_goes_before_a_name(world):
    with scope(world.initiative.pk):
        Indicator.objects.filter(pk=world.ratio.pk).update(name="meals")
    assert not read(world, f"{LONG}a,meals,2025,7\n", accept=True).refused
    assert read(world, f"{LONG}a,Meals,2025,8\n", accept=True, reason="So it is").refused


def test_an_unknown_indicator_is_answered_with_those_there_are(world):
    near, far = errors(read(world, f"{LONG}a,Meal served,2025,7\na,zzzz,2025,7\n"))
    assert near.suggestion == "Did you mean meals (Meals served)?"
    assert "meals (Meals served)" in far.suggestion
    assert "leases (Kept a lease)" in far.suggestion


def test_an_organization_in_the_column_of_codes_is_known_by_its_name(world):
    report = read(world, "Organization,indicator,period,value\nALPHA,meals,2025,7\n", accept=True)
    with scope(world.initiative.pk):
        assert Observation.objects.get().organization_id == world.org.pk
    assert "“ALPHA” = a" in " ".join(report.read_as)


def test_an_organization_whose_name_is_anothers_code_is_asked_about(world):
    with scope(world.initiative.pk):
        Organization.objects.filter(code="b").update(name="A")
    assert read(world, "Organization,indicator,period,value\nA,meals,2025,7\n").refused


@pytest.mark.parametrize(
    ("heading", "guess"),
    [
        ("meals", "value:meals"),
        ("MEALS  served", "value:meals"),
        ("Meals served (meals)", "value:meals"),
        ("Kept a lease (numerator)", "numerator:leases"),
        ("leases: denominator", "denominator:leases"),
        ("Meals", "value:meals"),
        ("Meal served", None),
        ("numerator", None),
    ],
)
def test_what_a_heading_looks_like(heading, guess):
    from measures.imports.columns import loose

    known = {
        "meals": Measured("Meals served", "meals"),
        "leases": Measured("Kept a lease", "%", is_pair=True),
    }
    assert guesses(known).get(loose(heading)) == guess


def test_a_heading_that_looks_like_two_indicators_looks_like_none():
    known = {"a": Measured("Meals"), "meals": Measured("Something else")}
    assert "meals" not in guesses(known)


WIDE = (
    "Organization,Period,Meals served,Kept a lease (numerator),Kept a lease (denominator)\n"
    "a,2025,1204,9,10\n"
)


def send(client, text):
    file = SimpleUploadedFile("wide.csv", text.encode())
    return client.post(address("imports"), {"file": file, "how": "accept"}, follow=True)


def run_of(world):
    with scope(world.initiative.pk):
        return ImportRun.objects.latest("id")


def test_a_wide_table_is_asked_about_read_and_remembered(client, world):
    client.force_login(world.keeper.user)
    page = send(client, WIDE).content.decode()
    assert "What are the columns?" in page
    assert "It looks like the indicator “Meals served”: is it?" in page
    assert "Organization, by its code or name" in page
    assert ">organization_code<" not in page
    chosen = {
        "column-0": "organization_code",
        "column-1": "period",
        "column-2": "value:meals",
        "column-3": "numerator:leases",
        "column-4": "denominator:leases",
    }
    for name, target in chosen.items():  # it is all chosen already
        part = page[page.index(f'name="{name}"') :]
        assert f'value="{target}" selected' in part[: part.index("</select>")]
    with scope(world.initiative.pk):
        assert not Observation.objects.exists()
    run = run_of(world)
    page = client.post(address("import_columns", run.pk), chosen, follow=True).content.decode()
    assert "Import and accept" in page
    client.post(address("import_confirm", run.pk))
    with scope(world.initiative.pk):
        facts = {each.indicator.code: each for each in Observation.objects.all()}
        assert facts["meals"].value == 1204
        assert (facts["leases"].numerator, facts["leases"].denominator) == (9, 10)
        assert RememberedColumn.objects.filter(target="value:meals").exists()
    again = send(client, WIDE).content.decode()
    assert "What are the columns?" not in again
    shown = client.get(address("imports")).content.decode()
    assert "is the indicator meals" in shown
    assert "is the numerator of leases" in shown


TOLD = {
    "meals_served": "value:meals",
    "kept_a_lease_(numerator)": "numerator:leases",
    "kept_a_lease_(denominator)": "denominator:leases",
}


def test_each_number_of_a_line_has_its_own_heading_and_what_is_said_twice_is_found(world):
    report = read(world, WIDE + "a,2025,many,9,10\na,2025,1204,9,11\n", columns=TOLD)
    assert report.refused
    told = {(problem.column, problem.code.value) for problem in errors(report)}
    assert ("Meals served", "E_NUMBER") in told
    assert ("Kept a lease (numerator)", "E_DUPLICATE") in told
    meals = [row for row in report.rows if row.indicator_id == world.count.pk]
    assert [row.outcome.value for row in meals] == ["accept", "reject", "ignore"]


def test_an_empty_cell_says_nothing_and_an_empty_line_is_no_fault(world):
    report = read(world, WIDE + "a,2024,,,\n,,,,\n", columns=TOLD, accept=True)
    missing = [row for row in report.rows if row.line == 3]
    assert len(missing) == 1
    report = read(world, WIDE.replace("1204", ""), columns=TOLD, accept=True)
    assert report.stored == 1


def test_what_is_wrong_with_a_line_is_told_once(client, world):
    client.force_login(world.keeper.user)
    with scope(world.initiative.pk):
        for written, target in TOLD.items():
            RememberedColumn.here(heading=written, written=written, target=target).save()
    page = send(client, WIDE.replace("a,2025", "nobody,2025")).content.decode()
    assert page.count("There is no organization with the code “nobody”") == 1


@pytest.mark.parametrize(
    ("heading", "told", "words"),
    [
        ("Organization,Period,Meals served,value", {}, "not both|leave value out"),
        (
            "Organization,Period,Kept a lease (numerator)",
            {"kept_a_lease_(numerator)": "numerator:leases"},
            "none for its denominator",
        ),
        ("Organization,Meals served,Note", {}, "period is missing"),
        ("Organization,Period,M1,Meals served", {"m1": "value:meals"}, "are both “value:meals”"),
    ],
)
def test_a_wide_heading_that_cannot_be(world, heading, told, words):
    told = {"meals_served": "value:meals"} | told
    report = read(world, f"{heading}\na,2025,1,1\n", columns=told)
    assert report.refused
    said = " ".join(problem.message for _line, problem in report.broken)
    assert any(each in said for each in words.split("|"))


def test_a_column_of_an_indicator_that_is_none_any_more_is_asked_about(world):
    with scope(world.initiative.pk):
        Indicator.objects.filter(pk=world.count.pk).update(state="retired")
    report = read(world, WIDE, columns=TOLD)
    assert "Meals served" in report.broken[0][1].message


def test_a_table_that_spreads_into_too_many_numbers_is_refused_with_a_word(world, monkeypatch):
    monkeypatch.setattr(table, "MOST_RECORDS", 3)
    text = "Organization,Period,M,N,D\n" + "a,2025,1,1,2\n" * 2
    told = {"m": "value:meals", "n": "numerator:leases", "d": "denominator:leases"}
    report = read(world, text, columns=told, accept=True)
    assert report.refused
    [(line, problem)] = report.broken
    assert (line, problem.message) == (3, "The file has more than 3 numbers.")
    with scope(world.initiative.pk):
        assert not Observation.objects.exists()


def test_the_command_is_told_what_columns_are(world, tmp_path, capsys):
    path = tmp_path / "wide.csv"
    path.write_text("Organization,Period,M\na,2025,1204\n")
    call_command("import_values", "here", path, column=["M=value:meals"])
    answer = json.loads(capsys.readouterr().out)
    assert answer["counts"]["accept"] == 1
    with scope(world.initiative.pk):
        assert Entry.objects.get().value == 1204


def test_the_page_lists_codes_with_names_and_a_reporter_only_its_own(client, world):
    for who, sees in ((world.keeper, True), (world.reporter, False)):
        client.force_login(who.user)
        page = client.get(address("imports")).content.decode()
        assert "<code>meals</code></th><td>Meals served</td>" in page
        assert ("<code>b</code></th><td>Backbone</td>" in page) is sees
        assert "<code>a</code></th><td>Alpha</td>" in page

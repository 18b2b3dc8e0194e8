"""A file in the browser: sent, checked, confirmed; by whom, how often, and what is refused."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from initiatives import jobs
from initiatives.models import Act, Job
from initiatives.tenancy import scope
from measures.imports import files
from measures.models import Entry, ImportRun, Observation, RememberedColumn, Submission
from measures.services import uploads
from tests.measures.test_submissions import World, member

pytestmark = pytest.mark.django_db(transaction=True)
HEADING = "organization_code,indicator_code,period,value,numerator,denominator,comment\n"
GOOD = HEADING + "a,meals,2025,10,,,\na,leases,2025,,3,4,\n"


@pytest.fixture
def world(tmp_path, settings):
    settings.STORAGES = settings.STORAGES | {
        "default": settings.STORAGES["default"] | {"OPTIONS": {"location": str(tmp_path)}}
    }
    return World()


def address(name, *args):
    return reverse(f"measures:{name}", args=["here", *args])


def send(client, text, name="values.csv", **more):
    data = text if isinstance(text, bytes) else text.encode()
    return client.post(
        address("imports"), {"file": SimpleUploadedFile(name, data), "how": "review"} | more
    )


def only_run(world):
    with scope(world.initiative.pk):
        return ImportRun.objects.get()


def confirm(client, run, **more):
    return client.post(address("import_confirm", run.pk), more)


def test_a_file_is_checked_before_anything_is_stored_and_imported_once(client, world):
    client.force_login(world.keeper.user)
    assert client.get(address("imports")).status_code == 200
    answer = send(client, GOOD, how="accept")
    run = only_run(world)
    assert answer.url == address("import_run", run.pk)
    page = client.get(answer.url).content.decode()
    assert "Import and accept" in page
    assert "A form is closed once all that it asks for is accepted" in page
    with scope(world.initiative.pk):
        assert not Observation.objects.exists()
    assert len(default_storage.listdir(f"imports/{world.initiative.pk}")[1]) == 1

    assert confirm(client, run).status_code == 302
    assert confirm(client, run).status_code == 302

    with scope(world.initiative.pk):
        assert Observation.objects.count() == 2
        assert Act.objects.filter(action="measures.values_imported").count() == 1
        assert ImportRun.objects.get().user_id == world.keeper.user_id
    assert "2 numbers were stored" in client.get(answer.url).content.decode()
    assert default_storage.listdir(f"imports/{world.initiative.pk}")[1] == []


def test_every_bad_row_is_told_with_line_column_text_and_what_is_right(client, world):
    client.force_login(world.keeper.user)
    bad = HEADING + "a,mealz,2025,10,,,\nb,meals,2025,ten,,,\n"
    page = client.get(send(client, bad).url).content.decode()
    for said in ("2 rows cannot be stored", "mealz", "Did you mean meals?", "ten", "not a number"):
        assert said in page
    assert "Import for review" not in page
    run = only_run(world)
    assert run.state == "refused"
    assert run.file == ""
    assert confirm(client, run).status_code == 302
    with scope(world.initiative.pk):
        assert not Entry.objects.exists()


def test_a_number_with_two_readings_is_asked_about_once(client, world):
    client.force_login(world.keeper.user)
    text = HEADING.replace(",", ";") + "a;meals;2025;1,234;;;\n"
    run_page = send(client, text, how="accept").url
    page = client.get(run_page).content.decode()
    assert "It is 1234: decimals after a point" in page
    assert "It is 1.234: decimals after a comma" in page
    run = only_run(world)
    assert client.post(address("import_mark", run.pk), {"mark": "point"}).url == run_page
    confirm(client, run)
    with scope(world.initiative.pk):
        assert Observation.objects.get().value == 1234


FOREIGN = "Agency,Measure,Quarter,Amount,Color\na,meals,2025,10,red\n"
TOLD = {
    "column-0": "organization_code",
    "column-1": "indicator_code",
    "column-2": "period",
    "column-3": "value",
    "column-4": "-",
}


def test_unknown_headings_are_asked_about_and_remembered(client, world):
    client.force_login(world.keeper.user)
    run_page = send(client, FOREIGN, how="accept").url
    page = client.get(run_page).content.decode()
    for said in ("What are the columns?", "Agency", "For example meals", "leave it out"):
        assert said in page

    first = only_run(world)
    told = client.post(address("import_columns", first.pk), TOLD)
    assert told.url == run_page
    confirm(client, only_run(world))
    again = client.get(send(client, FOREIGN.replace("10", "12"), how="accept").url)

    with scope(world.initiative.pk):
        assert Observation.objects.get().value == 10
    page = again.content.decode()
    assert "What are the columns?" not in page
    assert "“Amount” is read as you said before." in page
    assert "“Amount” is read" in page
    listed = client.get(address("imports")).content.decode()
    assert "Headings that are remembered" in listed
    assert "is left out" in listed


def test_columns_said_wrongly_are_told_in_place_and_nothing_is_remembered(client, world):
    client.force_login(world.keeper.user)
    send(client, FOREIGN)
    url = address("import_columns", only_run(world).pk)
    twice = client.post(url, TOLD | {"column-3": "period"})
    lacking = client.post(url, TOLD | {"column-3": "-"})
    unknown = client.post(url, TOLD | {"column-3": "dimension:nothing"})

    assert [each.status_code for each in (twice, lacking, unknown)] == [422] * 3
    assert "“Quarter” is that already." in twice.content.decode()
    assert "There is no column for the values" in lacking.content.decode()
    with scope(world.initiative.pk):
        assert not RememberedColumn.objects.exists()


def test_what_was_said_can_be_said_anew_and_forgotten(client, world):
    client.force_login(world.keeper.user)
    send(client, FOREIGN)
    run = only_run(world)
    client.post(
        address("import_columns", run.pk), TOLD | {"column-3": "comment", "column-4": "value"}
    )
    page = client.get(address("import_run", run.pk)).content.decode()
    assert "1 row cannot be stored" in page  # "red" is no number
    assert "How the columns are read" in page
    client.post(address("import_columns", run.pk), TOLD)
    assert only_run(world).state == "checked"

    with scope(world.initiative.pk):
        heading = RememberedColumn.objects.get(heading="amount")
        assert heading.target == "value"
    client.post(address("column_forget", heading.pk))
    page = client.get(send(client, FOREIGN).url).content.decode()
    assert "What are the columns?" in page


def test_a_heading_said_by_one_organization_is_not_anothers(client, world):
    client.force_login(world.reporter.user)
    send(client, FOREIGN)
    run = only_run(world)
    client.post(address("import_columns", run.pk), TOLD)
    with scope(world.initiative.pk):
        told = RememberedColumn.objects.filter(heading="amount")
        assert told.get().organization_id == world.reporter.organization_id
    client.force_login(world.keeper.user)
    assert client.post(address("column_forget", told_pk(world))).status_code == 404
    page = client.get(send(client, FOREIGN).url).content.decode()
    assert "What are the columns?" in page


def told_pk(world):
    with scope(world.initiative.pk):
        return RememberedColumn.objects.get(heading="amount").pk


def test_a_heading_and_no_row_is_no_file_of_values(client, world):
    client.force_login(world.keeper.user)
    page = client.get(send(client, HEADING).url).content.decode()
    assert "Below the heading there is no row" in page


def test_what_changes_accepted_numbers_asks_for_one_reason(client, world):
    client.force_login(world.keeper.user)
    send(client, GOOD, how="accept")
    confirm(client, only_run(world))
    page = client.get(send(client, GOOD.replace("10", "12"), how="accept").url).content.decode()
    assert "Accepted numbers that change" in page
    with scope(world.initiative.pk):
        run = ImportRun.objects.first()
    refused = confirm(client, run, reason="  ")
    assert refused.status_code == 422
    assert confirm(client, run, reason="Counted again").status_code == 302
    with scope(world.initiative.pk):
        fact = Observation.objects.current().get(indicator=world.count)
        assert (fact.value, fact.reason_text) == (12, "Counted again")


def test_a_reporter_imports_for_their_own_organization_and_knows_of_no_other(client, world):
    client.force_login(world.reporter.user)
    page = client.get(send(client, GOOD + "b,meals,2025,1,,,\n").url).content.decode()
    assert "There is no organization with the code" in page
    assert "accepted at once" not in client.get(address("imports")).content.decode()
    send(client, GOOD, how="accept")  # is not theirs to say
    with scope(world.initiative.pk):
        run = ImportRun.objects.first()
    confirm(client, run)
    with scope(world.initiative.pk):
        assert Submission.objects.get(organization=world.org).state == "submitted"
        assert not Observation.objects.exists()
        assert Entry.objects.count() == 2


def test_files_of_others_are_not_found(client, world):
    client.force_login(world.keeper.user)
    send(client, GOOD)
    run = only_run(world)
    with scope(world.initiative.pk):
        stranger = member("eve@example.org", world.keeper.organization, "partner_reporter")
        viewer = member("olga@example.org", world.keeper.organization, "observer")
    for reporter in (world.reporter, stranger):
        client.force_login(reporter.user)
        assert client.get(address("import_run", run.pk)).status_code == 404
        assert confirm(client, run).status_code == 404
        assert client.post(address("import_drop", run.pk)).status_code == 404
        assert run.name not in client.get(address("imports")).content.decode()
    client.force_login(viewer.user)
    assert client.get(address("imports")).status_code == 403


def test_a_large_file_is_read_by_a_worker_and_the_page_asks_how_it_goes(client, world, monkeypatch):
    monkeypatch.setattr(files, "AT_ONCE", 10)
    client.force_login(world.keeper.user)
    url = send(client, GOOD, how="accept").url
    page = client.get(url).content.decode()
    assert "is being checked" in page
    assert f'hx-get="{url}"' in page
    run_jobs()
    part = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "hx-get" not in part
    run = only_run(world)
    confirm(client, run)
    confirm(client, run)
    run_jobs()
    run_jobs()
    assert only_run(world).state == "imported"
    with scope(world.initiative.pk):
        assert Observation.objects.count() == 2


def run_jobs():
    for job in Job.objects.filter(kind__in=[uploads.CHECK, uploads.RUN]).order_by("id"):
        jobs.run(job.pk)


def test_who_lost_the_right_meanwhile_imports_nothing(client, world, monkeypatch):
    client.force_login(world.keeper.user)
    send(client, GOOD, how="accept")
    monkeypatch.setattr(files, "AT_ONCE", 10)
    confirm(client, only_run(world))
    with scope(world.initiative.pk):
        world.keeper.roles = ["observer"]
        world.keeper.save()
    run_jobs()
    assert only_run(world).state == "failed"
    with scope(world.initiative.pk):
        assert not Observation.objects.exists()


def test_a_dropped_file_is_gone(client, world):
    client.force_login(world.keeper.user)
    url = send(client, GOOD).url
    run = only_run(world)
    client.post(address("import_drop", run.pk))
    confirm(client, run)
    assert "Nothing of it was stored" in client.get(url).content.decode()
    assert files_left(world) == []


def files_left(world):
    return default_storage.listdir(f"imports/{world.initiative.pk}")[1]


def test_files_nobody_decides_about_are_deleted(client, world):
    client.force_login(world.keeper.user)
    send(client, GOOD)
    with scope(world.initiative.pk):
        uploads.sweep_files()
        assert len(files_left(world)) == 1
        ImportRun.objects.update(created_at=timezone.now() - timedelta(days=9))
        uploads.sweep_files()
        assert ImportRun.objects.get().state == "dropped"
    assert files_left(world) == []


def test_too_large_and_too_many_files_are_refused_in_place(client, world, monkeypatch, settings):
    client.force_login(world.keeper.user)
    monkeypatch.setattr(files, "LARGEST", 50)
    answer = send(client, GOOD)
    assert answer.status_code == 422
    assert "larger than" in answer.content.decode()
    monkeypatch.setattr(files, "LARGEST", 5_000)
    assert send(client, GOOD).status_code == 302
    settings.QUOTAS = settings.QUOTAS | {"waiting_megabytes": 0}
    answer = send(client, GOOD)
    assert answer.status_code == 422
    assert "Too many files wait" in answer.content.decode()
    assert len(files_left(world)) == 1


def test_the_table_of_a_round_has_a_row_for_every_number_asked(client, world):
    client.force_login(world.reporter.user)
    text = client.get(address("import_template", world.round.pk)).content.decode("utf-8-sig")
    assert text.splitlines() == [
        HEADING.strip(),
        "a,meals,2025,,,,",
        "a,leases,2025,,,,",
    ]


def test_the_list_asks_no_more_for_many_files(client, world):
    client.force_login(world.keeper.user)
    counts = []
    for number in (1, 30):
        with scope(world.initiative.pk):
            for _each in range(number):
                ImportRun.here(
                    name="old.csv", user=world.keeper.user, organization=world.org
                ).save()
        client.get(address("imports"))
        with CaptureQueriesContext(connection) as queries:
            client.get(address("imports"))
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[1] <= 15

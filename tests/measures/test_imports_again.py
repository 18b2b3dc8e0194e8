"""What is imported a second time: by content, with a reason where accepted numbers change."""

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from initiatives.models import Act
from initiatives.tenancy import scope
from measures.choices import SubmissionState
from measures.imports import staging
from measures.models import Entry, ImportRun, Observation, Round, Submission
from measures.selectors.submissions import fields_of
from measures.services.acceptance import accept_submissions
from measures.services.corrections import reopen_submission
from measures.services.imports import import_values
from tests import database, factories
from tests.measures.test_submissions import World

pytestmark = pytest.mark.django_db(transaction=True)
HEADING = "organization_code,indicator_code,period,value,numerator,denominator,comment\n"
FIRST = "a,meals,2025,10,,,counted\na,leases,2025,,3,4,\n"
SECOND = "a,meals,2025,12,,,counted\na,leases,2025,,3,4,\n"


@pytest.fixture
def world():
    return World(overdue=True)


def send(world, rows, **options):
    with scope(world.initiative.pk):
        return import_values(
            actor=world.keeper,
            file=BytesIO((HEADING + rows).encode()),
            name="values.csv",
            **options,
        )


def meals(world):
    with scope(world.initiative.pk):
        return Observation.objects.current().get(indicator=world.count)


def test_the_same_content_again_writes_nothing_at_all(world):
    assert send(world, FIRST, accept=True).stored == 2
    with scope(world.initiative.pk):
        before = list(Act.objects.values_list("id")), list(Submission.objects.values())

    again = send(world, FIRST, accept=True)

    assert again.is_known
    assert (again.stored, again.unchanged) == (0, 2)
    with scope(world.initiative.pk):
        assert before == (list(Act.objects.values_list("id")), list(Submission.objects.values()))
        assert Observation.objects.count() == 2
        assert ImportRun.objects.count() == 1


def test_a_changed_number_needs_a_reason(world):
    send(world, FIRST, accept=True)

    refused = send(world, SECOND, accept=True)

    assert refused.refused
    assert [(row.line, row.problems[0].code) for row in refused.rows if row.problems] == [
        (2, "E_LOCKED")
    ]
    assert meals(world).value == 10
    assert send(world, SECOND, accept=True, reason="Counted again").stored == 1
    fact = meals(world)
    assert (fact.value, fact.reason, fact.reason_text) == (12, "import", "Counted again")


def test_a_dry_run_tells_what_would_need_the_reason(world):
    send(world, FIRST, accept=True)

    report = send(world, SECOND, accept=True, dry_run=True)

    assert not report.refused
    assert report.changed == 1
    change = report.changes[0]
    assert (change.line, change.before, change.after) == (2, "10", "12")


def run_command(tmp_path, rows, **options):
    file, told, aside = tmp_path / "values.csv", StringIO(), StringIO()
    file.write_text(HEADING + rows)
    try:
        call_command(
            "import_values", "here", str(file), accept=True, stdout=told, stderr=aside, **options
        )
        code = 0
    except CommandError as error:
        aside.write(str(error))
        code = error.returncode
    return code, json.loads(told.getvalue()), aside.getvalue()


def test_the_command_asks_why_exactly_where_an_accepted_number_would_change(world, tmp_path):
    assert run_command(tmp_path, FIRST)[0] == 0
    assert run_command(tmp_path, FIRST)[0] == 0

    code, told, said = run_command(tmp_path, SECOND, dry_run=True)
    assert (code, told["needs_reason"], told["changed"]) == (0, True, 1)
    assert "(1): say why with --reason" in said

    code, told, said = run_command(tmp_path, SECOND)
    assert (code, told["ok"], told["needs_reason"]) == (2, False, True)
    assert "--reason TEXT. Nothing was stored." in said
    assert meals(world).value == 10

    code, told, said = run_command(tmp_path, SECOND, reason="Counted again")
    assert (code, told["needs_reason"], said) == (0, False, "")
    fact = meals(world)
    assert (fact.value, fact.reason_text) == (12, "Counted again")


def test_the_command_leaves_out_in_part_what_nobody_explains(world, tmp_path):
    run_command(tmp_path, FIRST.split("\n", maxsplit=1)[0] + "\n")

    code, told, said = run_command(tmp_path, SECOND, partial=True)

    assert (code, told["stored"], told["needs_reason"]) == (0, 1, True)
    assert "say why with --reason" in said
    assert meals(world).value == 10


def test_a_row_that_is_wrong_besides_is_told_with_the_missing_reason(world, tmp_path):
    run_command(tmp_path, FIRST)

    code, told, said = run_command(tmp_path, SECOND + "b,meals,2025,ten,,,\n")

    assert (code, told["stored"]) == (1, 0)
    assert "say why with --reason" in said


def test_the_first_file_after_a_correction_says_what_it_says(world):
    send(world, FIRST, accept=True)
    send(world, SECOND, accept=True, reason="Counted again")

    back = send(world, FIRST, accept=True, reason="The first count was right")

    assert back.stored == 1
    assert meals(world).value == 10
    with scope(world.initiative.pk):
        assert Observation.objects.filter(indicator=world.count).count() == 3


def test_no_comment_takes_away_no_note(world):
    send(world, FIRST, accept=True)

    assert send(world, FIRST.replace("counted", ""), accept=True).is_known
    assert meals(world).note == "counted"


def test_values_for_review_do_not_touch_what_is_accepted(world):
    send(world, FIRST, accept=True)

    assert send(world, SECOND).refused
    assert send(world, FIRST).is_known
    with scope(world.initiative.pk):
        assert not Entry.objects.exists()


def test_a_reporter_does_not_write_over_what_waits_for_review(world):
    own = [world.org.pk]
    assert send(world, FIRST, own=own).stored == 2
    assert send(world, FIRST, own=own).is_known

    refused = send(world, SECOND, own=own)

    assert refused.refused
    assert "waits for review" in refused.rows[0].problems[0].message
    assert send(world, SECOND).stored == 1  # who collects may


def test_late_is_what_came_after_a_due_day_that_was_to_be_met(world):
    with scope(world.initiative.pk):
        Round.objects.update(created_at=datetime(2020, 1, 1, tzinfo=UTC))
    send(world, FIRST, accept=True)

    assert meals(world).is_late
    with scope(world.initiative.pk):
        assert Submission.objects.get().is_late


def test_a_round_made_for_the_past_finds_nobody_late(world):
    send(world, FIRST, accept=True)

    assert not meals(world).is_late
    with scope(world.initiative.pk):
        assert not Submission.objects.get().is_late


def test_an_imported_submission_shows_its_numbers_and_keeps_them_when_reopened(world):
    send(world, FIRST, accept=True)
    with scope(world.initiative.pk):
        submission = Submission.objects.select_related("round__period", "organization").get()
        assert {field.entry.value for field in fields_of(submission) if field.entry} == {10, None}

        submission = reopen_submission(
            actor=world.keeper,
            submission=submission,
            reason="One was forgotten",
            until=timezone.now() + timedelta(days=2),
        )

        assert Entry.objects.get(submission=submission, indicator=world.count).value == 10


def handed_in(world, organization):
    submission = Submission.here(
        round=world.round,
        organization=organization,
        state=SubmissionState.SUBMITTED,
        submitted_at=timezone.now(),
    )
    submission.save()
    Entry.here(submission=submission, indicator=world.count, value=7).save()
    Entry.here(submission=submission, indicator=world.ratio, numerator=1, denominator=2).save()
    return submission


def test_accepting_more_submissions_asks_no_more_of_the_database(world):
    asked = []
    with scope(world.initiative.pk):
        Submission.objects.all().delete()
        organizations = [factories.organization(f"o{number}") for number in range(7)]
        submissions = [handed_in(world, each) for each in organizations]
        for chosen in (submissions[:1], submissions[1:] + submissions[1:]):
            with CaptureQueriesContext(connection) as queries:
                assert accept_submissions(actor=world.keeper, submissions=chosen) == len(
                    set(chosen)
                )
            asked.append(len(queries))
        assert Observation.objects.current().count() == 14
        accepted = Act.objects.filter(action="measures.submission_accepted")
        assert [act.detail["facts"] for act in accepted] == [2] * 7
    assert asked[0] == asked[1]


def test_the_command_says_that_others_are_writing(world, tmp_path, monkeypatch):
    monkeypatch.setattr(staging, "PATIENCE", "SET LOCAL lock_timeout = '20ms'")
    path = tmp_path / "values.csv"
    path.write_text(HEADING + FIRST)
    with database.admin(connection.settings_dict["NAME"]) as other, other.transaction():
        other.execute("SELECT 1 FROM measures_submission FOR UPDATE")
        with pytest.raises(CommandError, match="being written to; nothing was stored") as caught:
            call_command("import_values", "here", str(path), accept=True)
    assert caught.value.returncode == 3
    with scope(world.initiative.pk):
        assert not Observation.objects.exists()

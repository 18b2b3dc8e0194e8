"""Files that were made to do harm, or by accident: each a clear answer, never an error of ours."""

import csv
import io

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from hypothesis import HealthCheck, example, given, settings, strategies as st

from initiatives.tenancy import scope
from measures import ledger
from measures.arithmetic.texts import as_written, inert
from measures.exports.values import lines_of_values
from measures.imports import files, staging
from measures.models import ImportRun, Observation
from measures.services.imports import import_values
from tests import factories
from tests.measures.test_submissions import World

pytestmark = pytest.mark.django_db(transaction=True)
HEADING = "organization_code,indicator_code,period,value,numerator,denominator,comment\n"
WIDE = ",".join(["organization_code", "indicator_code", "period", "value"] + ["x"] * 16_000)
FILES = {
    "nothing": b"",
    "nul": (HEADING + "a,meals,2025,1\x00,,,\n").encode(),
    "nul in a comment": (HEADING + "a,meals,2025,1,,,\x00\n").encode(),
    "only nul": b"\x00" * 5_000,
    "one endless line": b"a" * (3 << 20),
    "endless quote": (HEADING + '"' + "a,b\n" * 400_000).encode(),
    "sixteen thousand columns": (WIDE + "\n" + "a,meals,2025,1" + ",1" * 16_000 + "\n").encode(),
    "zip": b"PK\x03\x04" + b"\x14\x00" * 500,
    "old workbook": b"\xd0\xcf\x11\xe0" + b"\x00\x01" * 500,
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
    "lone surrogate": HEADING.encode() + b"a,meals,2025,1,,,\xed\xa0\x80\n",
    "half a utf-16": (HEADING + "a,meals,2025,1,,,\n").encode("utf-16")[:-1],
    "latin": (HEADING + "a,meals,2025,x,,,caf\xe9\n").encode("latin-1"),
    "formulas": (HEADING + "=cmd|'/c calc'!A1,meals,2025,=1+1,,,@SUM(A1)\n").encode(),
    "script": (HEADING + "<script>alert(1)</script>,meals,2025,1,,,\n").encode(),
    "huge exponent": (HEADING + "a,meals,2025,1e400,,,\n").encode(),
    "many digits": (HEADING + "a,meals,2025," + "9" * 400 + ",,,\n").encode(),
    "nan": (HEADING + "a,meals,2025,NaN,,,\n").encode(),
    "infinity": (HEADING + "a,meals,2025,-Infinity,,,\n").encode(),
    "right to left": (HEADING + "a,meals,2025,\u202e21,,,\n").encode(),
}


@pytest.fixture
def world(tmp_path, settings, monkeypatch):
    settings.STORAGES = settings.STORAGES | {
        "default": settings.STORAGES["default"] | {"OPTIONS": {"location": str(tmp_path)}}
    }
    monkeypatch.setattr(files, "AT_ONCE", files.LARGEST)  # no worker: see the answer at once
    return World()


def sent(client, data, name="values.csv"):
    address = reverse("measures:imports", args=["here"])
    return client.post(address, {"file": SimpleUploadedFile(name, data), "how": "accept"})


def test_every_hostile_file_is_answered_and_nothing_of_it_is_stored(client, world):
    client.force_login(world.keeper.user)
    for name, data in FILES.items():
        answer = sent(client, data)
        if answer.status_code == 302:
            page = client.get(answer.url).content.decode()
            assert "Nothing was stored" in page or "cannot be stored" in page, name
            assert "<script>alert" not in page
        else:
            assert answer.status_code == 422, name
    with scope(world.initiative.pk):
        assert not Observation.objects.exists()
        assert set(ImportRun.objects.values_list("state", flat=True)) == {"refused"}


@pytest.mark.parametrize("name", ["zip", "old workbook", "picture"])
def test_what_is_no_text_is_said_to_be_none(client, world, name):
    client.force_login(world.keeper.user)
    answer = sent(client, FILES[name])
    page = client.get(answer.url).content.decode()
    assert "cannot be read as a table" in page
    assert "CSV" in page


def test_a_name_is_only_ever_a_name(client, world):
    client.force_login(world.keeper.user)
    for name in ("../../etc/passwd", "a" * 400 + ".csv", "\u202evsc.exe", "x\r\nSet-Cookie: a"):
        assert sent(client, (HEADING + "a,meals,2025,1,,,\n").encode(), name).status_code == 302
    page = client.get(reverse("measures:imports", args=["here"])).content.decode()
    assert "etc/passwd" not in page.replace("passwd", "", 1) or "../" not in page
    with scope(world.initiative.pk):
        for run in ImportRun.objects.all():
            assert run.file.startswith(f"imports/{world.initiative.pk}/")
            assert len(run.name) <= 255


def test_minus_zero_is_zero(world):
    read(world, HEADING + "a,meals,2025,-0,,,\n")
    with scope(world.initiative.pk):
        assert str(Observation.objects.get().value).startswith("0")


def test_utf_16_is_read(world):
    report = read(world, HEADING + "a,meals,2025,7,,,déjà\n", encoding="utf-16")
    assert report.stored == 1


def read(world, text, encoding="utf-8", **options):
    with scope(world.initiative.pk):
        return import_values(
            actor=world.keeper,
            file=io.BytesIO(text.encode(encoding)),
            name="values.csv",
            accept=True,
            **options,
        )


RUN = ("=", "+", "-", "@", "\t", "\r")


@given(st.text() | st.text("=+-@;'\" \t\r\n\uff1dx"))
@example("=1+1")
@example("'=1+1")
@example("''")
@example(" =1")
@example("so many; '=1+1")
def test_inert_texts_come_back_as_they_were(text):
    assert as_written(inert(text)) == text
    assert not inert(text).startswith(RUN)


@given(st.text("=+-@;'\" \t\n\uff1dx,", max_size=30))
@example("so many;=HYPERLINK(1);")
@example("a line\n=1+1")
@example('x; "=1+1"')
def test_no_cell_runs_where_lists_are_written_with_semicolons(text):
    """Most of Europe's spreadsheets end cells there, also within the quotation marks of ours."""
    written = io.StringIO()
    csv.writer(written).writerow(["library", inert(text), "1"])
    for line in written.getvalue().splitlines():
        for cell in line.split(";")[1:] or [""]:
            assert not cell.lstrip(' "').startswith((*RUN, "\uff1d"))


AMOUNT = st.decimals(min_value=0, max_value=10**14, places=4)
NOTE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(count=AMOUNT, part=AMOUNT, more=AMOUNT, notes=st.tuples(NOTE, NOTE))
@example(count=0, part=0, more=0, notes=("=HYPERLINK()", "'-1"))
@example(count=1, part=1, more=0, notes=('"quoted", with\ta comma', "\u200b"))
@example(count=1, part=1, more=0, notes=("so many;=1+1;", "-1; '=2; +3"))
def test_importing_an_export_changes_nothing(world, count, part, more, notes):
    """import(export(x)) = x: the same facts, and not one of them written anew."""
    with scope(world.initiative.pk):
        common = {"submission_id": world.submission.pk}
        fact = factories.fact(world.count, world.org, "2025", count, note=notes[0], **common)
        pair = factories.fact(
            world.ratio, world.org, "2025", pair=(part, part + more), note=notes[1], **common
        )
        ledger.record([fact, pair], user_id=None)
        before = list(Observation.objects.values_list("id", flat=True))
        exported = b"".join(lines_of_values())
    rows = list(csv.reader(io.StringIO(exported.decode())))
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)

    report = read(world, exported.decode())

    assert not report.has_errors, [row.problems for row in report.rows]
    assert (report.changed, report.new, report.unchanged) == (0, 0, 2)
    with scope(world.initiative.pk):
        assert list(Observation.objects.values_list("id", flat=True)) == before


READ = """
SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_all_tables
WHERE relid = 'pg_temp.import_row'::regclass
"""


def test_a_file_of_nothing_but_one_row_is_not_read_once_for_each(world, monkeypatch):
    rows, read, settle = 3_000, [], staging.settle_duplicates

    def counted(most):
        told = settle(most)
        with connection.cursor() as cursor:
            cursor.execute(READ)
            read.append(cursor.fetchone()[0])
        return told

    monkeypatch.setattr(staging, "settle_duplicates", counted)
    file = io.BytesIO((HEADING + "a,meals,2025,1,,,\n" * rows).encode())
    with scope(world.initiative.pk):
        report = import_values(actor=world.keeper, file=file, name="same.csv", dry_run=True)
    assert report.counts["ignore"] == rows - 1
    assert "Rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 say the same" in str(
        report.rows[1].warnings
    )
    assert read[0] < 20 * rows


def too_slow(monkeypatch):
    monkeypatch.setattr(staging, "PATIENCE", "SET LOCAL statement_timeout = '200ms'")
    monkeypatch.setattr(staging, "ANALYZE", "SELECT pg_sleep(5)")


def too_long(monkeypatch):
    def interrupted(*_args):
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(staging, "settle_duplicates", interrupted)


def too_large(monkeypatch):
    def swollen(*_args):
        raise MemoryError

    monkeypatch.setattr(staging, "settle_duplicates", swollen)


@pytest.mark.parametrize(
    ("hindered", "said"),
    [(too_slow, "too long"), (too_long, "too long"), (too_large, "too much memory")],
)
def test_a_file_that_takes_too_much_is_not_tried_again(client, world, monkeypatch, hindered, said):
    hindered(monkeypatch)
    client.force_login(world.keeper.user)
    answer = sent(client, (HEADING + "a,meals,2025,1,,,\n").encode())
    assert f"It takes {said}. Split it" in client.get(answer["Location"]).text
    with scope(world.initiative.pk):
        assert not ImportRun.objects.get().file

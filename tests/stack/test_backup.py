"""A backup as docs/how-to/operate.md has it made and put back: all rows, walls, grants, guards."""

import subprocess

import psycopg
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection

from agenda.models import PositionStatement
from config import roles, stack
from initiatives.models import Act, Initiative
from initiatives.tenancy import scope
from tests import database

# One database alone is made here, filled once and read by every test of the file.
SOURCE, TARGET = "test_backed_up", "test_restored"
SAID = """
SELECT count(*) FROM pg_stats WHERE tablename = 'measures_rollup' AND attname = 'scope_id'
    AND n_distinct = 100
"""


def program(name, *words):
    """One of the server's own programs, as an operator runs it."""
    return subprocess.run(
        [stack.postgres.programs() / name, *words], capture_output=True, text=True, check=False
    )


def dump(role, file):
    url = stack.postgres.url(role, SOURCE)
    return program("pg_dump", "--format=custom", "--statistics", f"--file={file}", url)


@pytest.fixture(scope="module")
def restored(django_db_setup, django_db_blocker, tmp_path_factory):
    """The name of a database that was put back from a dump of two initiatives."""
    file = tmp_path_factory.mktemp("backup") / "concert.dump"
    with django_db_blocker.unblock():
        database.create(SOURCE)
        database.drop(TARGET)
        try:
            with database.using(SOURCE):
                call_command("seed_twins", verbosity=0)
            made = dump(roles.BACKUP, file)
            assert made.returncode == 0, made.stderr
            roles.install(database.admin_url(), TARGET)
            put_back = program(
                *("pg_restore", "--clean", "--if-exists", "--no-owner", f"--role={roles.OWNER}"),
                *("--exit-on-error", f"--dbname={database.admin_url(TARGET)}", str(file)),
            )
            assert put_back.returncode == 0, put_back.stderr
            yield TARGET
        finally:
            database.drop(TARGET)
            database.drop(SOURCE)


def rows_of(name):
    """How many rows each table has."""
    with database.admin(name) as admin:
        tables = sorted(database._tables(admin))
        return {
            table: admin.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables
        }


def test_nobody_else_can_dump(restored, tmp_path):
    refused = dump(roles.WEB, tmp_path / "part.dump")
    assert refused.returncode != 0
    assert "permission denied" in refused.stderr  # of the parts, before row-level security refuses


def test_every_row_is_there(restored):
    was = rows_of(SOURCE)
    assert was == rows_of(restored)
    assert was["measures_observation"]
    assert was["initiatives_act"]


def test_the_walls_stand(restored, django_db_blocker):
    with django_db_blocker.unblock(), database.using(restored):
        call_command("check", databases=["default"], fail_level="WARNING")
        ours, theirs = Initiative.objects.order_by("pk")
        with scope(ours.pk):
            assert Act.objects.exists()
            with connection.cursor() as cursor:
                cursor.execute("SELECT DISTINCT initiative_id FROM initiatives_act")
                assert cursor.fetchall() == [(ours.pk,)]
            assert not PositionStatement._base_manager.filter(initiative_id=theirs.pk).exists()
        with pytest.raises(DatabaseError, match="append-only"), scope(ours.pk):
            Act.objects.update(action="other")


def test_what_was_said_of_the_tables_comes_along(restored):
    with database.admin(SOURCE) as before, database.admin(restored) as after:
        assert before.execute(SAID).fetchone() == after.execute(SAID).fetchone() != (0,)


def test_a_dump_writes_nothing(restored):
    refused = pytest.raises(psycopg.errors.ReadOnlySqlTransaction)
    with psycopg.connect(stack.postgres.url(roles.BACKUP, SOURCE)) as reader, refused:
        reader.execute("CREATE TABLE mine (id int)")

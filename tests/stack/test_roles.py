"""The four roles: what each may, and above all may not."""

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from psycopg import errors

from config import roles, stack
from initiatives import checks
from tests import database


@pytest.fixture(scope="module")
def scratch():
    """A database of the installer's making, on the server the tests use."""
    stack.ensure()
    name = f"{database.database_name()}_roles"
    database.drop(name)
    roles.install(database.admin_url(), name)
    with psycopg.connect(as_role(roles.MIGRATE, name), autocommit=True) as migrate:
        migrate.execute("SET ROLE app_owner")
        migrate.execute("CREATE TABLE thing (id bigint GENERATED ALWAYS AS IDENTITY, word text)")
        migrate.execute("INSERT INTO thing (word) VALUES ('one')")
    yield name
    database.drop(name)


def as_role(role: str, name: str) -> str:
    return psycopg.conninfo.make_conninfo(database.admin_url(name), user=role)


def test_tests_run_as_the_web_role(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, session_user")
        assert cursor.fetchone() == ("app_web", "app_web")


def test_attributes(scratch):
    with database.admin() as admin:
        found = admin.execute(
            "SELECT rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb"
            " FROM pg_roles WHERE rolname LIKE 'app\\_%' ORDER BY rolname"
        ).fetchall()
    assert found == [
        ("app_backup", True, False, True, False, False),
        ("app_migrate", True, False, False, False, False),
        ("app_owner", False, False, False, False, False),
        ("app_web", True, False, False, False, False),
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE thing",
        "DROP TABLE thing",
        "ALTER TABLE thing DISABLE ROW LEVEL SECURITY",
        "CREATE TABLE mine ()",
        "CREATE TRIGGER mine BEFORE INSERT ON thing EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "SET ROLE app_owner",
        "SET ROLE app_migrate",
        "SET ROLE app_backup",
        "CREATE ROLE mine",
        "ALTER ROLE app_web BYPASSRLS",
        "SET session_replication_role = replica",
        "COPY thing TO PROGRAM 'cat'",
    ],
)
def test_the_web_role_may_not(scratch, statement):
    with (
        psycopg.connect(as_role(roles.WEB, scratch), autocommit=True) as web,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        web.execute(statement)


def test_the_web_role_reads_and_writes_rows(scratch):
    with psycopg.connect(as_role(roles.WEB, scratch)) as web:
        web.execute("INSERT INTO thing (word) VALUES ('two')")
        web.execute("UPDATE thing SET word = 'three' WHERE word = 'two'")
        assert web.execute("SELECT count(*) FROM thing").fetchone() == (2,)
        web.execute("DELETE FROM thing WHERE word = 'three'")


def test_the_web_role_has_time_limits(scratch):
    with psycopg.connect(as_role(roles.WEB, scratch)) as web:
        shown = [web.execute(f"SHOW {name}").fetchone()[0] for name in roles.SETTINGS[roles.WEB]]
    assert shown == ["15s", "3s", "30s"]


def test_the_backup_role_reads_all_and_writes_nothing(scratch):
    with psycopg.connect(as_role(roles.BACKUP, scratch), autocommit=True) as backup:
        assert backup.execute("SELECT word FROM thing").fetchall() == [("one",)]
        with pytest.raises(errors.ReadOnlySqlTransaction):
            backup.execute("INSERT INTO thing (word) VALUES ('two')")
        backup.execute("SET default_transaction_read_only = off")
        with pytest.raises(errors.InsufficientPrivilege):
            backup.execute("INSERT INTO thing (word) VALUES ('two')")


def test_another_database_user_may_not_connect(scratch):
    with database.admin() as admin:
        granted = admin.execute(
            "SELECT has_database_privilege('public', %s, 'CONNECT')", [scratch]
        ).fetchone()
    assert granted == (False,)


def test_the_start_is_refused_as_a_superuser(db, monkeypatch):
    monkeypatch.setattr(checks, "connection", Pretend([("postgres", True, False)]))
    with pytest.raises(ImproperlyConfigured, match="not held by row-level security"):
        checks.refuse_unwalled()


def test_the_start_is_refused_as_a_role_that_bypasses(db, monkeypatch):
    monkeypatch.setattr(checks, "connection", Pretend([("app_backup", False, True)]))
    with pytest.raises(ImproperlyConfigured, match="BYPASSRLS"):
        checks.refuse_unwalled()


@pytest.mark.django_db(transaction=True)
def test_the_start_is_refused_while_a_table_is_open():
    table = checks.walled_tables()[0]
    checks.refuse_unwalled()
    with database.admin(connection.settings_dict["NAME"]) as admin:
        admin.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        try:
            with pytest.raises(ImproperlyConfigured, match=table):
                checks.refuse_unwalled()
            assert [error.id for error in checks.walls_hold(["default"])] == ["concert.E002"]
        finally:
            admin.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    checks.refuse_unwalled()


@pytest.mark.django_db(transaction=True)
def test_migrate_goes_back_to_the_web_role():
    call_command("migrate", verbosity=0, interactive=False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("app_web",)


class Pretend:
    """A connection that answers the first question with ``rows`` and the rest with nothing."""

    def __init__(self, rows):
        self.rows = [rows, []]

    def cursor(self):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def execute(self, *_):
        self.answer = self.rows.pop(0)

    def fetchone(self):
        return self.answer[0]

    def fetchall(self):
        return self.answer

    def close(self):
        return None

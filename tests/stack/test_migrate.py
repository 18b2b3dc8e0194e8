"""F18: ``migrate`` that is killed at any point is run again, and ends where an undisturbed one does."""

import os
import random
import re
import signal
import threading
import time

import psycopg
import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, transaction

from initiatives.management.commands import migrate as migrate_command
from tests import database
from tests.stack.conftest import new_checkout
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

KILLS = int(os.environ.get("F18_KILLS", "6"))
MOST_RUNS = 60
# All that a migration makes, in words that do not depend on the order it was made in.
CATALOGUE = """
SELECT 'column', table_name || '.' || column_name,
    concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default)
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'policy', tablename || '.' || policyname, concat_ws(' ', cmd, permissive, qual, with_check)
FROM pg_policies
UNION ALL SELECT 'wall', relname, concat_ws(' ', relrowsecurity, relforcerowsecurity, relacl)
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
UNION ALL SELECT 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid)
FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function', proname, md5(prosrc) || coalesce(proacl::text, '')
FROM pg_proc WHERE pronamespace = 'app'::regnamespace
UNION ALL SELECT 'migration', app || '.' || name, '' FROM django_migrations
"""
INVALID = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"


@pytest.fixture
def checkout():
    made = new_checkout()
    made.start()
    yield made
    made.remove()


def found_in(rows):
    return {(kind, name, re.sub(r"\s+", " ", text)) for kind, name, text in rows}


def migrate(checkout, *, seconds=None):
    """Whether it came to its end; it is killed after so many seconds."""
    process = checkout.popen("manage.py", "migrate", "--verbosity=0", start_new_session=True)
    if seconds is not None:
        time.sleep(seconds)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return False
    said, _ = process.communicate()
    assert process.returncode == 0, said
    return True


def test_f18_a_migration_that_is_killed_at_any_point_is_run_again(checkout):
    kills, done = 0, 0
    with psycopg.connect(checkout.url(), autocommit=True) as admin:
        for _run in range(MOST_RUNS):
            ended = migrate(checkout, seconds=random.uniform(2, 9))  # noqa: S311
            there = admin.execute("SELECT to_regclass('django_migrations')").fetchone()[0]
            before, done = done, 0
            if there:
                done = admin.execute("SELECT count(*) FROM django_migrations").fetchone()[0]
            assert done >= before
            kills += not ended
            if ended or kills >= KILLS:
                break
        assert kills > 1
        assert migrate(checkout)
        assert migrate(checkout)  # nothing is left to do
        assert admin.execute(INVALID).fetchone()[0] == 0
        killed = found_in(admin.execute(CATALOGUE).fetchall())
    with database.admin(connection.settings_dict["NAME"]) as admin:
        undisturbed = found_in(admin.execute(CATALOGUE).fetchall())
    assert len(undisturbed) > 1_000
    assert killed == undisturbed


def test_f18_a_migration_that_waits_for_a_table_lets_others_pass(monkeypatch):
    """A change of a table waits for who reads it, and who comes after waits for the change."""
    name, waited, tries, over = connection.settings_dict["NAME"], [], [], threading.Event()

    def change(*_args, **_options):
        tries.append(1)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE initiatives_user IN ACCESS EXCLUSIVE MODE")

    def read():
        with database.admin(name) as reader:
            while not over.wait(0.05):
                began = time.monotonic()
                reader.execute("SELECT count(*) FROM initiatives_user")
                waited.append(time.monotonic() - began)

    def release():
        # Somebody waited behind the change and came through, and all the while the table was held.
        try:
            until(lambda: max(waited, default=0) > 1 and len(tries) > 1, "let others pass")
        finally:
            holder.execute("COMMIT")

    monkeypatch.setattr(migrate_command.DjangoMigrate, "execute", change)
    monkeypatch.setattr(migrate_command, "TRIES", 100)  # however late it is released
    with database.admin(name) as holder:
        holder.execute("BEGIN")
        holder.execute("LOCK TABLE initiatives_user IN ACCESS SHARE MODE")
        threads = [threading.Thread(target=each) for each in (read, release)]
        for each in threads:
            each.start()
        try:
            call_command("migrate", verbosity=0)
        finally:
            over.set()
            for each in threads:
                each.join()
    assert len(tries) > 1
    assert sum(each > 1 for each in waited) < len(waited)


def test_a_migration_that_never_gets_its_table_says_so(monkeypatch):
    tries = []

    def locked(*_args, **_options):
        tries.append(1)
        with connection.cursor() as cursor:
            cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'locked' USING ERRCODE = '55P03'; END $$")

    monkeypatch.setattr(migrate_command.DjangoMigrate, "execute", locked)
    monkeypatch.setattr(migrate_command, "PAUSE", (0, 0))
    with pytest.raises(OperationalError, match="locked"):
        call_command("migrate", verbosity=0)
    assert len(tries) == migrate_command.TRIES

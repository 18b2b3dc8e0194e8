"""The database keeps rows apart by itself: raw SQL, as the web role, past every manager."""

import psycopg
import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from initiatives.models import Membership, Place
from initiatives.tenancy import NoInitiativeInScope, scope, visitor
from initiatives.walls import Wall
from tests import database
from tests.isolation import catalogue

TENANT, WALLED = catalogue.tables(Wall.TENANT), catalogue.tables()
VERBS = {
    "select": "SELECT count(*) FROM {0}",
    "insert": "INSERT INTO {0} (initiative_id) VALUES (1)",
    "update": "UPDATE {0} SET initiative_id = initiative_id",
    "delete": "DELETE FROM {0}",
}
APPEND_ONLY = (
    *("initiatives_act", "initiatives_actseal", "measures_observation"),
    *("measures_target", "measures_baseline", "measures_indicatorversion"),
    "meetings_evidence",
    *("agenda_dimensionstance", "agenda_reservationnote", "agenda_evidence"),
)
REFUSED = r"tenant context not set|permission denied"


def sql(statement, *params):
    with connection.cursor() as cursor:
        cursor.execute(statement, params or None)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def settings():
    return sql(
        "SELECT coalesce(current_setting('app.initiative', true), ''),"
        " coalesce(current_setting('app.user', true), '')"
    )


def test_every_walled_table_has_rows_of_both(twins):
    for twin in twins:
        with scope(twin.initiative_id):
            empty = [table for table in WALLED if sql(f"SELECT count(*) FROM {table}") == [(0,)]]
        assert empty == [], "backbone/management/twins.py writes a row of every kind"


def test_without_a_context_every_statement_raises(twins):
    quiet = []
    for table in WALLED:
        for verb, statement in VERBS.items():
            expected = REFUSED if verb in {"update", "delete"} else "tenant context not set"
            try:
                with transaction.atomic():
                    sql(statement.format(table))
            except DatabaseError as error:
                if not any(words in str(error) for words in expected.split("|")):
                    quiet.append(f"{verb} {table}: {error}")
            else:
                quiet.append(f"{verb} {table}")
    assert quiet == []


def test_without_a_context_every_manager_raises(db):
    for model in apps.get_models():
        if getattr(model, "wall", Wall.GLOBAL) is not Wall.GLOBAL:
            with pytest.raises(NoInitiativeInScope):
                list(model.objects.all())


def test_rows_of_the_other_are_not_seen(twins):
    mine, theirs = twins
    with scope(mine.initiative_id):
        for table in WALLED:
            seen = sql(f"SELECT DISTINCT initiative_id FROM {table}")
            assert seen == [(mine.initiative_id,)], table
            by_id = f"SELECT count(*) FROM {table} WHERE initiative_id = %s"
            assert sql(by_id, theirs.initiative_id) == [(0,)], table


def test_rows_of_the_other_are_not_changed(twins):
    mine, theirs = twins
    for table in set(WALLED) - set(APPEND_ONLY):
        with scope(mine.initiative_id):
            for statement in ("UPDATE {0} SET initiative_id = %s WHERE initiative_id = %s",):
                count = sql(statement.format(table), mine.initiative_id, theirs.initiative_id)
                assert count == 0, table
            deleted = f"DELETE FROM {table} WHERE initiative_id = %s"
            assert sql(deleted, theirs.initiative_id) == 0, table


def test_a_row_is_not_given_to_the_other(twins):
    mine, theirs = twins
    for table in WALLED:
        columns = _columns(table)
        copied = ", ".join(columns)
        chosen = ", ".join("%s" if name == "initiative_id" else name for name in columns)
        statement = f"INSERT INTO {table} ({copied}) SELECT {chosen} FROM {table} LIMIT 1"
        with pytest.raises(DatabaseError, match="row-level security"), scope(mine.initiative_id):
            sql(statement, theirs.initiative_id)


def test_a_row_is_not_moved_to_the_other(twins):
    mine, theirs = twins
    for table in set(WALLED) - set(APPEND_ONLY):
        with pytest.raises(DatabaseError, match="row-level security"), scope(mine.initiative_id):
            sql(f"UPDATE {table} SET initiative_id = %s", theirs.initiative_id)


def test_a_row_does_not_point_at_the_other(twins):
    for table, column, target in catalogue.references():
        _point_at_the_other(*twins, table, column, target)


def _point_at_the_other(mine, theirs, table, column, target):
    with scope(theirs.initiative_id):
        [(foreign,)] = sql(f"SELECT min(id) FROM {target}")
    columns = [name for name in _columns(table) if name != "id"]
    chosen = ", ".join("%s" if name == column else name for name in columns)
    statement = f"INSERT INTO {table} ({', '.join(columns)}) SELECT {chosen} FROM {table} LIMIT 1"
    with pytest.raises(DatabaseError) as caught, scope(mine.initiative_id):
        sql(statement, foreign)
    # A copy may trip over a unique key or an organization's own wall first; then the reference is
    # what the catalogue tests hold.
    refusals = ("foreign key", "unique", "check constraint", "row-level security")
    assert any(words in str(caught.value) for words in refusals), f"{table}.{column}"


def _columns(table):
    return [
        name
        for (name,) in sql(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND NOT attisdropped ORDER BY attnum",
            table,
        )
    ]


def test_no_context_is_left_after_a_commit(twins):
    with scope(twins[0].initiative_id):
        assert settings() == [(str(twins[0].initiative_id), "")]
    assert settings() == [("", "")]


def test_no_context_is_left_after_an_exception(twins):
    with pytest.raises(ZeroDivisionError), scope(twins[0].initiative_id, user_id=7):
        raise ZeroDivisionError
    assert settings() == [("", "")]


def test_no_context_is_left_after_a_database_error(twins):
    with pytest.raises(DatabaseError), scope(twins[0].initiative_id):
        sql("SELECT 1 / 0")
    assert settings() == [("", "")]


def test_no_context_is_left_after_a_timeout(twins):
    with pytest.raises(DatabaseError, match="statement timeout"), scope(twins[0].initiative_id):
        sql("SET LOCAL statement_timeout = '20ms'; SELECT pg_sleep(1)")
    assert settings() == [("", "")]


def test_no_context_is_left_after_a_rollback(twins):
    with scope(twins[0].initiative_id):
        Place.here(code="gone", name="Gone").save()
        transaction.set_rollback(True)
    assert settings() == [("", "")]
    with scope(twins[0].initiative_id):
        assert not Place.objects.filter(code="gone").exists()


def test_a_scope_is_not_opened_inside_another(twins):
    mine, theirs = twins
    with (
        scope(mine.initiative_id),
        pytest.raises(RuntimeError, match="durable"),
        scope(theirs.initiative_id),
    ):
        pass


def test_a_person_sees_their_own_memberships_before_an_initiative_is_chosen(twins):
    mine = twins[0].people[0]
    with visitor(mine["user_id"]):
        assert sql("SELECT id FROM initiatives_membership") == [(mine["membership_id"],)]
        assert [each.pk for each in Membership.objects.all()] == [mine["membership_id"]]


def test_a_person_sees_no_other_rows_before_an_initiative_is_chosen(twins):
    for table in TENANT:
        with (
            pytest.raises(DatabaseError, match="tenant context not set"),
            visitor(twins[0].people[0]["user_id"]),
        ):
            sql(f"SELECT count(*) FROM {table}")


def test_a_person_neither_makes_changes_nor_ends_a_membership_from_outside(twins):
    user_id = twins[0].people[0]["user_id"]
    for statement in (
        "UPDATE initiatives_membership SET roles = '{project_manager}'",
        "DELETE FROM initiatives_membership",
    ):
        with pytest.raises(DatabaseError, match="tenant context not set"), visitor(user_id):
            sql(statement)


def test_a_member_of_both_changes_the_other_membership_from_neither(twins):
    mine, theirs = twins
    user_id = mine.people[0]["user_id"]
    with scope(theirs.initiative_id):
        Membership.here(
            user_id=user_id,
            organization_id=theirs.organizations["second"],
            roles=["observer"],
        ).save()
    with scope(mine.initiative_id, user_id=user_id):
        deleted = "DELETE FROM initiatives_membership WHERE initiative_id = %s"
        assert sql(deleted, theirs.initiative_id) == 0
    with (
        pytest.raises(DatabaseError, match="row-level security"),
        scope(mine.initiative_id, user_id=user_id),
    ):
        sql(
            "UPDATE initiatives_membership SET roles = '{project_manager}'"
            " WHERE initiative_id = %s",
            theirs.initiative_id,
        )


def test_what_was_written_stays_written(twins):
    for table in APPEND_ONLY:
        for verb in ("update", "delete"):
            with (
                pytest.raises(DatabaseError, match="permission denied"),
                scope(twins[0].initiative_id),
            ):
                sql(VERBS[verb].format(table))


def test_what_was_written_stays_written_for_the_superuser_too(twins):
    with database.admin(connection.settings_dict["NAME"]) as admin:
        for table in APPEND_ONLY:
            for verb in ("update", "delete"):
                with pytest.raises(psycopg.Error, match="append-only"):
                    admin.execute(VERBS[verb].format(table))


def test_a_fact_is_superseded_once(twins):
    stamp = "UPDATE measures_observation SET superseded_at = now()"
    with scope(twins[0].initiative_id):
        assert sql(stamp) == 1
    with pytest.raises(DatabaseError, match="append-only"), scope(twins[0].initiative_id):
        sql(stamp)


def test_the_web_role_may_not_empty_a_table(twins):
    for table in WALLED:
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            sql(f"TRUNCATE {table}")

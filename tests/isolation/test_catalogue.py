"""The schema holds the wall around every table; and each check sees the fault it is there for."""

import pytest
from django.db import connection

from tests import database
from tests.isolation import catalogue

PLACE = "initiatives_place"
# One fault per check, put in by a superuser and taken back.
FAULTS = {
    catalogue.columns_that_may_be_empty: (f"ALTER TABLE {PLACE} ALTER initiative_id DROP NOT NULL"),
    catalogue.tables_without_row_security: f"ALTER TABLE {PLACE} NO FORCE ROW LEVEL SECURITY",
    catalogue.tables_without_policy: f"DROP POLICY tenant ON {PLACE}",
    catalogue.tables_with_another_policy: f"CREATE POLICY wide ON {PLACE} USING (true)",
    catalogue.tables_without_index: "",  # the names are the database's: looked up
    catalogue.uniques_across_initiatives: f"CREATE UNIQUE INDEX loose ON {PLACE} (code)",
    catalogue.references_out_of_the_initiative: (
        "ALTER TABLE initiatives_membership ADD CONSTRAINT loose FOREIGN KEY (organization_id)"
        " REFERENCES initiatives_organization (id)"
    ),
    catalogue.references_that_nothing_holds: (
        "ALTER TABLE initiatives_invitation DROP CONSTRAINT"
        " initiatives_invitation_organization_id_own"
    ),
    catalogue.views: f"CREATE VIEW seen AS SELECT * FROM {PLACE}",
    catalogue.functions_with_the_rights_of_their_owner: (
        "CREATE FUNCTION app.all_places() RETURNS bigint LANGUAGE sql SECURITY DEFINER"
        f" AS 'SELECT count(*) FROM public.{PLACE}'"
    ),
    catalogue.parts_that_the_web_role_reaches: (
        "GRANT SELECT ON measures_observation_0 TO app_web"
    ),
}


@pytest.mark.parametrize("check", catalogue.CHECKS, ids=lambda check: check.__name__)
def test_nothing_is_wrong(db, check):
    assert check(connection) == []


@pytest.mark.parametrize("check", FAULTS, ids=lambda check: check.__name__)
@pytest.mark.django_db(transaction=True)
def test_the_fault_is_seen(check):
    with database.admin(connection.settings_dict["NAME"]) as admin, admin.transaction() as fault:
        statement = FAULTS[check]
        if check is catalogue.tables_without_index:
            statement = _drop_indexes(admin, "measures_dirtykey")
        admin.execute(statement)
        assert check(admin) != []
        fault.force_rollback = True


def _drop_indexes(admin, table):
    """SQL that takes every index from a table."""
    constraints = admin.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('p', 'u')",
        [table],
    ).fetchall()
    indexes = admin.execute(
        "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = %s::regclass"
        " AND indexrelid NOT IN (SELECT conindid FROM pg_constraint)",
        [table],
    ).fetchall()
    return ";".join(
        [f'ALTER TABLE {table} DROP CONSTRAINT "{name}" CASCADE' for (name,) in constraints]
        + [f"DROP INDEX {name}" for (name,) in indexes]
    )


def test_every_check_has_a_fault():
    assert set(FAULTS) == set(catalogue.CHECKS)

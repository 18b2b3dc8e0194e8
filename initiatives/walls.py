"""The second wall: every policy, composite reference and function the database holds.

One place writes all of it, so that one place can write it differently (a distributed database
takes no sub-select in a policy).
"""

from enum import StrEnum
from typing import Any

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState


class Wall(StrEnum):
    """Whom a table's rows belong to; each model declares one."""

    TENANT = "tenant"  # an initiative
    MEMBER = "member"  # an initiative and a person: read before an initiative is chosen
    GLOBAL = "global"  # nobody: the model's docstring says why that is safe


# `SET LOCAL` leaves '' behind, not NULL: one function treats both alike, and a forgotten
# scope is an error instead of a quiet empty answer.
FUNCTIONS = """
CREATE SCHEMA IF NOT EXISTS app;
CREATE FUNCTION app.current_initiative() RETURNS bigint LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog AS $$
DECLARE v text := current_setting('app.initiative', true);
BEGIN
    IF v IS NULL OR v = '' THEN
        RAISE EXCEPTION 'tenant context not set' USING ERRCODE = '42501';
    END IF;
    RETURN v::bigint;
END $$;
CREATE FUNCTION app.initiative_or_null() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('app.initiative', true), '')::bigint $$;
CREATE FUNCTION app.user_or_null() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('app.user', true), '')::bigint $$;
CREATE FUNCTION app.some_context() RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog AS $$
BEGIN
    IF coalesce(current_setting('app.initiative', true), '') = ''
       AND coalesce(current_setting('app.user', true), '') = '' THEN
        RAISE EXCEPTION 'tenant context not set' USING ERRCODE = '42501';
    END IF;
    RETURN true;
END $$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA app TO app_web, app_backup;
"""

OWN = "initiative_id = (SELECT app.current_initiative())"
# Each half asks for a context: the planner puts conditions joined by AND into an order of its own.
OWN_OR_MINE = (
    "initiative_id = (SELECT app.initiative_or_null() WHERE app.some_context())"
    " OR user_id = (SELECT app.user_or_null() WHERE app.some_context())"
)


def policy_sql(table: str, wall: Wall) -> str:
    """SQL that walls ``table``. Members read their own rows anywhere; writes need the initiative.

    A deletion or an update is held to the initiative too, also for a member's own rows.
    """
    seen = OWN if wall is Wall.TENANT else OWN_OR_MINE
    lines = [
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        f'CREATE POLICY {wall} ON "{table}" TO app_web, app_owner USING ({seen}) WITH CHECK ({OWN})',
    ]
    if wall is Wall.MEMBER:
        lines.append(
            f'CREATE POLICY removal ON "{table}" AS RESTRICTIVE FOR DELETE TO app_web, app_owner'
            f" USING ({OWN})"
        )
    return ";\n".join(lines) + ";"


def reference_sql(table: str, column: str, target: str) -> str:
    """SQL that lets ``column`` point at rows of the same initiative alone."""
    return (
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{table[:28]}_{column[:24]}_own"'
        f' FOREIGN KEY (initiative_id, "{column}") REFERENCES "{target}" (initiative_id, id)'
        " DEFERRABLE INITIALLY IMMEDIATE;"
    )


class RaiseWall(migrations.operations.base.Operation):
    """Put models behind the wall: row-level security, composite references, keys to point at.

    To be run after the tables are made. Going back takes down the policies; the references go
    with the tables.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, *names: str, wall: Wall = Wall.TENANT) -> None:
        self.names, self.wall = names, Wall(wall)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__qualname__, list(self.names), {"wall": self.wall})

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing that Django's models know."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        found = [to_state.apps.get_model(app_label, name) for name in self.names]
        # A new reference is checked against walled tables; the new tables are empty.
        schema_editor.execute("SELECT set_config('app.initiative', '0', true)")
        for model in found:
            table = model._meta.db_table
            if not isinstance(model._meta.pk, models.CompositePrimaryKey):
                schema_editor.execute(
                    f'ALTER TABLE "{table}" ADD CONSTRAINT "{table[:50]}_own_key"'
                    " UNIQUE (initiative_id, id)"
                )
            schema_editor.execute(policy_sql(table, self.wall))
        for model in found:
            self._refer(model, schema_editor)
        schema_editor.execute("SELECT set_config('app.initiative', '', true)")

    def _refer(self, model: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
        for field in model._meta.local_fields:
            target = field.related_model
            # A reference without a plain constraint is one inside the initiative.
            if isinstance(field, models.ForeignKey) and not getattr(field, "db_constraint", True):
                schema_editor.execute(
                    reference_sql(model._meta.db_table, field.column, target._meta.db_table)
                )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for name in self.names:
            table = from_state.apps.get_model(app_label, name)._meta.db_table
            schema_editor.execute(f'DROP POLICY "{self.wall}" ON "{table}"')
            schema_editor.execute(f'DROP POLICY IF EXISTS removal ON "{table}"')
            schema_editor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')

    def describe(self) -> str:
        return f"Raise the {self.wall} wall around {', '.join(self.names)}"


class SplitByInitiative(migrations.operations.base.Operation):
    """Make tables that were just created, and are empty, partitioned by hash of the initiative.

    To be placed right after the models are created, before their constraints: one large
    initiative then costs the others nothing.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, *names: str, parts: int = 8) -> None:
        self.names, self.parts = names, parts

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__qualname__, list(self.names), {"parts": self.parts})

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing that Django's models know."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for name in self.names:
            table = to_state.apps.get_model(app_label, name)._meta.db_table
            schema_editor.execute(f'ALTER TABLE "{table}" RENAME TO "{table}_plain"')
            schema_editor.execute(
                f'CREATE TABLE "{table}" (LIKE "{table}_plain" INCLUDING DEFAULTS,'
                f" PRIMARY KEY (initiative_id, id)) PARTITION BY HASH (initiative_id)"
            )
            schema_editor.execute(f'DROP TABLE "{table}_plain"')
            for part in range(self.parts):
                schema_editor.execute(
                    f'CREATE TABLE "{table}_{part}" PARTITION OF "{table}"'
                    f" FOR VALUES WITH (MODULUS {self.parts}, REMAINDER {part})"
                )
                # Reached through the parent alone, whose policy then holds.
                schema_editor.execute(f'REVOKE ALL ON "{table}_{part}" FROM app_web')

    def database_backwards(self, *_: Any) -> None:
        """The tables go with their models."""

    def describe(self) -> str:
        return f"Split {', '.join(self.names)} by initiative"

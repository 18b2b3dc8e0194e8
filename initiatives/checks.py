"""Refuse to serve where the walls would not hold.

Row-level security does not apply to a superuser or a role with BYPASSRLS, nor to a table where it
is switched off. Web and worker processes ask once at their start and stop if the answer is wrong;
``manage.py check --database default`` and ``migrate`` ask the same.
"""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from initiatives.walls import Wall

OWNER = "app_owner"
UNWALLED_ROLE = "concert.E001"
UNWALLED_TABLE = "concert.E002"


def refuse_unwalled() -> None:
    """Stop this process if its database role could pass the walls.

    :raises ImproperlyConfigured: naming every reason.
    """
    problems = find_gaps()
    connection.close()  # a forked worker must not inherit the parent's connection
    if problems:
        raise ImproperlyConfigured(" ".join(problem.msg for problem in problems))


@checks.register(checks.Tags.database)
def walls_hold(databases: Sequence[str] | None = None, **_: Any) -> list[checks.Error]:
    """The same question as a system check."""
    return find_gaps() if databases and "default" in databases else []


def find_gaps() -> list[checks.Error]:
    """Every way in which the present role, or a table, escapes row-level security."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        role, is_superuser, bypasses = cursor.fetchone()
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND relkind IN ('r', 'p')"
            " AND relnamespace = 'public'::regnamespace AND NOT row_security_active(oid)"
            " ORDER BY relname",
            [walled_tables()],
        )
        open_tables = [name for (name,) in cursor.fetchall()]
    problems: list[checks.Error] = []
    if is_superuser or bypasses:
        problems.append(
            checks.Error(
                f"The database role {role} is not held by row-level security "
                "(superuser or BYPASSRLS).",
                hint="Connect as app_web: python -m config.roles makes it.",
                id=UNWALLED_ROLE,
            )
        )
    elif open_tables and role != OWNER:  # the owner is about to migrate
        problems.append(
            checks.Error(
                f"Row-level security is not active on: {', '.join(open_tables)}.",
                hint="Run manage.py migrate.",
                id=UNWALLED_TABLE,
            )
        )
    return problems


def walled_tables() -> list[str]:
    """The tables whose rows belong to one initiative or one person."""
    return [
        model._meta.db_table
        for model in apps.get_models()
        if getattr(model, "wall", Wall.GLOBAL) is not Wall.GLOBAL
    ]

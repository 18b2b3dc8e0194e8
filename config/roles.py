"""The four database roles, the database and its grants: made by the installer, not by Django.

``app_owner``    owns schema and tables, cannot sign in.
``app_migrate``  signs in for ``manage.py migrate`` alone and becomes the owner.
``app_web``      web and workers: owns nothing, cannot pass row-level security.
``app_backup``   reads everything, in read-only transactions, for dumps.

``python -m config.roles --admin-url postgresql://...`` does it on a server of yours; running it
again changes nothing but passwords. Passwords come from ``APP_MIGRATE_PASSWORD``,
``APP_WEB_PASSWORD`` and ``APP_BACKUP_PASSWORD``; a role without one keeps what it has.
"""

import argparse
import os
import sys

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

OWNER = "app_owner"
MIGRATE = "app_migrate"
WEB = "app_web"
BACKUP = "app_backup"

ATTRIBUTES = {
    OWNER: "NOLOGIN",
    MIGRATE: "LOGIN",
    WEB: "LOGIN NOBYPASSRLS NOCREATEROLE NOCREATEDB",
    BACKUP: "LOGIN BYPASSRLS",
}
# A page that takes longer than this is broken; a task that may, says so with SET LOCAL.
SETTINGS = {
    WEB: {
        "statement_timeout": "15s",
        "lock_timeout": "3s",
        "idle_in_transaction_session_timeout": "30s",
    },
    BACKUP: {"default_transaction_read_only": "on"},
}
GRANTS = """
ALTER DATABASE {database} OWNER TO {owner};
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT ON DATABASE {database} TO {migrate}, {web}, {backup};
GRANT TEMPORARY ON DATABASE {database} TO {web};
CREATE SCHEMA IF NOT EXISTS app AUTHORIZATION {owner};
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO {owner};
GRANT USAGE ON SCHEMA public, app TO {web}, {backup};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner}
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {web};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT USAGE, SELECT ON SEQUENCES TO {web};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT ON TABLES TO {backup};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT ON SEQUENCES TO {backup};
"""


def install(admin_url: str, database: str, passwords: dict[str, str] | None = None) -> None:
    """Create what is missing of roles, database, schemas and grants; idempotent.

    :param admin_url: a libpq URL of a role that may create roles and databases.
    :param passwords: role name to password; roles left out keep theirs.
    :raises psycopg.Error: the server refused.
    """
    with psycopg.connect(admin_url, autocommit=True) as connection:
        # Two installers at once (tests in parallel) would both find a role missing.
        connection.execute("SELECT pg_advisory_lock(hashtext('concert roles'))")
        _create_roles(connection, passwords or {})
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if not found.fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(
                    sql.Identifier(database), sql.Identifier(OWNER)
                )
            )
    grant(admin_url, database)


def grant(admin_url: str, database: str) -> None:
    """Put the schemas and privileges of one existing database right."""
    with psycopg.connect(make_conninfo(admin_url, dbname=database)) as connection:
        connection.execute(
            sql.SQL(GRANTS).format(
                database=sql.Identifier(database),
                owner=sql.Identifier(OWNER),
                migrate=sql.Identifier(MIGRATE),
                web=sql.Identifier(WEB),
                backup=sql.Identifier(BACKUP),
            )
        )


def _create_roles(connection: psycopg.Connection, passwords: dict[str, str]) -> None:
    for role, attributes in ATTRIBUTES.items():
        name = sql.Identifier(role)
        found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        verb = sql.SQL("ALTER ROLE {} " if found else "CREATE ROLE {} ").format(name)
        connection.execute(verb + sql.SQL(attributes))
        if password := passwords.get(role):
            connection.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, sql.Literal(password))
            )
        for setting, value in SETTINGS.get(role, {}).items():
            connection.execute(
                sql.SQL("ALTER ROLE {} SET {} = {}").format(
                    name, sql.Identifier(setting), sql.Literal(value)
                )
            )
    connection.execute(
        sql.SQL("GRANT {owner} TO {migrate}, CURRENT_USER").format(
            owner=sql.Identifier(OWNER), migrate=sql.Identifier(MIGRATE)
        )
    )


def main(arguments: list[str] | None = None) -> int:
    """Install from the command line."""
    parser = argparse.ArgumentParser(prog="python -m config.roles", description=__doc__)
    parser.add_argument(
        "--admin-url",
        default=os.environ.get("ADMIN_DATABASE_URL"),
        help="a role that may create roles and databases (default: ADMIN_DATABASE_URL)",
    )
    parser.add_argument("--database", default="concert", help="the database (default: concert)")
    options = parser.parse_args(arguments)
    if not options.admin_url:
        parser.error("--admin-url or ADMIN_DATABASE_URL is needed")
    passwords = {
        role: os.environ[f"{role.upper()}_PASSWORD"]
        for role in (MIGRATE, WEB, BACKUP)
        if os.environ.get(f"{role.upper()}_PASSWORD")
    }
    try:
        install(options.admin_url, options.database, passwords)
    except psycopg.Error as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"Roles and database {options.database} are ready.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

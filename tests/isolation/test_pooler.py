"""S8 behind PgBouncer in transaction mode: each transaction may get another server connection.

Two of them for everyone. Whatever outlived its transaction there would be the next client's.
"""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError, connection, connections
from psycopg.conninfo import conninfo_to_dict

from tests import database
from tests.isolation.test_pool import requests_in_turn, scopes_in_turn

pytestmark = [pytest.mark.pooler, pytest.mark.slow]
PORT = 6432
PATIENCE = 20
TOLD = """
[databases]
* = host={host} port={port}
[pgbouncer]
unix_socket_dir = {folder}
listen_port = {own_port}
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = 2
max_client_conn = 500
ignore_startup_parameters = options, extra_float_digits
logfile = {folder}/log
pidfile = {folder}/pid
"""


@pytest.fixture
def pooled(twins):
    """Both twins, behind PgBouncer."""
    server = conninfo_to_dict(database.admin_url())
    # Short, as a socket's path must be, and where somebody else than root can reach it.
    folder = Path(tempfile.mkdtemp(prefix="concert-pooler-"))
    (folder / "users").write_text('"app_web" ""\n')
    (folder / "ini").write_text(
        TOLD.format(
            host=server["host"], port=server.get("port", 5432), folder=folder, own_port=PORT
        )
    )
    words = [os.environ["PGBOUNCER"]]
    if os.geteuid() == 0:  # which it refuses to run as
        words.append("--user=nobody")
        for each in (folder, *folder.iterdir()):
            os.chown(each, 65534, -1)
    pooler = subprocess.Popen([*words, str(folder / "ini")], stderr=subprocess.DEVNULL)
    told = connections.settings["default"]
    before = dict(told)
    connection.close()
    told.update(HOST=str(folder), PORT=str(PORT), CONN_MAX_AGE=0, DISABLE_SERVER_SIDE_CURSORS=True)
    try:
        wait_for(pooler, folder)
        yield twins
    finally:
        connection.close()
        told.clear()
        told.update(before)
        connection.settings_dict = told
        pooler.terminate()
        pooler.wait(PATIENCE)
        shutil.rmtree(folder)


def wait_for(pooler, folder):
    began = time.monotonic()
    while True:
        assert pooler.poll() is None, (folder / "log").read_text()
        try:
            connection.ensure_connection()
        except OperationalError:
            assert time.monotonic() - began < PATIENCE, (folder / "log").read_text()
            time.sleep(0.1)
        else:
            return


def test_s8_scopes_in_turn_behind_a_pooler_see_their_own(pooled):
    assert scopes_in_turn(pooled) == []


def test_s8_requests_in_turn_behind_a_pooler_show_their_own(pooled):
    assert requests_in_turn(pooled) == []


def test_what_is_set_for_a_session_would_be_another_clients(pooled):
    """Else the two above show nothing: here it goes wrong, as it would without ``true``."""
    settings = connection.get_connection_params()
    wanted = {each: settings[each] for each in ("host", "port", "dbname", "user")}
    with (
        psycopg.connect(**wanted, autocommit=True) as one,
        psycopg.connect(**wanted, autocommit=True) as other,
    ):
        one.execute("SELECT set_config('app.initiative', '7', false)")
        seen = {
            other.execute("SELECT current_setting('app.initiative', true)").fetchone()[0]
            for _look in range(20)
        }
    assert "7" in seen

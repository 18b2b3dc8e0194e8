"""The deployment's own words: the compose file holds no secret, and its commands serve."""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import redis
from django.conf import settings

from config import stack, supervise
from tests import database
from tests.stack import deployment as words
from tests.stack.deployment import COMPOSE, PROGRAMS, REFERENCE, SECRETS, wait_for_answer
from tests.waiting import PATIENCE, until

RUNS_ONCE = {"roles", "migrate"}


@pytest.fixture(scope="module")
def compose():
    return words.parsed()


def settings_of(compose):
    for service in compose["services"].values():
        yield from service.get("environment", {}).items()


def test_has_every_part(compose):
    assert set(compose["services"]) == {
        *("postgres", "redis", "roles", "migrate", "web", "worker", "beat", "proxy")
    }
    assert compose["services"]["postgres"]["image"] == "postgres:18"
    for name, service in compose["services"].items():
        if name in RUNS_ONCE:
            assert service["restart"] == "no"
        else:
            assert service["restart"] == "unless-stopped", name
            assert service["healthcheck"]["test"], name
            assert {"interval", "timeout", "retries"} <= set(service["healthcheck"]), name
        assert service["logging"]["options"]["max-size"], f"{name} fills the disk"


def test_what_it_names_is_there(compose):
    used = set()
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            place = volume.split(":")[0]
            if place.startswith("./"):
                assert (COMPOSE.parent / place).is_file()
                assert volume.endswith(":ro")
            else:
                used.add(place)
        for other, condition in service.get("depends_on", {}).items():
            once = other in RUNS_ONCE
            awaited = "service_completed_successfully" if once else "service_healthy"
            assert condition == {"condition": awaited}
            assert other in compose["services"]
    assert used == set(compose["volumes"])


def test_only_the_proxy_is_reachable(compose):
    assert [name for name, service in compose["services"].items() if "ports" in service] == [
        "proxy"
    ]


def test_every_secret_is_asked_for_and_none_has_a_default(compose):
    references = list(words.references(compose))
    asked = {name for name, operator, _ in references if operator == "?"}
    for name, operator, default in references:
        if operator == "-":
            assert name in {"EMAIL_PORT", "WEB_CONCURRENCY"} or default == "", name
        assert name in asked or operator == "-", f"{name} is used but never asked for"
    assert asked == SECRETS | set(words.ADDRESSES)
    assert not asked & {name for name, operator, _ in references if operator == "-"}
    for name, value in settings_of(compose):
        if re.search("PASSWORD|SECRET|KEYS", name):
            assert REFERENCE.fullmatch(value), f"{name} is written out"


def test_the_containers_are_confined(compose):
    assert compose["services"]["redis"]["user"] == "redis"  # its command is not its image's own
    for name in (*PROGRAMS, "roles", "migrate", "proxy", "redis"):
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    dockerfile = (COMPOSE.parent / "Dockerfile").read_text()
    stages = re.findall(r"^FROM .*", dockerfile, re.MULTILINE)
    assert len(stages) == 2
    assert "USER concert" in dockerfile.rpartition("\nFROM ")[2]
    assert "--require-hashes" in dockerfile


def test_every_setting_that_is_documented_can_be_given(compose):
    page = (COMPOSE.parent / "docs" / "how-to" / "operate.md").read_text()
    table = page.partition("## Settings")[2].partition("## Watching")[0]
    first_cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    documented = {name for cell in first_cells for name in re.findall(r"`([A-Z_]+)`", cell)}
    fixed = {  # the containers are made so, and a deployment is one
        *("MIGRATE_DATABASE_URL", "HTTPS", "DEBUG", "CONN_MAX_AGE", "BEHIND_POOLER", "BIND"),
        *("MEDIA_ROOT", "CONCERT_VAR", "PLAIN_LOGS"),
    }
    assert len(documented) > 30
    for name in PROGRAMS:
        given = set(compose["services"][name]["environment"])
        assert documented - fixed <= given, name


def test_the_proxy_takes_what_the_application_takes(compose):
    written = words.CADDYFILE.read_text()
    most = re.search(r"request_body \{\s*max_size (\d+)MiB", written)
    held = re.search(r"reverse_proxy \S+ \{\s*request_buffers (\d+)MiB", written)
    assert int(most[1]) * 1024 * 1024 == settings.MOST_BODY_BYTES
    # Workers are sync: all of a request is there before one of them is asked.
    assert held[1] == most[1]
    assert not any("thread" in word for word in compose["services"]["web"]["command"])
    proxy = compose["services"]["proxy"]
    assert "./config/Caddyfile:/etc/caddy/Caddyfile:ro" in proxy["volumes"]
    asked = set(re.findall(r"\{\$(\w+)\}", written))  # without a default
    assert asked == set(proxy["environment"]) == {"DOMAIN"}
    assert "{$UPSTREAM:web:8000}" in written


def test_the_proxy_reaches_the_web_process_alone(compose):
    on = {name: set(service["networks"]) for name, service in compose["services"].items()}
    assert {name for name, networks in on.items() if "front" in networks} == {"proxy", "web"}
    assert on["proxy"] == {"front"}
    assert set.union(*on.values()) == set(compose["networks"])


def test_whoever_is_stopped_may_finish(compose):
    from config import gunicorn

    def seconds(name):
        return int(compose["services"][name]["stop_grace_period"].removesuffix("s"))

    assert seconds("web") > gunicorn.graceful_timeout
    assert seconds("worker") > settings.CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT


@pytest.fixture
def deployment(django_db_setup, tmp_path):
    """A port, and the environment of the compose file's programs."""
    port = supervise.free_port(0)
    return port, words.environment("web", port, tmp_path)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_its_commands_serve(compose, deployment):
    port, told = deployment
    running = {
        name: subprocess.Popen(
            compose["services"][name]["command"],
            env=told,
            cwd=settings.BASE_DIR,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for name in PROGRAMS
    }
    said = {}
    try:
        answer = wait_for_answer(f"http://localhost:{port}/readyz", running["web"])
        assert b'"status": "ok"' in answer
        checks = {
            name: [
                word.replace("localhost:8000", f"localhost:{port}")
                for word in compose["services"][name]["healthcheck"]["test"][1:]
            ]
            for name in PROGRAMS
        }
        for check in checks.values():
            until(lambda check=check: is_well(check, told), f"well: {check}", every=0.5)
        for name in PROGRAMS:  # and none is well that stands still
            running[name].send_signal(signal.SIGSTOP)
            for child in children(running[name]):
                os.kill(child, signal.SIGSTOP)
            try:
                assert not is_well(checks[name], told), name
            finally:
                for pid in (*children(running[name]), running[name].pid):
                    os.kill(pid, signal.SIGCONT)
    finally:
        for process in running.values():
            process.terminate()
        for name, process in running.items():
            said[name] = process.communicate(timeout=PATIENCE)[0]
    assert [process.returncode for process in running.values()] == [0, 0, 0], said
    assert '"message": "beat: Starting..."' in said["beat"]
    assert '"level": "INFO"' in said["web"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "EMAIL_HOST", "SITE_URL"])
def test_a_missing_setting_stops_the_start_with_its_name(deployment, name):
    _port, told = deployment
    del told[name]
    refused = subprocess.run(
        [sys.executable, "manage.py", "check"],
        env=told,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode != 0
    assert f"{name} is not set" in refused.stderr


def test_the_start_is_refused_as_the_superuser(deployment):
    _port, told = deployment
    name = settings.DATABASES["default"]["NAME"]
    refused = subprocess.run(
        ["gunicorn", "-c", "python:config.gunicorn", "config.wsgi"],
        env={**told, "DATABASE_URL": database.admin_url(name)},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert refused.returncode != 0
    assert "not held by row-level security" in refused.stdout + refused.stderr


def children(process):
    task = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(word) for word in task.read_text().split()]


def is_well(check, told):
    """What a health check finds."""
    done = subprocess.run(
        check, env=told, cwd=settings.BASE_DIR, capture_output=True, check=False, timeout=PATIENCE
    )
    return done.returncode == 0


def test_redis_starts_as_written_and_asks_for_its_password(compose, tmp_path):
    service = compose["services"]["redis"]
    port = supervise.free_port(0)
    shell, option, written = words.filled(service["command"], {})
    written = written.replace(
        "exec redis-server -",
        f"exec {shlex.quote(str(stack.redis.program()))} - --port {port} --dir {tmp_path}",
    )
    process = subprocess.Popen(
        [shell, option, written],
        env={"PATH": os.environ["PATH"], "REDIS_PASSWORD": "abc123"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        until(lambda: is_open(port), "somebody who listens")
        with redis.Redis(port=port, password="abc123") as client:
            assert client.ping()
            assert client.config_get("appendonly") == {"appendonly": "yes"}
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        with redis.Redis(port=port) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()
        assert "abc123" not in Path(f"/proc/{process.pid}/cmdline").read_text()
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


def is_open(port):
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def read_by_compose(tmp_path):
    """What Compose itself says of the file with some ``.env``."""
    shutil.copy(COMPOSE, tmp_path)
    program = ["docker-compose"] if shutil.which("docker-compose") else ["docker", "compose"]

    def read(answers):
        lines = (f"{name}={value}\n" for name, value in answers.items())
        (tmp_path / ".env").write_text("".join(lines))
        return subprocess.run(
            [*program, "config"],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

    return read


@pytest.mark.compose
def test_compose_accepts_it_and_reads_it_as_we_do(read_by_compose):
    answers = words.answers()
    done = read_by_compose(answers)
    assert done.returncode == 0, done.stderr
    theirs, ours = words.yaml.safe_load(done.stdout), words.parsed()
    assert set(theirs["services"]) == set(ours["services"])
    for name in PROGRAMS:
        given = words.filled(ours["services"][name]["environment"], answers)
        assert theirs["services"][name]["environment"] == given
        assert theirs["services"][name]["command"] == ours["services"][name]["command"]


@pytest.mark.compose
@pytest.mark.parametrize("name", sorted(SECRETS | set(words.ADDRESSES)))
def test_compose_refuses_to_start_without(read_by_compose, name):
    answers = words.answers()
    del answers[name]
    done = read_by_compose(answers)
    assert done.returncode != 0
    assert f"set {name} in .env" in done.stderr

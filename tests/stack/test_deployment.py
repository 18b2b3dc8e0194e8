"""The deployment's own words: the compose file holds no secret, and its commands serve."""

import os
import re
import secrets
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from config import stack, supervise
from tests import database

COMPOSE = Path(settings.BASE_DIR) / "docker-compose.yml"
PROGRAMS = ["web", "worker", "beat"]
REFERENCE = re.compile(r"(?<!\$)\$\{(\w+)(?::([?-])([^}]*))?\}")
HERE = Path(sys.executable).parent


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load(COMPOSE.read_text())


def strings(node):
    if isinstance(node, dict):
        for value in node.values():
            yield from strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)
    elif isinstance(node, str):
        yield node


def settings_of(compose):
    for service in compose["services"].values():
        yield from service.get("environment", {}).items()


def filled(node, values):
    """The compose file's own substitution, as ``docker compose config`` does it."""
    if isinstance(node, dict):
        return {name: filled(value, values) for name, value in node.items()}
    if isinstance(node, list):
        return [filled(value, values) for value in node]
    if isinstance(node, str):
        return REFERENCE.sub(lambda found: values.get(found[1], found[3] or ""), node).replace(
            "$$", "$"
        )
    return node


def test_has_every_part(compose):
    assert set(compose["services"]) == {
        *("postgres", "redis", "roles", "migrate", "web", "worker", "beat", "proxy")
    }
    assert compose["services"]["postgres"]["image"] == "postgres:18"
    for name in ("postgres", "redis", "web", "worker", "proxy"):
        assert compose["services"][name]["healthcheck"]["test"]
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            assert volume.split(":")[0] in compose["volumes"]
        for other in service.get("depends_on", {}):
            assert other in compose["services"]


def test_only_the_proxy_is_reachable(compose):
    assert [name for name, service in compose["services"].items() if "ports" in service] == [
        "proxy"
    ]


def test_every_secret_is_asked_for_and_none_has_a_default(compose):
    found = [REFERENCE.finditer(text) for text in strings(compose)]
    references = [(match[1], match[2], match[3]) for matches in found for match in matches]
    asked = {name for name, operator, _ in references if operator == "?"}
    for name, operator, default in references:
        if operator == "-":
            assert name in {"EMAIL_PORT", "WEB_CONCURRENCY"} or default == "", name
        assert name in asked or operator == "-", f"{name} is used but never asked for"
    assert {"SECRET_KEY", "POSTGRES_PASSWORD", "APP_WEB_PASSWORD", "REDIS_PASSWORD"} <= asked
    for name, value in settings_of(compose):
        if re.search("PASSWORD|SECRET|KEYS", name):
            assert REFERENCE.fullmatch(value), f"{name} is written out"


def test_the_app_containers_are_confined(compose):
    for name in (*PROGRAMS, "roles", "migrate", "proxy"):
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
    written = compose["configs"]["caddyfile"]["content"]
    most = re.search(r"request_body \{\s*max_size (\d+)MiB", written)
    held = re.search(r"reverse_proxy web:8000 \{\s*request_buffers (\d+)MiB", written)
    assert int(most[1]) * 1024 * 1024 == settings.MOST_BODY_BYTES
    # Workers are sync: a form of the largest size is read before one of them is asked.
    assert int(held[1]) * 1024 * 1024 >= settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert not any("thread" in word for word in compose["services"]["web"]["command"])
    assert written.count("{") == written.count("}")
    mounted = compose["services"]["proxy"]["configs"]
    assert mounted == [{"source": "caddyfile", "target": "/etc/caddy/Caddyfile"}]


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
    """The environment of the compose file's programs, with the tests' servers put in."""
    port = supervise.free_port(0)
    told = filled(yaml.safe_load(COMPOSE.read_text())["services"]["web"]["environment"], {
        "DOMAIN": "concert.example",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "FIELD_ENCRYPTION_KEYS": "q0bGfVSt2yNBjGFBVFHo9WWXmcpzlQGNZNwCNqDlS2U=",
        "DEFAULT_FROM_EMAIL": "concert@concert.example",
        "EMAIL_HOST": "mail.concert.example",
    })  # fmt: skip
    name = settings.DATABASES["default"]["NAME"]
    return port, {
        "PATH": f"{HERE}:{os.environ['PATH']}",
        **told,
        "DATABASE_URL": stack.database_url(database=name),
        "REDIS_URL": f"redis+socket://{stack.layout().redis_socket}?virtual_host=60",
        "CACHE_URL": stack.redis_url(61),
        "BIND": f"127.0.0.1:{port}",
        "CONCERT_VAR": str(tmp_path),
    }


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
        for name in ("web", "worker"):
            test = compose["services"][name]["healthcheck"]["test"][1:]
            healthy = [word.replace("localhost:8000", f"localhost:{port}") for word in test]
            subprocess.run(healthy, env=told, cwd=settings.BASE_DIR, check=True, timeout=30)
    finally:
        for process in running.values():
            process.terminate()
        for name, process in running.items():
            said[name] = process.communicate(timeout=40)[0]
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
        timeout=60,
    )
    assert refused.returncode != 0
    assert "not held by row-level security" in refused.stdout + refused.stderr


def wait_for_answer(url, process):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, process.stdout.read()
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.read()
        except OSError:
            time.sleep(0.1)
    message = f"no answer from {url}"
    raise AssertionError(message)

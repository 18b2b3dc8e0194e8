"""The deployment's own words, read as Compose reads them, and its programs started by hand."""

import os
import re
import secrets
import sys
import urllib.request
from pathlib import Path

import yaml
from django.conf import settings

from config import stack
from tests.waiting import until

COMPOSE = Path(settings.BASE_DIR) / "docker-compose.yml"
CADDYFILE = Path(settings.BASE_DIR) / "config" / "Caddyfile"
PROGRAMS = ["web", "worker", "beat"]
REFERENCE = re.compile(r"(?<!\$)\$\{(\w+)(?::([?-])([^}]*))?\}")
HERE = Path(sys.executable).parent
SECRETS = {
    *("SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "REDIS_PASSWORD", "POSTGRES_PASSWORD"),
    *("APP_MIGRATE_PASSWORD", "APP_WEB_PASSWORD", "APP_BACKUP_PASSWORD"),
}
ADDRESSES = {
    "DOMAIN": "concert.example",
    "DEFAULT_FROM_EMAIL": "concert@concert.example",
    "EMAIL_HOST": "mail.concert.example",
}


def parsed():
    return yaml.safe_load(COMPOSE.read_text())


def references(node):
    """Each ``${NAME:?...}`` of the file: name, operator, what stands behind it."""
    if isinstance(node, dict):
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)
    elif isinstance(node, str):
        yield from ((found[1], found[2], found[3]) for found in REFERENCE.finditer(node))


def filled(node, values):
    """The compose file's own substitution, as ``docker compose config`` does it.

    :raises KeyError: something is asked for that ``values`` does not give.
    """
    if isinstance(node, dict):
        return {name: filled(value, values) for name, value in node.items()}
    if isinstance(node, list):
        return [filled(value, values) for value in node]
    if isinstance(node, str):
        return REFERENCE.sub(lambda found: _given(found, values), node).replace("$$", "$")
    return node


def _given(found, values):
    name, operator, default = found.groups()
    if values.get(name):
        return values[name]
    if operator == "-":
        return default
    raise KeyError(name)


def answers():
    """A whole ``.env``, made as docs/how-to/operate.md says."""
    made = {name: secrets.token_hex(24) for name in SECRETS}
    key = "q0bGfVSt2yNBjGFBVFHo9WWXmcpzlQGNZNwCNqDlS2U="
    return {**made, **ADDRESSES, "FIELD_ENCRYPTION_KEYS": key}


def environment(service, port, var):
    """What the programs of the compose file are told, with the tests' servers put in."""
    name = settings.DATABASES["default"]["NAME"]
    return {
        "PATH": f"{HERE}:{os.environ['PATH']}",
        **filled(parsed()["services"][service]["environment"], answers()),
        "DATABASE_URL": stack.database_url(database=name),
        "REDIS_URL": f"redis+socket://{stack.layout().redis_socket}?virtual_host=60",
        "CACHE_URL": stack.redis_url(61),
        "BIND": f"127.0.0.1:{port}",
        "CONCERT_VAR": str(var),
    }


def wait_for_answer(url, process, **options):
    def answer():
        assert process.poll() is None, process.stdout and process.stdout.read()
        try:
            with urllib.request.urlopen(url, timeout=5, **options) as found:
                return found.read()
        except OSError:
            return b""

    return until(answer, f"an answer from {url}", every=0.1)

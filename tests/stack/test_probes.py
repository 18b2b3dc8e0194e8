"""The two questions of a load balancer, and what happens without each server."""

import pytest
from django.core.cache import caches
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import override_settings

from config.cache import SteadyRedisCache
from initiatives.views import probes
from tests import database


@pytest.fixture
def no_redis(tmp_path):
    gone = {
        "default": {
            "BACKEND": "config.cache.SteadyRedisCache",
            "LOCATION": f"unix://{tmp_path}/nobody.sock",
        }
    }
    with override_settings(CACHES=gone):
        yield caches["default"]


def test_healthz_asks_nobody(client, no_redis):
    assert client.get("/healthz").json() == {"status": "ok"}


def test_ready_when_all_is_there(client, db):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok", "redis": "ok"}


def test_without_redis_pages_still_work(client, db, no_redis):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"


def test_not_ready_without_the_database(client, db, monkeypatch):
    def refuse(_connection):
        raise DatabaseError

    monkeypatch.setattr(probes, "MigrationRecorder", refuse)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "unreachable"


@pytest.mark.django_db(transaction=True)
def test_not_ready_with_migrations_missing(client):
    last = MigrationRecorder.Migration.objects.using(connection.alias).latest("pk")
    with database.admin(connection.settings_dict["NAME"]) as admin:
        admin.execute("DELETE FROM django_migrations WHERE id = %s", [last.pk])
        try:
            answer = client.get("/readyz")
        finally:
            admin.execute(
                "INSERT INTO django_migrations (id, app, name, applied)"
                " OVERRIDING SYSTEM VALUE VALUES (%s, %s, %s, %s)",
                [last.pk, last.app, last.name, last.applied],
            )
    assert answer.status_code == 503
    assert answer.json()["database"] == "migrations missing"


def test_an_absent_cache_is_an_empty_one(no_redis):
    assert isinstance(no_redis, SteadyRedisCache)
    assert no_redis.get("a") is None
    assert no_redis.get("a", "fallback") == "fallback"
    assert no_redis.get_or_set("a", lambda: 3) == 3
    assert no_redis.add("a", 1) is True
    assert no_redis.set("a", 1) is None
    assert no_redis.incr("a") == 1
    assert no_redis.get_many(["a", "b"]) == {}
    assert no_redis.set_many({"a": 1}) == ["a"]
    assert no_redis.delete("a") is False
    assert no_redis.has_key("a") is False
    assert no_redis.answers() is False


def test_a_hung_cache_is_left_alone_for_a_while(no_redis, caplog):
    for _ in range(3):
        no_redis.get("a")
    assert len(caplog.records) == 1
    no_redis.asked_again_at = 0.0
    no_redis.get("a")
    assert len(caplog.records) == 2


def test_a_present_cache_remembers(db):
    cache = caches["default"]
    cache.set("a", 1)
    assert cache.get("a") == 1
    assert cache.incr("a", 2) == 3
    assert cache.answers() is True

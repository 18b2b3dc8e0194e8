"""What is read from Redis is a value, whoever wrote it there."""

import os
import pickle

import pytest
from django.core.cache import cache
from django.utils.safestring import SafeString


class Harm:
    """What runs a command when it is read by who trusts it."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.fixture
def key():
    yield "read-again"
    cache.delete("read-again")


@pytest.mark.parametrize("value", [[1.5, 2.5], True, "y", 7, {"a": None}, SafeString("<p>é</p>")])
def test_plain_values_come_back(key, value):
    cache.set(key, value, 60)
    assert cache.get(key) == value


def test_what_somebody_else_wrote_is_not_run(key, tmp_path, monkeypatch):
    """Every worker reads the cache: who may write to Redis must not run anything in them."""
    monkeypatch.setattr(cache, "asked_again_at", 0.0)
    cache.set(key, 1, 60)
    path = tmp_path / "harmed"
    cache._cache.get_client().set(cache.make_key(key), pickle.dumps(Harm(path)))
    assert cache.get(key, "nothing") == "nothing"
    assert not path.exists()


def test_a_count_is_one_that_redis_can_count_with(key):
    cache.set(key, 1, 60)
    assert cache.incr(key) == 2

"""The cache, which may be gone at any moment: then nothing is remembered and pages still answer.

Rate limits count in the cache, so they do not count while Redis is away; ``/readyz`` says so, and
the cost of a password check stands. Nothing that matters lives here alone.
"""

import json
import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis import DataError, RedisError

logger = logging.getLogger(__name__)
REST = 5.0  # seconds: a page waits for a hung Redis once, not at every look


def _forgiving(name: str, without: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """The cache method ``name``, which answers ``without(args, kwargs)`` while Redis is away."""
    original = getattr(RedisCache, name)

    def method(self: "SteadyRedisCache", *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() < self.asked_again_at:
            return without(args, kwargs)
        try:
            return original(self, *args, **kwargs)
        except RedisError as error:
            self.asked_again_at = time.monotonic() + REST
            logger.warning("The cache does not answer (%s): %s", name, error)
            return without(args, kwargs)

    method.__name__ = name
    method.__doc__ = original.__doc__
    return method


class PlainSerializer:
    """Keeps plain values as JSON. Django's own would run whatever somebody wrote into Redis."""

    def dumps(self, value: Any) -> int | bytes:
        """What is stored: a whole number as it is, so that Redis can count with it."""
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, stored: bytes) -> Any:
        """The value again.

        :raises DataError: it is nothing that was stored here; for a reader there is no cache then.
        """
        try:
            return json.loads(stored)
        except (ValueError, RecursionError) as error:
            raise DataError("What the cache holds is no JSON.") from error


class SteadyRedisCache(RedisCache):
    """Django's Redis cache, for which an absent Redis is an empty cache."""

    asked_again_at = 0.0

    add = _forgiving("add", lambda _args, _kwargs: True)
    get = _forgiving("get", lambda args, kwargs: kwargs.get("default", (*args, None)[1]))
    set = _forgiving("set", lambda _args, _kwargs: None)
    touch = _forgiving("touch", lambda _args, _kwargs: False)
    delete = _forgiving("delete", lambda _args, _kwargs: False)
    get_many = _forgiving("get_many", lambda _args, _kwargs: {})
    set_many = _forgiving(
        "set_many", lambda args, kwargs: list(kwargs["data"] if "data" in kwargs else args[0])
    )
    delete_many = _forgiving("delete_many", lambda _args, _kwargs: None)
    has_key = _forgiving("has_key", lambda _args, _kwargs: False)
    incr = _forgiving("incr", lambda args, kwargs: kwargs.get("delta", (*args, 1)[1]))
    clear = _forgiving("clear", lambda _args, _kwargs: False)

    def answers(self) -> bool:
        """Whether Redis is there."""
        try:
            return bool(self._cache.get_client().ping())
        except RedisError:
            return False

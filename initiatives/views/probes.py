"""Two questions from a load balancer: does the process live, and can it serve."""

import logging
from functools import cache

from django.core.cache import caches
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from initiatives.access import public_view

logger = logging.getLogger(__name__)


@require_safe
@never_cache
@public_view("a load balancer asks whether the process lives")
def healthz(_request: HttpRequest) -> JsonResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
@public_view("a load balancer asks whether pages can be served")
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when pages can be served, 503 when not.

    Without the database or with migrations missing nothing works. Without Redis pages still do,
    and what waits for a worker is kept in the job table: that is told, not refused.
    """
    parts = {"database": database_state(), "redis": redis_state()}
    ready = parts["database"] == "ok"
    status = "ok" if set(parts.values()) == {"ok"} else "degraded" if ready else "unavailable"
    return JsonResponse({"status": status, **parts}, status=200 if ready else 503)


def database_state() -> str:
    """``ok``, ``migrations missing`` or ``unreachable``."""
    try:
        is_complete = _has_migrations()
    except DatabaseError:
        logger.exception("The database does not answer")
        connection.close()
        return "unreachable"
    return "ok" if is_complete else "migrations missing"


@cache
def _migrations_of_the_code() -> frozenset[tuple[str, str]]:
    """App and name; reading the folders takes longer than everything else here together."""
    return frozenset(MigrationLoader(None).disk_migrations)


def _has_migrations() -> bool:
    """Whether every migration of this code was applied. One that replaces others counts too."""
    return _migrations_of_the_code() <= MigrationRecorder(connection).applied_migrations().keys()


def redis_state() -> str:
    """``ok`` or ``unreachable``, within the cache's own short time limits."""
    return "ok" if caches["default"].answers() else "unreachable"  # type: ignore[attr-defined]

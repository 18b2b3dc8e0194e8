"""Two questions from a load balancer: does the process live, and can it serve."""

import logging

from django.core.cache import caches
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
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
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        logger.exception("The database does not answer")
        connection.close()
        return "unreachable"
    return "migrations missing" if missing else "ok"


def redis_state() -> str:
    """``ok`` or ``unreachable``, within the cache's own short time limits."""
    return "ok" if caches["default"].answers() else "unreachable"  # type: ignore[attr-defined]

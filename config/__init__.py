"""How Concert is put together: settings, addresses, the worker, the embedded servers.

The Celery application is loaded with the package, so that a task started from a page, a command
or a test goes to the same broker.
"""

from config.celery import app as celery_app

__all__ = ["celery_app"]

"""The Celery application: workers and the clock (beat).

Settings are in ``config.settings`` under ``CELERY_``; the worker's own start-up is here.
"""

import os
import resource
from typing import Any

from celery import Celery
from celery.signals import beat_init, setup_logging, task_prerun, worker_init, worker_process_init
from django.conf import settings
from django.db import close_old_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("config")
app.set_default()  # "current" is by thread: without this, another thread would get an app of no broker
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="schedule")


@setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Django has configured logging already; Celery would replace it with its own."""


@worker_init.connect
@beat_init.connect
def start_safely(**_: Any) -> None:
    """Bring the embedded servers up, then refuse to work as a role that could pass the walls."""
    # Not at the top: this module comes with the package, before `python -m config.stack` runs.
    from config import stack
    from initiatives.checks import refuse_unwalled

    stack.ensure()
    refuse_unwalled()


@worker_process_init.connect
def bound_memory(**_: Any) -> None:
    """Let no file, however it was made, take the machine's memory: reading it ends in an error of
    its own, and the worker goes on with the next.
    """
    most = settings.WORKER_MEMORY_MB << 20
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


@task_prerun.connect
def look_at_the_connection(**_: Any) -> None:
    """Keep the connection of the task before, as a page does, unless it is old or was cut.

    A new one knows neither tables nor plans: getting to know them took longer than recomputing a
    form.
    """
    close_old_connections()

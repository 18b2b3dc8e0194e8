"""A worker does one task after the other on one connection, and on another once that was cut."""

from types import SimpleNamespace

import pytest
from celery.fixups.django import DjangoWorkerFixup
from django.db import DatabaseError, connection

from config.celery import app, look_at_the_connection
from tests import database
from tests.waiting import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)
TASK = SimpleNamespace(request=SimpleNamespace(is_eager=False))


def server_process():
    """Which of the server's processes answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def do_task(fixup):
    """What Celery and we do about the connection around a task."""
    fixup.on_task_prerun(sender=TASK)
    look_at_the_connection()
    found = server_process()
    fixup.on_task_postrun(sender=TASK)
    return found


def test_one_connection_for_many_tasks():
    fixup = DjangoWorkerFixup(app)
    assert len({do_task(fixup) for _ in range(5)}) == 1


def test_another_one_after_it_was_cut():
    fixup = DjangoWorkerFixup(app)
    before = do_task(fixup)
    with database.admin(connection.settings_dict["NAME"]) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, %s)", [before, PATIENCE * 1000])
    assert do_task(fixup) != before


def test_another_one_after_a_task_found_it_cut():
    before = do_task(fixup := DjangoWorkerFixup(app))
    with database.admin(connection.settings_dict["NAME"]) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, %s)", [before, PATIENCE * 1000])
    with pytest.raises(DatabaseError):
        server_process()
    assert do_task(fixup) != before

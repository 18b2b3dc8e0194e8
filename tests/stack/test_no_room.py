"""F8: a disk that is full. Whoever writes is told to come again, and nothing is left half."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import InMemoryUploadedFile, SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from initiatives.tenancy import scope
from initiatives.views import broken, home
from measures.models import ImportRun
from meetings import schedule
from meetings.models import PreRead
from meetings.services import files as papers
from tests.initiatives.test_people import founded, manager, signed_in
from tests.measures.test_submissions import World

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["founded", "manager"]


def refuse(state):
    """Have the database say what it says when it can do no more."""
    with connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '{state}'; END $$")


def patient(client):
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("state", ["53100", "53200", "53300", "57P03"])
@pytest.mark.parametrize("page", ["/i/reading/", "/"])
def test_f8_a_database_without_room_is_a_clean_refusal(founded, manager, monkeypatch, state, page):
    client = patient(signed_in(manager))
    name = "waiting_for" if page != "/" else "memberships_of"
    monkeypatch.setattr(home.selectors, name, lambda *_: refuse(state))
    answer = client.get(page)
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert "Nothing of yours was stored" in answer.text
    assert "<h1>" in answer.text
    assert "Content-Security-Policy" in answer.headers
    monkeypatch.undo()
    assert client.get(page).status_code == 200


def test_f8_where_the_page_cannot_be_drawn_its_words_are_left(monkeypatch):
    def away(*_args):
        raise OperationalError("the connection is lost")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", away)
    client = patient(Client(headers={"Cookie": f"sessionid={'x' * 32}"}))
    answer = client.get("/account/login/")
    assert (answer.status_code, "<h1>" in answer.text) == (503, True)
    monkeypatch.setattr(broken, "render", away)
    answer = client.get("/account/login/")
    assert answer.status_code == 503
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert "Nothing can be stored here just now" in answer.text


@pytest.fixture
def full(tmp_path, settings, monkeypatch):
    """A media disk on which a file fits in part."""
    settings.STORAGES = settings.STORAGES | {
        "default": settings.STORAGES["default"] | {"OPTIONS": {"location": str(tmp_path)}}
    }

    def part_of(_file, _size=None):
        yield b"a,b\n"
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(InMemoryUploadedFile, "chunks", part_of)
    return tmp_path


def left_in(folder):
    return [each for each in folder.rglob("*") if each.is_file()]


def test_f8_a_full_media_disk_refuses_the_file_and_keeps_no_row(full):
    world = World()
    client = patient(signed_in(world.keeper.user))
    address = reverse("measures:imports", args=["here"])
    file = SimpleUploadedFile("v.csv", b"a,b\n" * 1000)
    answer = client.post(address, {"file": file, "how": "review"})
    assert answer.status_code == 503
    assert "Nothing can be stored just now" in answer.text
    with scope(world.initiative.pk):
        assert not ImportRun.objects.exists()
    assert left_in(full) == []


def test_files_whose_paper_was_not_stored_are_swept(founded, tmp_path, settings):
    settings.STORAGES = settings.STORAGES | {
        "default": settings.STORAGES["default"] | {"OPTIONS": {"location": str(tmp_path)}}
    }
    with scope(founded.initiative_id):
        lost = papers.keep(SimpleUploadedFile("lost.txt", b"x"))
        assert not PreRead.objects.exists()
    schedule.sweep_papers()
    assert len(left_in(tmp_path)) == 1  # somebody may be storing its paper just now
    os.utime(FileSystemStorage(tmp_path).path(lost), (0, 0))
    schedule.sweep_papers()
    assert left_in(tmp_path) == []


LOGS = """
import logging.config
from django.conf import settings
import django
django.setup()
logging.getLogger("initiatives").warning("This is written nowhere")
print("went on")
"""


def test_f8_a_full_log_disk_stops_nobody():
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", LOGS],
            stdout=subprocess.PIPE,
            stderr=full,
            check=True,
            text=True,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
        )
    assert done.stdout == "went on\n"

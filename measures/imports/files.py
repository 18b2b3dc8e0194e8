"""Where sent files wait: in private storage, under a generated name, until they are read."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import BinaryIO, cast

from django.core.files import File
from django.core.files.storage import default_storage

from initiatives import storing
from initiatives.tenancy import current_initiative_id

MEBIBYTE = 1 << 20
LARGEST = 50 * MEBIBYTE
AT_ONCE = MEBIBYTE // 4  # read while somebody waits; a larger file goes to a worker


def folder() -> str:
    return f"imports/{current_initiative_id()}"


def keep(file: File) -> str:
    """Store ``file``; its own name plays no part in where."""
    return storing.store(f"{folder()}/{secrets.token_hex(16)}.csv", file)


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """The stored file.

    :raises FileNotFoundError: it is gone.
    """
    with default_storage.open(name) as file:
        yield cast("BinaryIO", file.file)


def forget(name: str) -> None:
    """Delete a stored file, if it is there."""
    if name:
        default_storage.delete(name)


def kept() -> list[str]:
    """Every file of the initiative in scope, whether a run knows of it or not."""
    return storing.kept(folder())


def age(name: str) -> timedelta:
    """How long ago a file was stored."""
    return storing.age(name)

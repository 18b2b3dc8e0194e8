"""Files in private storage: whole, or not at all."""

from datetime import timedelta

from django.core.files import File
from django.core.files.storage import default_storage
from django.utils import timezone


def store(name: str, file: File) -> str:
    """Store ``file``. Of one that does not fit on the disk nothing stays there.

    :raises OSError: there is no room.
    """
    try:
        return str(default_storage.save(name, file))
    except OSError:
        default_storage.delete(name)
        raise


def kept(folder: str) -> list[str]:
    """The names of all files in a folder."""
    if not default_storage.exists(folder):
        return []
    return [f"{folder}/{name}" for name in default_storage.listdir(folder)[1]]


def age(name: str) -> timedelta:
    """How long ago a file was stored."""
    return timezone.now() - default_storage.get_modified_time(name)

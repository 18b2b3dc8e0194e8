"""Papers that are files: in private storage, under a generated name; the database knows theirs."""

import secrets
from datetime import timedelta
from pathlib import PurePath
from typing import BinaryIO

from django.core.files import File
from django.core.files.storage import default_storage

from initiatives import quotas, storing
from initiatives.tenancy import current_initiative_id
from meetings.models import PreRead

MEBIBYTE = 1 << 20
LARGEST = 20 * MEBIBYTE
STRAY = timedelta(hours=1)  # no request takes as long between storing a file and its paper
# What people hand round before a meeting. All of it is handed out as a download, never shown.
KINDS = (
    *(".pdf", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp"),
    *(".txt", ".md", ".csv", ".png", ".jpg", ".jpeg"),
)


def folder() -> str:
    return f"papers/{current_initiative_id()}"


def keep(file: File) -> str:
    """Store ``file``; its own name plays no part in where.

    :raises ValidationError: the initiative's papers would take more room than they may.
    """
    quotas.check_bytes("paper_megabytes", used, more=file.size)
    return storing.store(f"{folder()}/{secrets.token_hex(16)}", file)


def used() -> int:
    """The bytes of all papers of the initiative in scope."""
    return sum(default_storage.size(name) for name in storing.kept(folder()))


def sweep() -> int:
    """Delete files that no paper knows of: those whose paper was not stored after all; how many."""
    known = set(PreRead.objects.exclude(file="").values_list("file", flat=True))
    lost = [name for name in set(storing.kept(folder())) - known if storing.age(name) > STRAY]
    for name in lost:
        default_storage.delete(name)
    return len(lost)


def opened(name: str) -> BinaryIO:
    """The stored file.

    :raises FileNotFoundError: it is gone.
    """
    found: BinaryIO = default_storage.open(name)  # type: ignore[assignment]
    return found


def plain_name(name: str) -> str:
    """The name a file is handed out under: no folder, no control characters, not too long."""
    last = PurePath(name.replace("\\", "/")).name
    clean = "".join(each for each in last if each.isprintable()).strip()
    stem, dot, kind = clean.rpartition(".")
    return f"{stem[:120]}{dot}{kind[:10]}" if stem else clean[:120]

"""Papers that are files: in private storage, under a generated name; the database knows theirs."""

import secrets
from pathlib import PurePath
from typing import BinaryIO

from django.core.files import File
from django.core.files.storage import default_storage

from initiatives import quotas
from initiatives.tenancy import current_initiative_id

MEBIBYTE = 1 << 20
LARGEST = 20 * MEBIBYTE
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
    return default_storage.save(f"{folder()}/{secrets.token_hex(16)}", file)


def used() -> int:
    """The bytes of all papers of the initiative in scope."""
    if not default_storage.exists(folder()):
        return 0
    names = default_storage.listdir(folder())[1]
    return sum(default_storage.size(f"{folder()}/{name}") for name in names)


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

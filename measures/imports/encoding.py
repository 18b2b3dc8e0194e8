"""What the bytes of a file are: which encoding, which other kind of file, whose hash."""

import codecs
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from django.utils.translation import gettext as _

from measures.imports.columns import Column
from measures.imports.problems import Code, Problem, UnreadableFileError

CHUNK = 1 << 20

_SIGNATURES = {
    b"PK\x03\x04": "an Excel or other zipped workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a compressed file",
    b"{\\rtf": "a text document",
}
_UTF8_PAIR = re.compile(rb"[\xc3-\xf4][\x80-\xbf]")
_MARKUP = re.compile(rb"\s*<(!doctype|html|\?xml)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the first pass found out about the bytes."""

    encoding: str
    sha256: str
    size: int
    notices: tuple[str, ...] = ()
    nul: bool = False  # a NUL character somewhere: no cell may hold one


def examine(file: BinaryIO) -> Facts:
    """Hash ``file`` and find its encoding in one pass; leaves it at its beginning.

    Raises :class:`UnreadableFileError` if the bytes are not the text of a table.
    """
    file.seek(0)
    _refuse_other_kinds(file.read(CHUNK))
    file.seek(0)
    encoding, certain = _guess(file.read(CHUNK))
    found = _scan(file, encoding)
    notices: tuple[str, ...] = ()
    if found.broken is not None:
        if certain or found.pairs:
            raise _undecodable(file, found.broken, encoding)
        encoding = "cp1252"
        if (broken := _scan(file, encoding).broken) is not None:
            raise _undecodable(file, broken, encoding)
        notices = (
            _(
                "The file is not written in UTF-8; it was read as Windows-1252. "
                "Look at names with accents, or save it as “CSV UTF-8”."
            ),
        )
    file.seek(0)
    return Facts(encoding, found.sha256, found.size, notices, found.nul)


def _refuse_other_kinds(head: bytes) -> None:
    if not head.strip(b"\x00\r\n\t ,;\xef\xbb\xbf\xff\xfe"):
        raise unreadable(_("The file is empty."), _("A heading and at least one row of values."))
    for signature, what in _SIGNATURES.items():
        if head.startswith(signature):
            raise unreadable(
                _("This is %(what)s, not a CSV file.") % {"what": what},
                _("Save it as “CSV UTF-8” and send that."),
            )
    if _MARKUP.match(head):
        raise unreadable(_("This is a web page, not a CSV file."), _("Download the table itself."))


class _Scan(NamedTuple):
    """One pass over all bytes, read as one encoding."""

    sha256: str
    size: int
    broken: int | None  # where the first byte stands that is no character, if any does
    pairs: bool  # whether anything looks like UTF-8 beyond ASCII
    nul: bool


def _scan(file: BinaryIO, encoding: str) -> _Scan:
    file.seek(0)
    digest, decoder, size = hashlib.sha256(), codecs.getincrementaldecoder(encoding)(), 0
    broken: int | None = None
    pairs = nul = False
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        if broken is None:
            waiting = len(decoder.getstate()[0])
            try:
                nul = "\x00" in decoder.decode(chunk) or nul
            except UnicodeDecodeError as error:
                broken = max(0, size - waiting + error.start)
        pairs = pairs or bool(_UTF8_PAIR.search(chunk))
        size += len(chunk)
    if broken is None:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            broken = size - 1
    return _Scan(digest.hexdigest(), size, broken, pairs, nul)


def _guess(head: bytes) -> tuple[str, bool]:
    """The encoding a mark or a pattern at the beginning speaks for, and if that is certain."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", True
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32", True
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", True
    sample = head[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd > len(sample) // 5 > even:
        return "utf-16-le", True
    if even > len(sample) // 5 > odd:
        return "utf-16-be", True
    return "utf-8", False


def _undecodable(file: BinaryIO, position: int, encoding: str) -> UnreadableFileError:
    file.seek(0)
    line, left = 1, position
    while left > 0 and (chunk := file.read(min(left, CHUNK))):
        line += chunk.count(b"\n")
        left -= len(chunk)
    byte = file.read(1)
    return UnreadableFileError(
        (
            line,
            Problem(
                Code.STRUCTURE,
                "",
                byte.hex(),
                _("Line %(line)d holds a byte that is no character in %(encoding)s.")
                % {"line": line, "encoding": encoding.upper().removesuffix("-SIG")},
                _("Save the file as “CSV UTF-8”."),
            ),
        )
    )


def unreadable(
    message: str,
    suggestion: str = "",
    *,
    text: str = "",
    line: int = 1,
    columns: Sequence[Column] = (),
) -> UnreadableFileError:
    """The error for a file as a whole, to be raised."""
    problem = Problem(Code.STRUCTURE, "", text, message, suggestion)
    return UnreadableFileError((line, problem), columns=columns)

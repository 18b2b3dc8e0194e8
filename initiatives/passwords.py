"""Passwords that others try first: common words in disguise, our own name, and those that leaked.

Of Django's list of 20 000 common passwords hardly two hundred are as long as ours must be. People who
must be longer write a common one with something behind it, or twice: so the core is looked at.
"""

import hashlib
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.utils.translation import gettext as _

DISGUISES = str.maketrans("@4830!1|0$57+", "aabeoiiiosstt")
LONGEST = 100  # letters that are looked at for repetition, which takes their square
MOST_ADDED = 8  # of more than this around it, a word is not what makes the password
TWICE = re.compile(r"(.+?)\1+")
DIGITS = re.compile(r"\d+")
FEW = 4  # different letters
PARTS = re.compile(r"[^\W_]+")
EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")
OURS = ("concert", "initiative", "collectiveimpact", "backbone", "passphrase")


class CommonCoreValidator:
    """Refuse a common password, or a word of this site, with little around it or more than once."""

    def __init__(self) -> None:
        self.common = frozenset(CommonPasswordValidator().passwords)

    def validate(self, password: str, user: Any = None) -> None:
        """:raises ValidationError: it is one."""
        plain = password.strip().lower()
        cores = _cores(plain) if len(plain) <= LONGEST else set()
        if _is_idle(plain) or any(core in self.common or core in OURS for core in cores):
            raise ValidationError(
                _("Others try this one first: a common password with something added."),
                code="password_too_common",
            )

    def get_help_text(self) -> str:
        return _("No common password with something added.")


def _is_idle(plain: str) -> bool:
    """Whether it is digits alone, or a few letters again and again."""
    return bool(DIGITS.fullmatch(plain)) or len(set(plain)) <= FEW


def _cores(plain: str) -> set[str]:
    """What is left of a password without its ornaments; nothing where it is more than ornament."""
    parts = set(PARTS.findall(plain))
    word = parts.pop() if len(parts) == 1 else plain  # the same one again, with signs between
    once = _once(word)
    texts = {word, once, EDGES.sub("", once), EDGES.sub("", once).translate(DISGUISES)}
    return {_once(text) for text in texts if len(once) - len(text) <= MOST_ADDED}


def _once(text: str) -> str:
    """``abcabcabc`` is ``abc``."""
    found = TWICE.fullmatch(text)
    return found[1] if found else text


class LeakedValidator:
    """Refuse what stands in a list of leaked passwords, where the operator has one.

    The list is a text file as HIBP's downloader makes it: a SHA-1 in capitals and a count on each
    line, sorted. It is searched where it lies, whatever its size; nothing is asked of anybody.
    """

    def __init__(self) -> None:
        self.path = Path(settings.LEAKED_PASSWORDS) if settings.LEAKED_PASSWORDS else None
        if self.path and not self.path.is_file():
            raise ImproperlyConfigured(f"LEAKED_PASSWORDS: there is no file {self.path}.")

    def validate(self, password: str, user: Any = None) -> None:
        """:raises ValidationError: it is there."""
        digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        if self.path and _stands_in(self.path, digest.encode()):
            raise ValidationError(
                _("This password is in lists of stolen ones: choose another."),
                code="password_leaked",
            )

    def get_help_text(self) -> str:
        return _("No password that was stolen somewhere.") if self.path else ""


def _stands_in(path: Path, digest: bytes) -> bool:
    """Whether a line of the sorted file begins with ``digest``; halving it until it is found."""
    low, high = 0, path.stat().st_size
    with path.open("rb") as file:
        while low < high:
            middle = (low + high) // 2
            file.seek(middle)
            if middle:
                file.readline()  # to the beginning of a line
            line = file.readline()
            if line[: len(digest)].upper() < digest and line:
                low = middle + 1
            else:
                high = middle
        file.seek(low)
        if low:
            file.readline()
        return file.readline()[: len(digest)].upper() == digest

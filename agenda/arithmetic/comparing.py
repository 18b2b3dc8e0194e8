"""Two texts, word by word: what stayed, what went, what came. No Django."""

import re
from difflib import SequenceMatcher
from typing import NamedTuple

WORD = re.compile(r"\s+|\w+|[^\w\s]")
SAME, GONE, NEW = "same", "gone", "new"


class Piece(NamedTuple):
    """A run of words and what became of it."""

    fate: str
    text: str


def compare(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """The text before with what went, and the text after with what came."""
    old, new = WORD.findall(before), WORD.findall(after)
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        fate = SAME if tag == "equal" else None
        if a < b:
            left.append(Piece(fate or GONE, "".join(old[a:b])))
        if c < d:
            right.append(Piece(fate or NEW, "".join(new[c:d])))
    return left, right

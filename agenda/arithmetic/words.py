"""Where terms stand in a text: whole words in any script, the longest first, in one pass."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

# Scripts that set no spaces between words: there a word may stand beside another letter.
UNSPACED = (
    ("\u0e00", "\u0eff"),  # Thai, Lao
    ("\u1000", "\u109f"),  # Myanmar
    ("\u1780", "\u17ff"),  # Khmer
    ("\u3040", "\u30ff"),  # Hiragana, Katakana
    ("\u3400", "\u9fff"),  # Han
)


class Found(NamedTuple):
    """A piece of a text; with the key of the term that it is, or None."""

    text: str
    key: int | None = None


def split_by_terms(text: str, terms: Iterable[tuple[str, int]]) -> Iterator[Found]:
    """The text in pieces, in order; put together they are the text.

    ``terms`` are written forms with their keys. Capitals do not matter.
    """
    text = unicodedata.normalize("NFC", text)
    keys = {unicodedata.normalize("NFC", word).strip().lower(): key for word, key in terms}
    keys.pop("", None)
    if not keys:
        yield Found(text)
        return
    longest_first = sorted(keys, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)
    done = at = 0
    while match := pattern.search(text, at):
        whole = _whole(text, match, keys)
        if whole is None:
            at = match.start() + 1
            continue
        if match.start() > done:
            yield Found(text[done : match.start()])
        yield Found(whole, keys[whole.lower()])
        done = at = match.start() + len(whole)
    if done < len(text):
        yield Found(text[done:])


def _whole(text: str, match: re.Match[str], keys: dict[str, int]) -> str | None:
    """The longest term that stands here as a whole word: a shorter one may where a longer cannot."""
    start = match.start()
    for word in sorted(keys, key=len, reverse=True):
        end = start + len(word)
        piece = text[start:end]
        if piece.lower() == word and _stands_alone(text, start, end):
            return piece
    return None


def _stands_alone(text: str, start: int, end: int) -> bool:
    before, first = text[start - 1 : start], text[start]
    last, after = text[end - 1], text[end : end + 1]
    return not (_joins(before, first) or _joins(after, last))


def _joins(outside: str, inside: str) -> bool:
    """Whether two neighboring characters are of one word."""
    if not outside or not _is_of_word(outside):
        return False
    if unicodedata.category(outside).startswith("M"):
        return True  # a mark belongs to the letter before it
    return not (_is_unspaced(inside) or _is_unspaced(outside)) and _is_of_word(inside)


def _is_of_word(character: str) -> bool:
    return character == "_" or unicodedata.category(character)[0] in "LMN"


def _is_unspaced(character: str) -> bool:
    return any(low <= character <= high for low, high in UNSPACED)

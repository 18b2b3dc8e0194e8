"""Choices of a form that were read already: the form checks an answer, and does not ask again."""

from collections.abc import Iterable
from typing import Any


def offer(field: Any, pairs: Iterable[tuple[int, str]]) -> None:
    """Let ``field``, a choice among rows, show ``pairs`` of id and label, and none before them
    where it has to be answered.
    """
    none = [] if field.empty_label is None else [("", field.empty_label)]
    field.widget.choices = [*none, *pairs]

"""Pages on which measurement is laid out."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError


def decided(form: Any, decide: Callable[[], object]) -> bool:
    """Whether the form is right and the decision was taken; else the form says why not."""
    if not form.is_valid():
        return False
    try:
        decide()
    except ValidationError as error:
        form.add_error(None, error)
        form.unsettled = getattr(error, "terms", [])
        return False
    return True

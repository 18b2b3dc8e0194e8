"""A page with several forms: each has a name, and one of them is sent at a time."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.http import HttpRequest


class Step(NamedTuple):
    """A form, made from what was sent or from nothing, and what it does."""

    make: Callable[..., forms.Form]
    do: Callable[..., Any]


class Taken(NamedTuple):
    """The forms of a page, and what became of the one that was sent."""

    forms: dict[str, forms.Form]
    sent: str
    is_done: bool
    error: ValidationError | None = None
    result: Any = None

    @property
    def status(self) -> int:
        return 422 if self.sent and not self.is_done else 200


def take(request: HttpRequest, steps: Mapping[str, Step]) -> Taken:
    """Do what the form says that was sent, whole or not at all; otherwise say what is wrong."""
    sent = request.POST.get("action", "-") if request.method == "POST" else ""
    made = {
        name: step.make(request.POST if name == sent else None, auto_id=f"{name}_%s")
        for name, step in steps.items()
    }
    form = made.get(sent)
    if form is None or not form.is_valid():
        return Taken(made, sent, is_done=False)
    try:
        with transaction.atomic():
            result = steps[sent].do(**form.cleaned_data)
    except ValidationError as error:
        _tell(form, error)
        return Taken(made, sent, is_done=False, error=error)
    return Taken(made, sent, is_done=True, result=result)


def _tell(form: forms.Form, error: ValidationError) -> None:
    """Put the error at its field; what the form does not have is said above it."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, problems in error.error_dict.items():
        at = name if name in form.fields and name != NON_FIELD_ERRORS else None
        form.add_error(at, problems)

"""A page with several forms: each has a name, and one of them is sent at a time."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict

KEPT = "typed"  # session: what was typed beside a form that was sent
LONGEST = 20_000  # letters of a field that are kept there: no field takes more


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


def take(request: HttpRequest, steps: Mapping[str, Step], *, together: bool = False) -> Taken:
    """Do what the form says that was sent, whole or not at all; otherwise say what is wrong.

    ``together``: the steps are sections of one form, and what was typed in the others stays there.
    """
    sent = _sent(request, steps) if request.method == "POST" else ""
    made = {
        name: step.make(request.POST if name == sent else None, auto_id=f"{name}_%s")
        for name, step in steps.items()
    }
    for name in made.keys() - {sent} if sent and together else ():
        made[name].initial = {**made[name].initial, **_typed(made[name], request.POST)}
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


def _sent(request: HttpRequest, steps: Mapping[str, Step]) -> str:
    """The step whose button was pressed; a row more is asked for by a button of its own."""
    rows = (name for name in steps if f"{name}_more" in request.POST)
    return request.POST.get("action") or next(rows, "-")


def _typed(form: forms.Form, data: QueryDict) -> dict[str, Any]:
    """What was typed into a form that was not sent, where it is another than the form has."""
    found = {}
    for name, field in form.fields.items():
        at = form.add_prefix(name)
        if field.widget.is_hidden or at not in data:
            continue
        said = field.widget.value_from_datadict(data, MultiValueDict(), at)
        if said and field.has_changed(form.get_initial_for_field(field, name), said):
            found[name] = said
    return found


def carry(request: HttpRequest, steps: Mapping[str, forms.Form], sent: str) -> None:
    """Keep what was typed beside the form that was taken until the page is read again."""
    found = {
        name: {
            at: said
            for at, said in form.initial.items()
            if form.add_prefix(at) in request.POST and len(str(said)) <= LONGEST
        }
        for name, form in steps.items()
        if name != sent
    }
    found = {name: said for name, said in found.items() if said}
    if found:
        request.session[KEPT] = {"path": request.path, "typed": found}


def bring_back(request: HttpRequest, steps: Mapping[str, forms.Form]) -> None:
    """Put it back into the forms of the page, once."""
    kept = request.session.get(KEPT)
    if request.method != "GET" or kept is None:
        return
    del request.session[KEPT]
    if kept["path"] != request.path:
        return
    for name, said in kept["typed"].items():
        if name in steps:
            steps[name].initial = {**steps[name].initial, **said}

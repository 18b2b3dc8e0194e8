"""Fields of many rows: a row more is a button away, with a script or without."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from initiatives.ids import is_id

Row = tuple[str, str]
MOST_ROWS = 12
LONGEST = 300
DIGITS = 3


class RowsWidget(forms.Widget):
    """Several lines of text, each beside a whole number where ``number`` labels one."""

    template_name = "components/rows.html"
    use_fieldset = True

    def __init__(
        self, *, row: str | Promise, more: str | Promise, number: str | Promise = ""
    ) -> None:
        super().__init__()
        self.row, self.more, self.number = row, more, number

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Row]:
        texts = data.getlist(name) if hasattr(data, "getlist") else []
        numbers = data.getlist(f"{name}_number") if texts else []
        numbers += [""] * (len(texts) - len(numbers))
        rows = list(zip(texts, numbers, strict=False))[:MOST_ROWS]
        return [*rows, ("", "")] if f"{name}_more" in data else rows

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rows = list(value or [])
        rows += [("", "")] * (3 - len(rows))
        said = {"rows": rows, "row": self.row, "more": self.more, "number": self.number}
        return context | {"widget": context["widget"] | said | {"name": name}}


class RowsField(forms.Field):
    """Rows of text, or of text and number; empty ones do not count."""

    def __init__(
        self, *, row: str | Promise, more: str | Promise, number: str | Promise = "", **kwargs: Any
    ) -> None:
        widget = RowsWidget(row=row, more=more, number=number)
        super().__init__(widget=widget, **kwargs)
        self.has_number = bool(number)

    def clean(self, value: Sequence[Row]) -> list[Any]:
        found = [(text.strip(), number) for text, number in value or [] if text.strip()]
        if any(len(text) > LONGEST or "\0" in text for text, _number in found):
            raise ValidationError(_("A line has up to %d characters.") % LONGEST)
        if self.required and not found:
            raise ValidationError(self.error_messages["required"])
        if not self.has_number:
            return [text for text, _number in found]
        if any(
            not is_id(number.strip()) or len(number.strip()) > DIGITS for _text, number in found
        ):
            raise ValidationError(_("Give each its number."))
        return [(text, int(number)) for text, number in found]


class RowsForm(forms.Form):
    """A form that may be asked for one row more: nothing is checked then, and nothing is lost."""

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        if data is None or not any(f"{name}_more" in data for name in self.fields):
            return
        self.initial = dict(self.initial) | {
            name: each.widget.value_from_datadict(data, MultiValueDict(), self.add_prefix(name))
            for name, each in self.fields.items()
        }
        self.is_bound = False

"""What is asked of who sends a file of values in."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from measures.choices import DIMENSION, LEFT_OUT, DecimalMark
from measures.imports.columns import (
    CANONICAL,
    lacking,
    name_of,
    names_known,
)
from measures.imports.files import LARGEST, MEBIBYTE

REVIEW, ACCEPT = "review", "accept"


class UploadForm(forms.Form):
    """A file, and for who collects whether its values are accepted at once."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("Up to %(most)d MB. It is checked first; nothing is stored before you say so.")
        % {"most": LARGEST // MEBIBYTE},
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv"}),
        error_messages={"empty": _("The file is empty.")},
    )
    how = forms.ChoiceField(
        label=_("What becomes of the values"),
        choices=[
            (REVIEW, _("They wait for review, as if they were handed in")),
            (ACCEPT, _("They are accepted at once")),
        ],
        initial=REVIEW,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, collects: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not collects:
            del self.fields["how"]

    @property
    def is_accepting(self) -> bool:
        return self.cleaned_data.get("how") == ACCEPT


class ConfirmForm(forms.Form):
    """One reason for everything in the file that changes an accepted number."""

    reason = forms.CharField(
        label=_("Why do accepted numbers change?"),
        help_text=_("One sentence for the whole file. It is kept with each number it changes."),
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, needs_reason: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_reason:
            del self.fields["reason"]


class ColumnsForm(forms.Form):
    """What each column of a file is. Only what differs from its name's meaning is told."""

    def __init__(
        self,
        *args: Any,
        columns: Sequence[Mapping[str, Any]],
        dimensions: Mapping[str, str],
        **kw: Any,
    ) -> None:
        super().__init__(*args, **kw)
        self._columns, self._names = columns, names_known(dimensions)
        choices = [
            ("", _("Choose…")),
            *((name, name) for name in CANONICAL),
            *((f"{DIMENSION}{code}", name) for code, name in dimensions.items()),
            (LEFT_OUT, _("leave it out")),
        ]
        for place, column in enumerate(columns):
            sample = column["sample"]
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=column["text"],
                help_text=_("for example %(sample)s") % {"sample": sample} if sample else "",
                choices=choices,
                initial=column["target"],
                error_messages={"required": _("Say what it is, or leave it out.")},
            )

    def clean(self) -> dict[str, Any]:
        """No column twice, and those that a table of values needs."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        first: dict[str, str] = {}
        for field, target in list(found.items()):
            if target != LEFT_OUT and target in first:
                label = self.fields[first[target]].label
                self.add_error(field, _("“%(label)s” is that already.") % {"label": label})
            first.setdefault(target, field)
        if not self.errors:
            for message in lacking(first):
                self.add_error(None, message)
        return found

    @property
    def told(self) -> dict[str, str]:
        """What was said, by the heading as it is written."""
        chosen = {
            column["text"]: self.cleaned_data[f"column-{place}"]
            for place, column in enumerate(self._columns)
        }
        before = {column["text"] for column in self._columns if column["is_told"]}
        return {
            text: target
            for text, target in chosen.items()
            if text in before or self._names.get(name_of(text)) != target
        }


class MarkForm(forms.Form):
    """How the whole file writes its decimals."""

    mark = forms.ChoiceField(choices=DecimalMark)

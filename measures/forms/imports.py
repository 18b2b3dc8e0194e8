"""What is asked of who sends a file of values in."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy as _, gettext_noop

from measures.choices import DIMENSION, LEFT_OUT, DecimalMark, FileColumn
from measures.imports.columns import (
    Measured,
    lacking,
    name_of,
    names_known,
    part_of,
    targets_of,
)
from measures.imports.files import LARGEST, MEBIBYTE

REVIEW, ACCEPT = "review", "accept"
CLOSES = _(
    "A form is closed once all that it asks for is accepted. While its round is open, one that the"
    " file does not complete stays open for the rest."
)
MOST_OFFERED = 50  # indicators that each column is offered; of more only those that are guessed
PART_WORDS = {"numerator": gettext_noop("numerator"), "denominator": gettext_noop("denominator")}
Choices = list[tuple[Any, Any]]


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
        help_text=CLOSES,
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

    closes = CLOSES
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
        indicators: Mapping[str, Measured],
        **kw: Any,
    ) -> None:
        super().__init__(*args, **kw)
        self._columns, self._names = columns, names_known(dimensions)
        choices = _choices(dimensions, _offered(indicators, columns))
        for place, column in enumerate(columns):
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=column["text"],
                help_text=_hint(column, indicators),
                choices=choices,
                initial=column["target"] or column.get("guess", ""),
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


def _offered(
    indicators: Mapping[str, Measured], columns: Sequence[Mapping[str, Any]]
) -> Mapping[str, Measured]:
    """The indicators a column may be of: all, or of very many those that some column looks like."""
    if len(indicators) <= MOST_OFFERED:
        return indicators
    near = [column.get("guess", "") or column["target"] for column in columns]
    codes = {part[1] for each in near if (part := part_of(each))}
    return {code: each for code, each in indicators.items() if code in codes}


def _choices(dimensions: Mapping[str, str], indicators: Mapping[str, Measured]) -> Choices:
    """What a column may be, in plain words."""
    found: Choices = [("", _("Choose…")), (_("One row per value"), list(FileColumn.choices))]
    if dimensions:
        groups = [(f"{DIMENSION}{code}", name) for code, name in dimensions.items()]
        found.append((_("Breakdowns"), groups))
    if indicators:
        wide = [(each, _part_label(each, indicators)) for each in targets_of(indicators)]
        found.append((_("One column per indicator"), wide))
    return [*found, (LEFT_OUT, _("Nothing: leave it out"))]


def _part_label(target: str, indicators: Mapping[str, Measured]) -> str:
    part, _mark, code = target.partition(":")
    name = indicators[code].name
    return name if part == "value" else f"{name}: {gettext(PART_WORDS[part])}"


def _hint(column: Mapping[str, Any], indicators: Mapping[str, Measured]) -> str:
    """A cell of the column, and what its heading looks like."""
    hints = []
    part = part_of(column.get("guess", ""))
    if part and part[1] in indicators:
        name = indicators[part[1]].name
        hints.append(gettext("It looks like the indicator “%(name)s”: is it?") % {"name": name})
    if column["sample"]:
        hints.append(gettext("For example %(sample)s") % {"sample": column["sample"]})
    return " ".join(hints)


class MarkForm(forms.Form):
    """How the whole file writes its decimals."""

    mark = forms.ChoiceField(choices=DecimalMark)

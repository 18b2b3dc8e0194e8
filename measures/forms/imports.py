"""What is asked of who sends a file of values in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from measures.choices import DecimalMark
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


class MarkForm(forms.Form):
    """How the whole file writes its decimals."""

    mark = forms.ChoiceField(choices=DecimalMark)

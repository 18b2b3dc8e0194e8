"""What is asked of who gives people something to read."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from meetings.models import AgendaItem
from meetings.services.files import KINDS, LARGEST, MEBIBYTE


class PaperForm(forms.Form):
    """A text, a link or a file; under a name that is known, the next version of it."""

    name = forms.CharField(
        label=_("Title"),
        max_length=200,
        help_text=_("The same title as before makes a new version of that pre-read."),
    )
    item = forms.ModelChoiceField(
        label=_("Item it is for"),
        queryset=AgendaItem.objects.none(),
        required=False,
        empty_label=_("the meeting as a whole"),
    )
    minutes = forms.IntegerField(label=_("Minutes to read"), min_value=1, max_value=240, initial=5)
    text = forms.CharField(
        label=_("Text"),
        required=False,
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    link = forms.URLField(label=_("Link"), required=False, max_length=500, assume_scheme="https")
    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_("Up to %(most)d MB. Members of this group can download it, nobody else.")
        % {"most": LARGEST // MEBIBYTE},
        widget=forms.FileInput(attrs={"accept": ",".join(KINDS)}),
    )
    difference = forms.CharField(
        label=_("What changed since the last version"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whoever read the last version is asked to read only this."),
    )

    def __init__(self, *args: Any, items: Any, needs_item: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["item"]
        field.queryset = items
        if needs_item:
            field.required, field.empty_label = True, None

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file is None:
            return None
        if file.size > LARGEST:
            raise forms.ValidationError(_("This file is too large."))
        if not file.name.lower().endswith(KINDS):
            raise forms.ValidationError(_("This kind of file is not taken."))
        return file

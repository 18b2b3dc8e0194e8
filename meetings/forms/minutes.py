"""Minutes: the words on top, what is wrong in them, and the answer to that."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from meetings.choices import CorrectionState
from meetings.models import Correction, Minutes

TWO_LINES = forms.Textarea(attrs={"rows": 3})


class SummaryForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    summary = forms.CharField(
        label=_("Summary"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, *args: Any, minutes: Minutes, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"version": minutes.version, "summary": minutes.summary}


class CorrectionForm(forms.Form):
    text = forms.CharField(
        label=_("What is wrong, and what is right"), max_length=5000, widget=TWO_LINES
    )


class AnswerForm(forms.Form):
    correction = forms.ModelChoiceField(queryset=Correction.objects.none())
    taken = forms.TypedChoiceField(
        label=_("Taken up?"),
        choices=[("yes", _("Taken up")), ("no", _("Not taken up"))],
        coerce=lambda value: value == "yes",
    )
    answer = forms.CharField(label=_("Answer"), required=False, max_length=2000)

    def __init__(self, *args: Any, minutes: Minutes, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["correction"]
        rows = Correction.objects.filter(minutes=minutes, state=CorrectionState.PROPOSED)
        field.queryset = rows.select_related("minutes")

"""Minutes: the words on top, what is wrong in them, and the answer to that."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from meetings.choices import CorrectionState
from meetings.models import Correction, Minutes

TIME_TO_READ = timedelta(days=7)  # for who was there to say what is wrong
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


class ApproveForm(forms.Form):
    """Approve; while the organizations may not have read them yet only for who says so twice."""

    early = forms.CharField(required=False, max_length=20)

    def __init__(self, *args: Any, minutes: Minutes, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sent = minutes.circulated_at
        self.days = TIME_TO_READ.days
        self.is_early = sent is not None and timezone.now() - sent < TIME_TO_READ

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if self.is_early and not said.get("early"):
            text = _("They were sent less than %(days)d days ago. Say that they are approved now.")
            raise forms.ValidationError(text % {"days": self.days})
        return {}


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

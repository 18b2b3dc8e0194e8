"""What the reviewer decides about a submission: given back, opened again, a number corrected."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from initiatives.days import MomentField
from measures.choices import CorrectionReason
from measures.forms.amounts import read_amount
from measures.models import Indicator


def in_a_week() -> datetime:
    """The evening of this day next week, which is time enough for most."""
    evening = timezone.localtime().replace(hour=18, minute=0, second=0, microsecond=0)
    return evening + timedelta(days=7)


class ReturnForm(forms.Form):
    reason = forms.CharField(
        label=_("What should be changed?"), max_length=5_000, widget=forms.Textarea
    )


class ReopenForm(forms.Form):
    reason = forms.CharField(
        label=_("Why is it opened again?"), max_length=5_000, widget=forms.Textarea
    )
    until = MomentField(
        label=_("Open until"),
        initial=in_a_week,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


class CorrectionForm(forms.Form):
    """A new number for a fact, or that there is none: which has to be said."""

    use_required_attribute = False  # of the number and the tick, one is enough
    either = _("Write the right number, or tick that there is none.")
    top = forms.CharField(
        label=_("Right number"),
        max_length=100,
        error_messages={"required": either},
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )
    bottom = forms.CharField(label=_("of"), max_length=100, required=False)
    is_gone = forms.BooleanField(
        label=_("There is no number"),
        required=False,
        help_text=_("It was not collected, or does not exist: it is then missing, which is not 0."),
    )
    reason = forms.ChoiceField(label=_("Kind of reason"), choices=CorrectionReason)
    text = forms.CharField(label=_("Why?"), max_length=5_000, widget=forms.Textarea)

    def __init__(self, *args: Any, indicator: Indicator | None = None, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self._indicator = indicator
        self.fields["top"].required = not self.data.get("is_gone")

    def clean_top(self) -> Decimal | None:
        return read_amount(self.cleaned_data["top"], self._indicator)[0]

    def clean_bottom(self) -> Decimal | None:
        return read_amount(self.cleaned_data["bottom"], self._indicator)[0]

    def clean(self) -> dict[str, Any]:
        """A number, or the tick that says that there is none."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        amounts = (found.get("top"), found.get("bottom"))
        if self.errors.keys() & {"top", "bottom"}:
            return found
        if found.get("is_gone") and any(each is not None for each in amounts):
            self.add_error(
                "is_gone", _("A number is written above: there is one, or there is none.")
            )
        elif not found.get("is_gone") and all(each is None for each in amounts):
            self.add_error("top", self.either)
        return found

    def amounts(self, indicator: Indicator) -> dict[str, Any]:
        top, bottom = self.cleaned_data["top"], self.cleaned_data["bottom"]
        return {"numerator": top, "denominator": bottom} if indicator.is_pair else {"value": top}

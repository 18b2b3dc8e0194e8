"""What is asked before a link is given out."""

from datetime import date, datetime, time, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from initiatives.days import DayField
from measures.models import Indicator

LONGEST = timedelta(days=731)


def in_ninety_days() -> str:
    return (timezone.localdate() + timedelta(days=90)).isoformat()


class ShareForm(forms.Form):
    """For whom, until when, and what of."""

    name = forms.CharField(label=_("For whom"), max_length=100)
    expires_on = DayField(
        label=_("Open until"),
        initial=in_ninety_days,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    indicator = forms.ModelChoiceField(
        label=_("Only one indicator"),
        queryset=Indicator.objects.agreed(),
        required=False,
        empty_label=_("The whole dashboard"),
    )

    has_agenda = forms.BooleanField(
        label=_("The ratified agenda too"),
        required=False,
        help_text=_("Its text, who agreed, and how many reservations are open; public or not."),
    )

    def clean_expires_on(self) -> date:
        """A day within reach: a link that nobody remembers should not be open."""
        day: date = self.cleaned_data["expires_on"]
        if day > timezone.localdate() + LONGEST:
            raise forms.ValidationError(_("Choose a day within the next two years."))
        return day

    @property
    def expires_at(self) -> datetime:
        """The end of the chosen day."""
        day = self.cleaned_data["expires_on"] + timedelta(days=1)
        return timezone.make_aware(datetime.combine(day, time.min))

"""To whom a series is given to facilitate."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from initiatives.days import DayField
from initiatives.models import Membership
from meetings.forms.series import named
from meetings.selectors.people import series_facilitators


class FacilitationForm(forms.Form):
    """Somebody with the role, from a day through a day."""

    membership = forms.ModelChoiceField(
        label=_("Who"),
        queryset=Membership.objects.none(),
        error_messages={"invalid_choice": _("This person does not have that role.")},
    )
    starts_on = DayField(label=_("From"), initial=timezone.localdate)
    last_day = DayField(
        label=_("Last day"), required=False, help_text=_("Empty: until you end it.")
    )

    def __init__(self, *args: Any, actor: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["membership"]
        field.queryset, field.label_from_instance = series_facilitators(actor), named

"""Choosing the goal that an indicator measures."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agenda.models import Goal
from measures.models import Indicator


class GoalForm(forms.Form):
    """The ratified goals, or none."""

    goal = forms.ModelChoiceField(
        label=_("Measures the goal"),
        queryset=Goal.objects.none(),
        required=False,
        empty_label=_("none of them"),
    )

    def __init__(self, *args: Any, indicator: Indicator, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"goal": indicator.goal_id})
        super().__init__(*args, **kwargs)
        field: Any = self.fields["goal"]
        field.queryset = Goal.objects.filter(retired_at=None)

"""Preparing a round: what it is about, until when, and what is asked."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agenda.choices import FacetKind, RevealRule
from agenda.models import ListeningRound, RoundFacet
from initiatives.clock import at_home, zone_here
from initiatives.days import DayField

LONGEST_CHOICE = 120
MOST_CHOICES = 20


def in_three_weeks() -> str:
    return (timezone.localdate() + timedelta(days=21)).isoformat()


def end_of(day: Any) -> datetime:
    """The last minute of a day, where the initiative is."""
    return datetime.combine(day, time(23, 59), tzinfo=zone_here())


class ComingDayField(DayField):
    """A day that is still to come."""

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and value <= timezone.localdate():
            raise forms.ValidationError(_("Choose a day that is still to come."))


class RoundForm(forms.Form):
    """A round, before anybody is asked."""

    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("For example: How do we see homelessness?")
    )
    introduction = forms.CharField(
        label=_("What we ask, and why now"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
    )
    closes_on = ComingDayField(
        label=_("Answers until"),
        initial=in_three_weeks,
        help_text=_("The end of this day. Later you can give more time, and never less."),
    )
    reveal_rule = forms.ChoiceField(
        label=_("Everyone sees all views"),
        choices=RevealRule,
        initial=RevealRule.ALL_IN,
        widget=forms.RadioSelect,
    )

    @property
    def values(self) -> dict[str, Any]:
        """What the service is told."""
        data = dict(self.cleaned_data)
        return data | {"closes_at": end_of(data.pop("closes_on"))}

    @staticmethod
    def values_of(round_: ListeningRound) -> dict[str, Any]:
        """What the form shows first."""
        last = at_home(round_.closes_at).date()
        return {
            "name": round_.name,
            "introduction": round_.introduction,
            "closes_on": last.isoformat(),
            "reveal_rule": round_.reveal_rule,
        }


class ExtendForm(forms.Form):
    """More time for an open round."""

    closes_on = ComingDayField(label=_("Answers until"))

    @property
    def closes_at(self) -> datetime:
        return end_of(self.cleaned_data["closes_on"])


class FacetForm(forms.Form):
    """One question."""

    name = forms.CharField(
        label=_("In a word"),
        max_length=60,
        help_text=_("What it is about; it stands for the question where views are compared."),
    )
    question = forms.CharField(label=_("Question"), max_length=300)
    hint = forms.CharField(label=_("What helps to answer it"), max_length=300, required=False)
    kind = forms.ChoiceField(
        label=_("Answered by"),
        choices=FacetKind,
        widget=forms.RadioSelect,
        help_text=_("Lists and numbers can be compared; words are read side by side."),
    )
    choices = forms.CharField(
        label=_("The list"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea({"rows": 7}),
        help_text=_("For a list: one answer on each line."),
    )
    unit = forms.CharField(label=_("Unit of the number"), max_length=30, required=False)
    minimum = forms.DecimalField(label=_("Smallest number"), required=False, max_digits=12)
    maximum = forms.DecimalField(label=_("Largest number"), required=False, max_digits=12)

    def clean_choices(self) -> list[str]:
        """The lines, each once."""
        lines = [each.strip() for each in self.cleaned_data["choices"].splitlines()]
        choices = list(dict.fromkeys(filter(None, lines)))
        if len(choices) > MOST_CHOICES or any(len(each) > LONGEST_CHOICE for each in choices):
            raise forms.ValidationError(
                _("At most %(most)s lines of %(long)s characters."),
                params={"most": MOST_CHOICES, "long": LONGEST_CHOICE},
            )
        return choices

    def clean(self) -> dict[str, Any]:
        """What a kind needs."""
        data = super().clean() or {}
        kind, choices = data.get("kind"), data.get("choices")
        low, high = data.get("minimum"), data.get("maximum")
        if kind in {FacetKind.CHOICE, FacetKind.CHOICES} and choices is not None:
            if len(choices) < 2:  # noqa: PLR2004 -- one answer is no choice
                self.add_error("choices", _("Write at least two answers, one on each line."))
        elif kind == FacetKind.NUMBER and low is not None and high is not None and high <= low:
            self.add_error("maximum", _("The largest number is larger than the smallest."))
        return data

    @staticmethod
    def values_of(facet: RoundFacet) -> dict[str, Any]:
        """What the form shows first."""
        plain = ("name", "question", "hint", "kind", "unit", "minimum", "maximum")
        return {each: getattr(facet, each) for each in plain} | {
            "choices": "\n".join(facet.choices)
        }

"""What is written about terms."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agenda.choices import Mapping
from agenda.models import GlossaryTerm

LONGEST = 4000


class FormsField(forms.CharField):
    """Other ways in which a term is written, by commas."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        return list(dict.fromkeys(filter(None, (each.strip() for each in text.split(",")))))

    def validate(self, value: Any) -> None:
        if any("\0" in each for each in value):
            raise forms.ValidationError(_("Null characters are not allowed."))
        if any(len(each) > 80 for each in value) or len(value) > 12:  # noqa: PLR2004
            raise forms.ValidationError(_("At most 12 ways of at most 80 characters."))

    def run_validators(self, value: Any) -> None:
        """What is checked is checked above."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value


class TermForm(forms.Form):
    """A word and how else it is written."""

    label = forms.CharField(label=_("Word"), max_length=80)
    also = FormsField(
        label=_("Also written"),
        required=False,
        max_length=1000,
        help_text=_("Other forms, with commas: plural, short form."),
    )


class DefinitionForm(forms.Form):
    """What a word means."""

    meaning = forms.CharField(
        label=_("What it means"), max_length=LONGEST, widget=forms.Textarea({"rows": 3})
    )
    source = forms.CharField(
        label=_("Where the meaning comes from"), max_length=300, required=False
    )


class NewTermForm(TermForm, DefinitionForm):
    """A new word with a first meaning."""

    field_order = ("label", "also", "meaning", "source")


class VersionForm(forms.Form):
    """What was looked at."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class RenameForm(TermForm, VersionForm):
    """A word, written differently."""

    @staticmethod
    def values_of(term: GlossaryTerm) -> dict[str, Any]:
        return {"label": term.label, "also": list(term.also), "version": term.version}


class RedefineForm(DefinitionForm, VersionForm):
    """A meaning, in other words."""


class VariantForm(forms.Form):
    """How one's own organization uses a word."""

    mapping = forms.ChoiceField(
        label=_("Beside the shared meaning, our word"),
        choices=Mapping,
        initial=Mapping.SAME,
        widget=forms.RadioSelect,
    )
    label = forms.CharField(label=_("Our word, if it is another"), max_length=80, required=False)
    meaning = forms.CharField(
        label=_("What we mean by it"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("mapping", Mapping.SAME) != Mapping.SAME and not data.get("meaning"):
            self.add_error("meaning", _("Say what you mean by it."))
        return data


class MapForm(forms.Form):
    """What a clashing word corresponds to in shared words."""

    mapped_as = forms.CharField(
        label=_("What it corresponds to in shared words"),
        max_length=500,
        widget=forms.Textarea({"rows": 2}),
    )


class MoveTermForm(forms.Form):
    """Where a term goes next."""

    to = forms.CharField(max_length=20)

"""What is asked of a seat before a meeting."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from initiatives.models import Membership
from meetings.choices import AgendaAnswerKind, BriefingLine, DelegationScope, ReplyKind
from meetings.models import PreRead, Seat

COMING = [(kind, kind.label) for kind in ReplyKind if kind != ReplyKind.DELEGATE]


class ReplyForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Will you be there?"), choices=COMING, widget=forms.RadioSelect
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class AgendaAnswerForm(forms.Form):
    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    kind = forms.ChoiceField(
        label=_("Is this the agenda you want?"),
        choices=AgendaAnswerKind.choices,
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=_("What should change"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ChangeAnsweredForm(forms.Form):
    """What whoever sets the agenda says to a request for a change of it."""

    text = forms.CharField(
        label=_("What becomes of it"),
        required=False,
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class DelegateForm(forms.Form):
    delegate = forms.ModelChoiceField(
        label=_("Who comes instead"), queryset=Membership.objects.none()
    )
    scope = forms.ChoiceField(
        label=_("They may"), choices=DelegationScope.choices, initial=DelegationScope.DECIDE
    )
    mandate = forms.CharField(label=_("Mandate in one line"), max_length=300, required=False)

    def __init__(self, *args: Any, seat: Seat, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Membership.objects.current().filter(
            organization_id=seat.organization_id, user__is_active=True
        )
        field: Any = self.fields["delegate"]
        field.queryset = people.exclude(pk=seat.holder_id).select_related("user").order_by("id")
        field.label_from_instance = lambda each: f"{each.user}, {each.get_level_display()}"


class ReadForm(forms.Form):
    """One of the papers of the meeting was read."""

    paper = forms.ModelChoiceField(queryset=PreRead.objects.none(), widget=forms.HiddenInput)

    def __init__(self, *args: Any, papers: list[PreRead], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["paper"]
        field.queryset = PreRead.objects.filter(pk__in=[each.pk for each in papers])


def _background(asked: dict[str, Any]) -> str:
    """What one has to know to answer: what it is about, and what there is to read on it."""
    text = _("To read: %(name)s (%(minutes)d min)")
    return "\n".join(
        [asked["text"]] * bool(asked["text"])
        + [text % {"name": each["name"], "minutes": each["minutes"]} for each in asked["read"]]
    )


class MandateForm(forms.Form):
    """Whether the delegate comes."""

    kind = forms.ChoiceField(
        label=_("Do you come for us?"), choices=COMING, widget=forms.RadioSelect
    )


class DebriefForm(forms.Form):
    text = forms.CharField(
        label=_("What I said for us"),
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Two minutes are enough: what was decided, and what the holder should know."),
    )


class BriefingForm(forms.Form):
    """Our line on each item to decide."""

    def __init__(self, *args: Any, decide: list[dict[str, Any]], said: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.decide = decide
        for each in decide:
            key, before = each["item"], said.get(each["item"])
            self.fields[f"line_{key}"] = forms.ChoiceField(
                label=each["title"],
                choices=BriefingLine.choices,
                widget=forms.RadioSelect,
                initial=before.line if before else None,
                help_text=_background(each),
            )
            self.fields[f"note_{key}"] = forms.CharField(
                label=_("Note on it"),
                max_length=300,
                required=False,
                initial=before.note if before else "",
            )

    @property
    def lines(self) -> dict[int, tuple[str, str]]:
        """Line and note by item id."""
        return {
            each["item"]: (
                self.cleaned_data[f"line_{each['item']}"],
                self.cleaned_data[f"note_{each['item']}"],
            )
            for each in self.decide
        }

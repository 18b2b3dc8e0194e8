"""What is asked of a seat before a meeting."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _

from initiatives.choices import MemberLevel
from initiatives.models import Membership
from meetings.choices import AgendaAnswerKind, BriefingLine, DelegationScope, ReplyKind
from meetings.forms.offers import offer
from meetings.models import PreRead, Seat
from meetings.selectors.briefings import questions_of

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


MISSING = {
    "name": _("Say what they are called."),
    "email": _("Say to which address their link goes."),
    "level": _("Say at what level they work: the seat may count by it."),
}


class DelegateForm(forms.Form):
    """Somebody of the organization, or somebody without an account by name and address."""

    delegate = forms.ModelChoiceField(
        label=_("Who comes instead"),
        queryset=Membership.objects.none(),
        required=False,
        empty_label=_("somebody who is not listed: name them below"),
    )
    name = forms.CharField(label=_("Name"), max_length=150, required=False)
    email = forms.EmailField(label=_("E-mail address"), required=False)
    level = forms.ChoiceField(
        label=_("Their level"), choices=[("", _("choose")), *MemberLevel.choices], required=False
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
        self.listed = list(field.queryset)
        if not self.listed:
            del self.fields["delegate"]
            for name, text in MISSING.items():
                self.fields[name].required = True
                self.fields[name].error_messages["required"] = text
            return
        offer(field, [(each.pk, field.label_from_instance(each)) for each in self.listed])

    def clean(self) -> dict[str, Any]:
        """Who is listed is that member, also where their address was typed."""
        said = super().clean() or self.cleaned_data
        name, email = said.get("name", ""), said.get("email", "").strip().lower()
        found = said.get("delegate") or next(
            (each for each in self.listed if email and each.user.email.lower() == email), None
        )
        if found is not None:
            kept = {"delegate": found}
        elif name and email and said.get("level"):
            kept = {"name": name, "email": email, "level": said["level"]}
        else:
            if not self.errors:
                self._ask_for(said)
            kept = {}
        return kept | {"scope": said.get("scope"), "mandate": said.get("mandate", "")}

    def _ask_for(self, said: dict[str, Any]) -> None:
        for name, text in MISSING.items():
            if not said.get(name):
                self.add_error(name, text)

    @property
    def is_outside(self) -> bool:
        return "email" in self.cleaned_data


class ReadForm(forms.Form):
    """One of the papers of the meeting was read."""

    paper = forms.ModelChoiceField(queryset=PreRead.objects.none(), widget=forms.HiddenInput)

    def __init__(self, *args: Any, papers: list[PreRead], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["paper"]
        field.queryset = PreRead.objects.filter(pk__in=[each.pk for each in papers])


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


class AskedRow(NamedTuple):
    """An item to decide with what one has to know of it, and the fields for one's line."""

    asked: dict[str, Any]
    questions: list[Any]  # put on it, with their ``choices``
    pre_reads: list[PreRead]
    line: forms.BoundField
    note: forms.BoundField


class BriefingForm(forms.Form):
    """Our line on each item to decide; ``items``: with what is put on each, ``pre_reads``: what
    there is to read on them.
    """

    def __init__(
        self,
        *args: Any,
        decide: list[dict[str, Any]],
        said: Any,
        items: Iterable[Any] = (),
        pre_reads: Iterable[PreRead] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.decide = decide
        self.put = {each.pk: questions_of(each) for each in items}
        self.pre_reads = list(pre_reads)
        for each in decide:
            key, before = each["item"], said.get(each["item"])
            self.fields[f"line_{key}"] = forms.ChoiceField(
                label=each["title"],
                choices=BriefingLine.choices,
                widget=forms.RadioSelect,
                initial=before.line if before else None,
            )
            self.fields[f"note_{key}"] = forms.CharField(
                label=_("Note on it"),
                max_length=300,
                required=False,
                initial=before.note if before else "",
            )

    def rows(self) -> list[AskedRow]:
        return [
            AskedRow(
                each,
                self.put.get(each["item"], []),
                [one for one in self.pre_reads if one.item_id == each["item"]],
                self[f"line_{each['item']}"],
                self[f"note_{each['item']}"],
            )
            for each in self.decide
        ]

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

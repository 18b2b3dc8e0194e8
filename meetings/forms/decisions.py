"""A decision from its question to its review."""

from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from initiatives.days import DayField
from initiatives.models import Membership, Organization
from measures.models import Indicator, Period
from meetings.choices import BriefingLine, Certainty, ItemPurpose, ResponseKind
from meetings.forms.offers import offer
from meetings.forms.rows import RowsField, RowsForm
from meetings.models import (
    AgendaItem,
    Body,
    BriefingAnswer,
    Criterion,
    Decision,
    DecisionOption,
    DecisionResponse,
    Meeting,
    Seat,
)
from meetings.selectors.agendas import items_of
from meetings.selectors.decisions import Offered, periods_with_numbers

TWO_LINES = forms.Textarea(attrs={"rows": 2})


class SectionForm(forms.Form):
    """A section of the one form that the page of a decision is: ``named`` tells its fields from
    those of the other sections.
    """

    named: ClassVar[dict[str, str]] = {}

    def add_prefix(self, field_name: str) -> str:
        return super().add_prefix(self.named.get(field_name, field_name))


class FrameForm(RowsForm):
    """A question, and two or more ways to answer it."""

    body = forms.ModelChoiceField(label=_("Who decides"), queryset=Body.objects.none())
    item = forms.ModelChoiceField(
        label=_("Item"),
        queryset=AgendaItem.objects.none(),
        required=False,
        empty_label=_("the meeting as a whole"),
    )
    question = forms.CharField(label=_("The question"), max_length=300)
    options = RowsField(
        label=_("Options"),
        row=_("Option"),
        more=_("One option more"),
        help_text=_("Two or more; leaving things as they are is one."),
    )
    background = forms.CharField(
        label=_("Background"), required=False, max_length=20_000, widget=TWO_LINES
    )
    supersedes = forms.ModelChoiceField(
        label=_("Replaces"),
        queryset=Decision.objects.none(),
        required=False,
        empty_label=_("no earlier decision"),
    )

    def __init__(
        self,
        *args: Any,
        actor: Membership,
        body: Body | None = None,
        meeting: Meeting | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["body"].queryset = Body.objects.visible_to(actor)
        old = Decision.objects.visible_to(actor).in_force().filter(number__isnull=False)
        if body is not None:
            del fields["body"]
            old = old.filter(body=body)
        fields["supersedes"].queryset = old.order_by("-year", "-number")
        if meeting is None:
            del fields["item"]
        else:
            rows = items_of(meeting).filter(Q(purpose=ItemPurpose.DECIDE) | Q(is_lowered=True))
            fields["item"].queryset = rows.select_related("meeting__series")


class CriteriaForm(RowsForm):
    """What the options are judged by."""

    criteria = RowsField(
        label=_("Criteria"),
        row=_("Criterion"),
        number=_("Weight"),
        more=_("One criterion more"),
        help_text=_("Each weighs from 1 to 10. Once fixed they stay, so that nobody bends them."),
        error_messages={"required": _("Write at least one criterion, and what it weighs.")},
    )


class ScoresForm(forms.Form):
    """A score for each option by each criterion."""

    def __init__(
        self,
        *args: Any,
        options: list[DecisionOption],
        criteria: list[Criterion],
        scores: dict[Any, int],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.pairs = {}
        for option in options:
            for criterion in criteria:
                name = f"score_{option.pk}_{criterion.pk}"
                self.pairs[name] = (option, criterion)
                self.fields[name] = forms.IntegerField(
                    min_value=0,
                    max_value=5,
                    required=False,
                    label=f"{option}: {criterion}",
                    initial=scores.get((option.pk, criterion.pk)),
                    widget=forms.NumberInput(
                        attrs={
                            "class": "input number score",
                            "aria-label": f"{option}: {criterion}",
                        }
                    ),
                )

    def rows(self) -> list[list[forms.BoundField]]:
        """The fields of each option, in the order of the criteria; what was sent stays in them."""
        found: dict[int, list[forms.BoundField]] = {}
        for name, (option, _criterion) in self.pairs.items():
            found.setdefault(option.pk, []).append(self[name])
        return list(found.values())

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        given = {n: said[n] for n in self.pairs if said.get(n) is not None}
        return {"scores": [(*self.pairs[name], value) for name, value in given.items()]}


class EvidenceForm(forms.Form):
    """A number as it stands, a text, an address."""

    text = forms.CharField(label=_("What it shows"), max_length=300)
    indicator = forms.ModelChoiceField(
        label=_("Indicator"),
        queryset=Indicator.objects.none(),
        required=False,
        empty_label=_("no number of ours"),
        help_text=_("Its number is kept as it stands now, whatever comes later."),
    )
    period = forms.ModelChoiceField(
        label=_("Period"),
        queryset=Period.objects.none(),
        required=False,
        empty_label=_("the latest"),
    )
    link = forms.URLField(label=_("Link"), max_length=500, required=False, assume_scheme="https")
    certainty = forms.ChoiceField(
        label=_("How certain it is"), choices=Certainty.choices, initial=Certainty.MODERATE
    )

    def __init__(self, *args: Any, actor: Membership, offered: Offered, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["indicator"].queryset = Indicator.objects.visible_to(actor).agreed()
        fields["period"].queryset = periods_with_numbers()
        offer(fields["indicator"], offered.indicators)
        offer(fields["period"], offered.periods)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Why there is no evidence"), max_length=2000, widget=TWO_LINES)


class BeneficiaryForm(forms.Form):
    organization = forms.ModelChoiceField(
        label=_("Who gains by an option"), queryset=Organization.objects.none()
    )

    def __init__(self, *args: Any, actor: Membership, offered: Offered, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["organization"]
        field.queryset = Organization.objects.visible_to(actor).present()
        offer(field, offered.organizations)


class InterestForm(SectionForm):
    named = {"text": "interest"}
    text = forms.CharField(
        label=_("Our interest in it"),
        max_length=300,
        help_text=_("It is printed beside the outcome, and takes nobody's word away."),
    )
    is_beneficiary = forms.BooleanField(label=_("We gain by one of the options"), required=False)


class RespondForm(SectionForm):
    """What a seat answers; what it said before the meeting or answered already stands in it."""

    named = {"reason": "answer_reason"}
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    kind = forms.ChoiceField(
        label=_("Our answer"), choices=ResponseKind.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        required=False,
        help_text=_("For everything but consent."),
    )

    def __init__(
        self,
        *args: Any,
        version: int,
        line: BriefingAnswer | None = None,
        response: DecisionResponse | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["version"].initial = version
        if response is not None:
            fields["kind"].initial, fields["reason"].initial = response.kind, response.reason
        elif line is not None:
            consents = line.line == BriefingLine.CONSENT
            fields["kind"].initial = ResponseKind.CONSENT if consents else None
            fields["reason"].initial = line.note


def _line_of(line: BriefingAnswer | None) -> str:
    if line is None:
        return ""
    said = {"line": line.get_line_display(), "note": f" “{line.note}”" if line.note else ""}
    return _("Before the meeting: %(line)s%(note)s") % said


class SaidForm(forms.Form):
    """What the seats that count answered in the room, as whoever runs the meeting heard it."""

    def __init__(
        self,
        *args: Any,
        seats: list[Seat],
        told: dict[int, tuple[BriefingAnswer | None, DecisionResponse | None]],
        **kwargs: Any,
    ) -> None:
        """``told``: by seat, its line from before the meeting, and what was written down already."""
        super().__init__(*args, **kwargs)
        self.seats = {each.pk: each for each in seats}
        for key, seat in self.seats.items():
            line, answer = told.get(key, (None, None))
            self.fields[f"said_{key}"] = forms.ChoiceField(
                label=seat.organization.name,
                choices=[("", _("not yet")), *ResponseKind.choices],
                required=False,
                initial=answer.kind if answer else "",
                help_text=_line_of(line),
            )
            self.fields[f"why_{key}"] = forms.CharField(
                label=_("Why"),
                max_length=300,
                required=False,
                initial=answer.reason if answer else "",
            )

    def rows(self) -> list[tuple[Seat, forms.BoundField, forms.BoundField]]:
        return [(seat, self[f"said_{key}"], self[f"why_{key}"]) for key, seat in self.seats.items()]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        found = [
            (seat, said[f"said_{key}"], said.get(f"why_{key}", ""))
            for key, seat in self.seats.items()
            if said.get(f"said_{key}")
        ]
        if not found and not self.errors:
            raise forms.ValidationError(_("Choose what at least one of them answered."))
        return {"said": found}


class DecideForm(forms.Form):
    """The outcome. What is missing is said by the service, all of it at once."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    outcome = forms.ModelChoiceField(
        label=_("Decided for"),
        queryset=DecisionOption.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
    )
    rationale = forms.CharField(
        label=_("Why this one"),
        max_length=20_000,
        widget=TWO_LINES,
        error_messages={"required": _("Say why this option.")},
    )
    dissent = forms.CharField(
        label=_("Dissent"),
        max_length=20_000,
        widget=TWO_LINES,
        help_text=_('Who was against it, and why. Where nobody was, write "none".'),
        error_messages={"required": _('Write down the dissent, or "none".')},
    )
    review_on = DayField(label=_("Look at it again on"), required=False)

    def __init__(
        self, *args: Any, decision: Decision, options: list[DecisionOption], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["outcome"].queryset = DecisionOption.objects.filter(decision=decision)
        offer(fields["outcome"], [(each.pk, str(each)) for each in options])
        fields["version"].initial = decision.version
        for name in {"outcome", "rationale", "dissent", "review_on"} & set(decision.draft):
            fields[name].initial = decision.draft[name]

    def renew(self, version: int) -> None:
        """Take up the version that is there now: what is sent next was written beside it."""
        sent: Any = self.data
        data = sent.copy()
        data["version"] = str(version)
        self.data = data

    def clean_review_on(self) -> Any:
        return day_to_come(self.cleaned_data["review_on"])


class ReviewForm(forms.Form):
    keep = forms.TypedChoiceField(
        label=_("After a second look"),
        choices=[("yes", _("It stays")), ("no", _("It is revoked"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("Why"), widget=TWO_LINES, max_length=2000)
    review_on = DayField(label=_("Look at it again on"), required=False)

    def clean_review_on(self) -> Any:
        return day_to_come(self.cleaned_data["review_on"])


def day_to_come(day: Any) -> Any:
    """A day after today, or none."""
    if day is not None and day <= timezone.localdate():
        raise forms.ValidationError(_("Choose a day to come."))
    return day

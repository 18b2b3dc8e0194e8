"""Reading what was typed about a version: its text, its windows, reasons for deciding."""

from collections.abc import Mapping
from dataclasses import dataclass, field as made
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agenda.choices import DimensionKind, PrimaryGoalRule
from agenda.models import AgendaVersion, Difference
from agenda.selectors.versions import severe_differences
from agenda.services.ratification import OPEN_DAYS
from agenda.services.versions import COMMENT_DAYS, MOST_COMMENT_DAYS, Written
from initiatives.days import DayField
from initiatives.ids import is_id

GOALS = (DimensionKind.PRIMARY_GOAL, DimensionKind.GOAL)
ASKS = {
    DimensionKind.PROBLEM: _("What is wrong, for whom, where? One or two sentences."),
    DimensionKind.CAUSE: _("What do you hold to be behind it?"),
    DimensionKind.POPULATION: _("Whom is this about?"),
    DimensionKind.PLACE: _("Where?"),
    DimensionKind.VISION: _("What will be true when you have succeeded?"),
    DimensionKind.PRIMARY_GOAL: _("One to five. Every organization has to consent to each."),
    DimensionKind.GOAL: _("What else you want to reach."),
    DimensionKind.PRINCIPLE: _("What you hold to on the way."),
    DimensionKind.APPROACH: _("How you go about it together."),
    DimensionKind.ACTION: _("What is done, by whom."),
    DimensionKind.EXCLUSION: _("What you agree to leave alone."),
}


@dataclass
class Line:
    """One statement in the editor."""

    key: str
    kind: str
    text: str

    @property
    def is_goal(self) -> bool:
        return self.kind in GOALS


@dataclass
class Part:
    """The statements of one kind, and a blank place for another one."""

    kind: str
    label: Any
    ask: Any
    lines: list[Line] = made(default_factory=list)
    blank: str = ""


@dataclass
class Link:
    """A severe difference, and the statement that speaks to it."""

    difference: Difference
    key: str


class Draft:
    """The editor's sheet, from the rows or as typed."""

    def __init__(self, agenda: AgendaVersion, data: Mapping[str, str] | None = None) -> None:
        self.agenda, self.data = agenda, data
        self.parts = {str(kind): Part(str(kind), kind.label, ASKS[kind]) for kind in DimensionKind}
        self.written: list[Written] = []
        for row in agenda.dimensions.all():
            kind = (data or {}).get(f"kind-{row.key}", row.kind)
            kind = kind if kind in self.parts and row.kind in GOALS else row.kind
            text = (data or {}).get(f"text-{row.key}", "" if data else row.text)
            self.parts[row.kind].lines.append(Line(row.key, kind, text))
            self.written.append(Written(kind, text, row.key))
        for kind, part in self.parts.items():
            part.blank = (data or {}).get(f"new-{kind}", "")
            if part.blank.strip():
                self.written.append(Written(kind, part.blank))
        self.links = [
            Link(each, (data or {}).get(f"difference-{each.pk}", each.dimension_key))
            for each in severe_differences()
        ]

    @property
    def version(self) -> int:
        given = (self.data or {}).get("overwrite") or (self.data or {}).get("version") or ""
        return int(given) if is_id(given) else 0

    @property
    def references(self) -> dict[int, str]:
        return {each.difference.pk: each.key for each in self.links if each.key}

    @property
    def choices(self) -> list[Line]:
        """The statements that a difference may be spoken to by."""
        return [line for part in self.parts.values() for line in part.lines if line.text.strip()]


class CirculateForm(forms.Form):
    days = forms.IntegerField(
        label=_("Days for comments"), min_value=1, max_value=MOST_COMMENT_DAYS, initial=COMMENT_DAYS
    )


class OpenForm(forms.Form):
    """When a ratification ends, and by which rule."""

    closes_on = DayField(
        label=_("Answers are taken until the end of"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    rule = forms.ChoiceField(
        label=_("Primary goals"), choices=PrimaryGoalRule, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, agenda: AgendaVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first = timezone.localdate() + timedelta(days=OPEN_DAYS)
        self.fields["closes_on"].initial = first.isoformat()
        self.fields["rule"].initial = agenda.primary_goal_rule

    @property
    def closes_at(self) -> datetime:
        """The end of the day that was chosen, in the initiative's time."""
        end = datetime.combine(self.cleaned_data["closes_on"], time(23, 59))
        return timezone.make_aware(end)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Why?"), max_length=2000, widget=forms.Textarea({"rows": 3}))


class CommentForm(forms.Form):
    text = forms.CharField(
        label=_("Your comment"), max_length=4000, widget=forms.Textarea({"rows": 2})
    )


class AmendmentForm(forms.Form):
    """Other words for a statement."""

    to_text = forms.CharField(label=_("In these words"), max_length=4000)
    reason = forms.CharField(label=_("Why?"), max_length=4000, required=False)


class WordForm(forms.Form):
    """What is said to a proposal; a word is asked for where it is declined."""

    word = forms.CharField(label=_("Your reply"), max_length=4000, required=False)

"""The page on which an organization says how it sees the issue."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agenda.choices import FacetKind, Weight
from agenda.models import ListeningRound, PositionFacet, PositionStatement, RoundFacet
from agenda.services.positions import Answer, token_of

LONGEST = 4000


class AnswerForm(forms.Form):
    """One question: the answer, how much it matters, how movable it is, and why."""

    importance = forms.TypedChoiceField(
        label=_("How important is this to you?"),
        choices=Weight,
        coerce=int,
        initial=Weight.MUCH,
        widget=forms.RadioSelect,
    )
    flexibility = forms.TypedChoiceField(
        label=_("How far could you move?"),
        choices=Weight,
        coerce=int,
        initial=Weight.LITTLE,
        widget=forms.RadioSelect,
    )
    why = forms.CharField(
        label=_("Why we see it this way"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 2}),
    )
    evidence = forms.CharField(
        label=_("What we base it on"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("A report, figures, what people told you; links are fine."),
    )

    def __init__(self, *args: Any, facet: RoundFacet, **kwargs: Any) -> None:
        kwargs["prefix"] = f"q{facet.pk}"
        super().__init__(*args, **kwargs)
        self.facet = facet
        self.fields["answer"] = _answer_field(facet)

    @property
    def answer(self) -> Answer:
        """What the service is told."""
        data, kind = self.cleaned_data, self.facet.kind
        given = data["answer"]
        chosen: tuple[str, ...] = ()
        if kind == FacetKind.CHOICES:
            chosen = tuple(given)
        elif kind == FacetKind.CHOICE and given:
            chosen = (given,)
        return Answer(
            facet_id=self.facet.pk,
            chosen=chosen,
            number=given if kind == FacetKind.NUMBER else None,
            text=given if kind == FacetKind.TEXT else "",
            importance=data["importance"],
            flexibility=data["flexibility"],
            why=data["why"],
            evidence=data["evidence"],
        )

    @property
    def has_reasons(self) -> bool:
        """Whether the part that is folded away holds something."""
        return bool(self["why"].value() or self["evidence"].value() or self.errors)


def _answer_field(facet: RoundFacet) -> forms.Field:
    shared: dict[str, Any] = {
        "label": facet.question,
        "help_text": facet.hint,
        "required": False,
    }
    listed = [(each, each) for each in facet.choices]
    if facet.kind == FacetKind.CHOICES:
        return forms.MultipleChoiceField(
            choices=listed, widget=forms.CheckboxSelectMultiple, **shared
        )
    if facet.kind == FacetKind.CHOICE:
        return forms.ChoiceField(choices=listed, widget=forms.RadioSelect, **shared)
    if facet.kind == FacetKind.NUMBER:
        return forms.DecimalField(
            min_value=facet.minimum,
            max_value=facet.maximum,
            max_digits=14,
            decimal_places=2,
            widget=forms.TextInput({"inputmode": "decimal", "class": "short"}),
            **shared,
        )
    return forms.CharField(max_length=LONGEST, widget=forms.Textarea({"rows": 3}), **shared)


class PositionSheet:
    """All questions of a round with what was said, from the rows or as typed."""

    def __init__(
        self,
        round_: ListeningRound,
        statement: PositionStatement | None,
        data: Mapping[str, str] | None = None,
    ) -> None:
        self.data = data
        said = {each.facet_id: each for each in statement.facets.all()} if statement else {}
        self.answers = [
            AnswerForm(data, facet=facet, initial=_values_of(facet, said.get(facet.pk)))
            for facet in round_.facets.all()
        ]
        self.note = data.get("note", "") if data is not None else (statement and statement.note)
        self.token = data.get("token", "") if data is not None else token_of(statement)

    @property
    def is_valid(self) -> bool:
        return all(each.is_valid() for each in self.answers)

    @property
    def given(self) -> list[Answer]:
        return [each.answer for each in self.answers]

    @property
    def text(self) -> str:
        return (self.note or "").replace("\0", "").strip()[:LONGEST]


def _values_of(facet: RoundFacet, said: PositionFacet | None) -> dict[str, Any]:
    if said is None:
        return {}
    answer: Any = said.text
    if facet.kind == FacetKind.CHOICES:
        answer = said.chosen
    elif facet.kind == FacetKind.CHOICE:
        answer = next(iter(said.chosen), "")
    elif facet.kind == FacetKind.NUMBER:
        answer = said.number.normalize() if said.number is not None else None
        answer = None if answer is None else f"{answer:f}"
    return {
        "answer": answer,
        "importance": said.importance,
        "flexibility": said.flexibility,
        "why": said.why,
        "evidence": said.evidence,
    }

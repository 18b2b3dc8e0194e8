"""Reading an organization's answer: consent to everything, except for what is marked."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.crypto import get_random_string
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from agenda.choices import ContactMeans, Stance
from agenda.models import AgendaDimension, AgendaVersion, ReservationDraft
from agenda.selectors.ratification import Place, places_of
from agenda.services.drafts import Noted
from agenda.services.responses import Said, Sheet
from initiatives.days import DayField, is_plausible
from initiatives.ids import is_id

UNSAFE = re.compile(r"[^0-9A-Za-z-]")  # in a token


class AnswerSheet:
    """The page of an answer, from what the organization said so far or as typed."""

    def __init__(
        self,
        agenda: AgendaVersion,
        organization_id: int,
        data: Mapping[str, str] | None = None,
        *,
        drafts: Mapping[str, ReservationDraft] | None = None,
    ) -> None:
        self.agenda = agenda
        self.places = places_of(agenda, organization_id, drafts)
        self.token = UNSAFE.sub("", (data or {}).get("token", ""))[:32] or get_random_string(24)
        self.text = (data or {}).get("text", agenda.content_hash)
        if data is not None:
            for place in self.places:
                _read(place, data)

    @property
    def sheet(self) -> Sheet:
        """What the service takes: the exceptions alone."""
        exceptions = {
            place.dimension.key: Said(
                place.stance,
                place.reason,
                "" if place.stance == Stance.OBJECT else place.condition,
                place.review_on,
            )
            for place in self.places
            if place.stance != Stance.CONSENT
        }
        return Sheet(exceptions, self.text, self.token)

    @property
    def exceptions(self) -> int:
        return sum(place.stance != Stance.CONSENT for place in self.places)

    def blame(self, by_key: Mapping[str, str]) -> None:
        """Put each complaint where it belongs."""
        for place in self.places:
            place.error = by_key.get(place.dimension.key, "")


def _read(place: Place, data: Mapping[str, str]) -> None:
    key = place.dimension.key
    place.stance = data.get(f"stance-{key}", Stance.CONSENT)
    place.reason = data.get(f"reason-{key}", "").replace("\0", "").strip()
    place.condition = data.get(f"condition-{key}", "").replace("\0", "").strip()
    place.review_on = _day(data.get(f"review-{key}", ""))


class DraftSheet:
    """What somebody drafts for who may answer: a reservation a statement, or none."""

    def __init__(
        self,
        dimensions: Iterable[AgendaDimension],
        drafts: Mapping[str, ReservationDraft],
        data: Mapping[str, str] | None = None,
    ) -> None:
        self.places = [Drafted(each, drafts.get(each.key)) for each in dimensions]
        if data is not None:
            for place in self.places:
                place.read(data)

    def beside(self, there: "DraftSheet") -> None:
        """Show what was saved meanwhile beside what was typed; the next save knows of it."""
        for place, saved in zip(self.places, there.places, strict=True):
            place.draft, place.version = saved.draft, saved.version
            place.saved = saved.text if saved.text != place.text else ""

    @property
    def noted(self) -> list[Noted]:
        """What the service takes."""
        return [
            Noted(each.dimension.key, each.text, each.condition, each.review_on, each.version)
            for each in self.places
        ]


class Drafted:
    """One statement with what is drafted for it, from the row or as typed."""

    def __init__(self, dimension: AgendaDimension, draft: ReservationDraft | None) -> None:
        self.dimension, self.draft, self.saved = dimension, draft, ""
        self.text = draft.text if draft else ""
        self.condition = draft.condition if draft else ""
        self.review_on = draft.review_on if draft else None
        self.version = draft.version if draft else 0

    def read(self, data: Mapping[str, str]) -> None:
        """As it was typed."""
        key = self.dimension.key
        self.text = data.get(f"text-{key}", "").replace("\0", "").strip()
        self.condition = data.get(f"condition-{key}", "").replace("\0", "").strip()
        self.review_on = _day(data.get(f"review-{key}", ""))
        given = data.get(f"version-{key}", "").removeprefix("v")
        self.version = int(given) if is_id(given) else 0


def _day(text: str) -> date | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day and is_plausible(day) else None


class EvidenceForm(forms.Form):
    file = forms.FileField(
        label=_("What shows their answer"),
        help_text=_(
            "A signed letter, an e-mail, minutes: PDF, picture, eml, docx or text, to 5 MB."
        ),
    )


class ContactForm(forms.Form):
    means = forms.ChoiceField(label=_("How"), choices=ContactMeans)
    text = forms.CharField(label=_("What came of it"), max_length=500)


class DecisionForm(forms.Form):
    decision = forms.CharField(
        label=_("Who decided it, and when"), max_length=2000, widget=forms.Textarea({"rows": 2})
    )


class KeepForm(forms.Form):
    """A reservation as it stands now."""

    text = forms.CharField(
        label=_("The reservation"), max_length=4000, widget=forms.Textarea({"rows": 3})
    )
    condition = forms.CharField(
        label=_("What would lift it"),
        max_length=4000,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )
    review_on = DayField(
        label=_("Look at it again on"), widget=forms.DateInput(attrs={"type": "date"})
    )
    is_shown_to_funders = forms.BooleanField(
        label=_("Funders may see that it is ours"), required=False
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, reservation: Any = None, **kwargs: Any) -> None:
        if reservation is not None:
            names = ("text", "condition", "is_shown_to_funders", "version")
            initial = {name: getattr(reservation, name) for name in names}
            kwargs["initial"] = initial | {"review_on": reservation.review_on.isoformat()}
        super().__init__(*args, **kwargs)

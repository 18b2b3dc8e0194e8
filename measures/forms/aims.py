"""What is typed about what an indicator asks: of whom, from where, how far."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from initiatives.choices import Sector
from initiatives.models import Organization
from initiatives.selectors import place_tree
from measures.choices import Direction
from measures.forms.setup import AmountField, day_field
from measures.models import Indicator, Period
from measures.selectors import setup as selecting
from measures.services.setup.calendars import later_years
from measures.services.setup.indicators import BEGINNING


def say_whose(form: forms.Form, indicator: Indicator) -> None:
    """Say beside the amounts in what they are, and of whom: one number for all and one period."""
    together = _("Of all organizations together, in one %(period)s.")
    for name in ("value", "low", "high"):
        field: Any = form.fields.get(name)
        if field is None:
            continue
        if indicator.unit:
            field.label = f"{field.label} ({indicator.unit})"
        field.help_text = together % {"period": indicator.get_frequency_display()}
        # The decimals of a pair are not those of what it comes to.
        field.indicator = None if indicator.is_pair else indicator


class TargetForm(forms.Form):
    """How far it should go by a period; what was agreed before stays on record."""

    LATER = "later-"
    period = forms.ChoiceField(label=_("To be reached in"))
    value = AmountField(label=_("Value"), required=False)
    low = AmountField(label=_("At least"), required=False)
    high = AmountField(label=_("At most"), required=False)
    reason = forms.CharField(label=_("Why?"), max_length=1000, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, indicator: Indicator, **kw: Any) -> None:
        periods = list(selecting.periods_of(indicator))
        self.by_id: dict[str, Period | int] = {str(each.pk): each for each in periods}
        later = later_years(indicator.calendar, indicator.frequency)
        self.by_id |= {f"{self.LATER}{year}": year for year, _name in later}
        running = selecting.running_period(periods, timezone.localdate())
        kw.setdefault("initial", {"period": str(running.pk)} if running else {})
        super().__init__(*args, **kw)
        period: Any = self.fields["period"]
        period.choices = [
            (_("In the calendar"), [(str(each.pk), each.name) for each in periods]),
            (
                _("Later: the calendar grows up to it"),
                [(f"{self.LATER}{year}", name) for year, name in later],
            ),
        ]
        surplus = ("value",) if indicator.direction == Direction.MAINTAIN else ("low", "high")
        for name in surplus:
            del self.fields[name]
        if "value" in self.fields:
            self.fields["value"].required = True
        say_whose(self, indicator)

    def clean_period(self) -> Period | int:
        """The period as a row, or the year to grow up to."""
        return self.by_id[self.cleaned_data["period"]]


class BaselineForm(forms.Form):
    """Where it started."""

    period: Any = forms.ModelChoiceField(label=_("Period"), queryset=None)
    value = AmountField(label=_("Value"))
    reason = forms.CharField(
        label=_("Where it comes from"),
        max_length=1000,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, *args: Any, indicator: Indicator, **kw: Any) -> None:
        periods = selecting.periods_of(indicator)
        over = periods.filter(ends_on__lte=timezone.localdate()).last()
        kw.setdefault("initial", {"period": over.pk} if over else {})
        super().__init__(*args, **kw)
        period: Any = self.fields["period"]
        period.queryset = periods
        say_whose(self, indicator)


class AssignForm(forms.Form):
    """Who is asked: everybody of a kind at once, or one by one."""

    use_required_attribute = False  # a tick says as much as the choice above it
    EVERYONE, SECTOR, PLACE, CHOSEN = "partners", "sector", "place", "chosen"
    who = forms.ChoiceField(
        label=_("Who reports it"),
        choices=[
            (CHOSEN, _("Those ticked below")),
            (EVERYONE, _("All partners")),
            (SECTOR, _("Partners of a sector")),
            (PLACE, _("Partners in a place, and in those within it")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who reports it, or tick organizations below.")},
    )
    sector = forms.ChoiceField(
        label=_("Sector"), choices=[("", "–"), *Sector.choices], required=False
    )
    place = forms.ChoiceField(label=_("Place"), required=False)
    organizations = forms.MultipleChoiceField(
        label=_("Organizations"),
        required=False,
        widget=forms.CheckboxSelectMultiple({"class": "choices"}),
    )
    starts_on = day_field(
        _("From"),
        required=False,
        help_text=_("Left empty: from the beginning, for every period."),
    )
    ends_on = day_field(_("Until before"), required=False)

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        # Who only ticks organizations means these, and nobody else.
        self.fields["who"].required = not self.data.get("organizations")
        self.nodes = place_tree()
        rows = Organization.objects.present().order_by("name", "id")
        self.by_id = {str(each.pk): each for each in rows}
        place: Any = self.fields["place"]
        place.choices = [("", "–"), *((str(n.place.pk), n.label) for n in self.nodes)]
        organizations: Any = self.fields["organizations"]
        organizations.choices = [(key, each.name) for key, each in self.by_id.items()]

    def clean_starts_on(self) -> date:
        """None is the beginning."""
        return self.cleaned_data["starts_on"] or BEGINNING

    def clean(self) -> dict[str, Any]:
        """Whoever is meant, as rows."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        ticked = found.get("organizations", [])
        who = found.get("who") or (self.CHOSEN if ticked else "")
        partners = Organization.objects.present().filter(kind="partner")
        if ticked and who != self.CHOSEN:
            text = _("Organizations are ticked below: choose “Those ticked below”, or untick them.")
            self.add_error("who", text)
        if who == self.SECTOR:
            chosen = list(partners.filter(sector=found.get("sector") or None))
        elif who == self.PLACE:
            within = self._within(found.get("place", ""))
            chosen = list(partners.filter(homes__place_id__in=within).distinct())
        elif who == self.CHOSEN:
            chosen = [self.by_id[each] for each in ticked]
        else:
            chosen = list(partners)
        if not chosen and not self.errors:
            raise forms.ValidationError(_("This is nobody: choose who reports it."))
        found["chosen"] = chosen
        return found

    def _within(self, place: str) -> list[int]:
        """The place and everything that lies within it: in the tree they follow each other."""
        found: list[int] = []
        depth = -1
        for node in self.nodes:
            if str(node.place.pk) == place:
                depth = node.depth
                found.append(node.place.pk)
            elif depth >= 0 and node.depth > depth:
                found.append(node.place.pk)
            elif depth >= 0:
                break
        return found


class EndForm(forms.Form):
    """From when on nothing is asked any more."""

    ends_on = day_field(_("Asked no more from"), initial=timezone.localdate)

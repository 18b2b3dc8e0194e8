"""What is typed about an indicator: what it is and what it means."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agenda.models import GlossaryTerm, Goal
from initiatives.days import DayField
from initiatives.versions import VersionedForm, version_of
from measures.choices import Direction, Frequency, IndicatorKind, TimeOperator
from measures.forms.amounts import read_amount, typed
from measures.models import Calendar, Indicator
from measures.selectors import setup as selecting
from measures.services.setup.agreement import is_open
from measures.services.setup.indicators import operators_of

TEXTS = (*("definition", "numerator_text", "denominator_text", "inclusion", "exclusion", "source"),)
SCALES = [("1", _("as it is")), ("100", _("percent")), ("1000", _("of 1,000"))]
PERCENT = Decimal(100)
MOST_CATEGORIES = 40
WHOLE = {IndicatorKind.COUNT, IndicatorKind.STOCK}  # counted in whole numbers unless it is said
PAIR = 3  # the group of fields that only ratios and means have


class AmountField(forms.CharField):
    """An exact number as the reader writes it; blank is none."""

    indicator: Indicator | None = None  # whose value it is: 1,200 of what is counted is no 1.2

    def clean(self, value: Any) -> Any:
        """The number."""
        takes = _("Write a number.") if self.required else _("Write a number, or leave it empty.")
        amount, status = read_amount(super().clean(value), self.indicator, otherwise=str(takes))
        if amount is None and status != "normal":
            raise forms.ValidationError(takes)
        return amount

    def prepare_value(self, value: Any) -> Any:
        """A stored number as somebody would type it."""
        return typed(value) if isinstance(value, Decimal) else value


def day_field(label: Any, **more: Any) -> DayField:
    """A day, with the browser's own picker."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return DayField(label=label, widget=widget, **more)


def texts_field(label: Any, help_text: Any = "", *, required: bool = False) -> forms.CharField:
    widget = forms.Textarea({"rows": 2})
    return forms.CharField(
        label=label, required=required, max_length=10_000, widget=widget, help_text=help_text
    )


class DefinitionForm(forms.Form):
    """What an indicator means, from a day on."""

    effective_from = day_field(
        _("In force from"), help_text=_("What was reported before keeps its meaning.")
    )
    definition = texts_field(_("Definition"), _("What is counted, in one sentence."), required=True)
    numerator_text = texts_field(_("Numerator, or the sum"))
    denominator_text = texts_field(_("Denominator, or the number"))
    inclusion = texts_field(_("Who and what counts"))
    exclusion = texts_field(_("Who and what does not"))
    source = texts_field(_("Source"))
    carry = forms.IntegerField(
        label=_("Periods that a stock is carried forward"),
        min_value=0,
        max_value=12,
        required=False,
        help_text=_("Where nobody reports, the last number stands for so long, marked as old."),
    )

    def __init__(self, *args: Any, indicator: Indicator, **kw: Any) -> None:
        latest = indicator.versions.last()
        if latest:
            kept = {name: getattr(latest, name) for name in (*TEXTS, "carry")}
            kw.setdefault("initial", kept | {"effective_from": timezone.localdate()})
        super().__init__(*args, **kw)
        if indicator.kind != IndicatorKind.STOCK:
            del self.fields["carry"]
        if not indicator.is_pair:
            del self.fields["numerator_text"], self.fields["denominator_text"]

    def clean_carry(self) -> int:
        """None is none."""
        return self.cleaned_data["carry"] or 0


class IndicatorForm(VersionedForm):
    """What an indicator is; a new one with its first meaning."""

    unsettled: Sequence[GlossaryTerm] = ()  # the words it was refused for

    name = forms.CharField(
        label=_("Name"), max_length=200, help_text=_("As it is said: meals served.")
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[
            (IndicatorKind.COUNT, _("Count: how many in the period, added up over time")),
            (IndicatorKind.STOCK, _("Stock: how many at its end, never added up over time")),
            (IndicatorKind.RATIO, _("Ratio: one number of another, such as a percentage")),
            (IndicatorKind.MEAN, _("Mean: a sum divided by how many, such as a score")),
        ],
        widget=forms.RadioSelect,
        initial=IndicatorKind.COUNT,
    )
    definition = texts_field(_("Definition"), _("What is counted, in one sentence."))
    numerator_text = texts_field(
        _("Numerator, or the sum"),
        _("As the form asks for the first number: children who read at level."),
    )
    denominator_text = texts_field(
        _("Denominator, or the number"),
        _("As the form asks for the second number: all children tested."),
    )
    source = texts_field(_("Source"))
    goal = forms.ModelChoiceField(
        label=_("Measures the goal"),
        queryset=Goal.objects.none(),
        required=False,
        empty_label=_("none of them"),
        help_text=_("Each goal of the common agenda needs one agreed indicator at least."),
    )
    unit = forms.CharField(
        label=_("Unit"),
        max_length=40,
        required=False,
        help_text=_("For example: meals, children, %."),
    )
    scale = forms.TypedChoiceField(
        label=_("A ratio is shown as"),
        choices=SCALES,
        coerce=Decimal,
        initial="100",
        help_text=_("Other kinds are always shown as they are."),
    )
    direction = forms.ChoiceField(label=_("Direction"), choices=Direction.choices)
    calendar = forms.ModelChoiceField(
        label=_("Calendar"), queryset=Calendar.objects.order_by("name"), empty_label=None
    )
    frequency = forms.ChoiceField(
        label=_("Reported every"), choices=Frequency.choices, initial=Frequency.QUARTER
    )
    time = forms.ChoiceField(
        label=_("Over longer periods"),
        choices=[
            ("", _("as is usual for its kind")),
            (TimeOperator.SUM, _("added up")),
            (TimeOperator.LAST, _("the last one counts")),
            (TimeOperator.NONE, _("not brought together")),
        ],
        required=False,
    )
    decimals = forms.IntegerField(
        label=_("Decimals"),
        min_value=0,
        max_value=6,
        required=False,
        help_text=_(
            "Left empty, a new count or stock takes whole numbers and a percentage is shown with one"
            " decimal; for amounts of money write 2."
        ),
    )
    minimum = AmountField(label=_("Smallest value that can be"), required=False)
    maximum = AmountField(label=_("Largest value that can be"), required=False)
    is_within = forms.BooleanField(
        label=_("The numerator is part of the denominator, and never more"), required=False
    )
    partition = forms.ChoiceField(
        label=_("Broken down by"),
        required=False,
        help_text=_("The parts and “not stated” add up to the total."),
    )
    breakdown = forms.CharField(
        label=_("Or by something new"),
        max_length=100,
        required=False,
        help_text=_("For example: age group."),
    )
    categories = forms.CharField(
        label=_("Its categories"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("One a line. “Not stated” is added by itself."),
    )
    code = forms.SlugField(
        label=_("Code"),
        max_length=40,
        required=False,
        help_text=_("A short name for files. Left empty, one is made from the name."),
    )
    meaning = ("time", "scale", "numerator_text", "denominator_text")
    until_reported = (
        *("kind", "calendar", "frequency", "partition", "breakdown", "categories"),
        *meaning,
    )

    groups = (
        (_("What is counted"), ("name", "kind", "definition", "goal", "unit", "direction")),
        (_("When it is reported"), ("calendar", "frequency")),
        (_("In which parts"), ("partition", "breakdown", "categories")),
        (_("For ratios and means"), ("numerator_text", "denominator_text", "scale", "is_within")),
        (_("Finer points"), ("source", "time", "decimals", "minimum", "maximum", "code")),
    )

    @property
    def needs_pair(self) -> bool:
        """Whether what was chosen, or is wrong, needs the fields of ratios and means."""
        _title, names = self.groups[PAIR]
        chosen = self["kind"].value() if "kind" in self.fields else ""
        is_wrong = self.is_bound and any(name in self.errors for name in names)
        return chosen in {IndicatorKind.RATIO, IndicatorKind.MEAN} or is_wrong

    def sections(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields there are, by what they are about."""
        found = [
            (title, [self[name] for name in names if name in self.fields])
            for title, names in self.groups
        ]
        return [(title, fields) for title, fields in found if fields]

    def __init__(
        self,
        *args: Any,
        indicator: Indicator | None = None,
        is_reported: bool = False,
        **kw: Any,
    ) -> None:
        if indicator is not None:
            kw.setdefault("initial", self.values_of(indicator))
        super().__init__(*args, **kw)
        definition: Any = self.fields["definition"]
        definition.needed = _("needed before it is agreed")
        breakdowns = selecting.breakdowns()
        self.partitions = {str(each.pk): each for each, _name in breakdowns}
        partition: Any = self.fields["partition"]
        partition.choices = [
            ("", _("Nothing")),
            *((str(each.pk), name) for each, name in breakdowns),
        ]
        goal: Any = self.fields["goal"]
        known = Q(pk=indicator.goal_id) if indicator and indicator.goal_id else Q(pk=None)
        goal.queryset = Goal.objects.filter(Q(retired_at=None) | known)
        if not goal.queryset.exists():
            del self.fields["goal"]
        if indicator is None:
            del self.fields["version"]
            return
        self.fields["code"].required = True
        scale: Any = self.fields["scale"]
        if indicator.kind == IndicatorKind.RATIO and self.initial["scale"] not in dict(SCALES):
            scale.choices = [*SCALES, (self.initial["scale"], _("as before"))]
        self.kind_before = indicator.kind
        # What was agreed is not said otherwise here, but defined anew from a day on.
        fixed = () if is_open(indicator) and not is_reported else ("definition", "source")
        for name in (*fixed, *(self.until_reported if is_reported else ())):
            del self.fields[name]

    @staticmethod
    def values_of(indicator: Indicator) -> dict[str, Any]:
        """What the form shows first."""
        names = (
            *("name", "unit", "direction", "frequency", "decimals", "minimum"),
            *("maximum", "is_within", "code"),
        )
        return {name: getattr(indicator, name) for name in names} | {
            "calendar": indicator.calendar_id,
            "goal": indicator.goal_id,
            "partition": indicator.partition_id or "",
            "version": version_of(indicator),
            "kind": indicator.kind,
            **IndicatorForm._meant(indicator),
        }

    @classmethod
    def _meant(cls, indicator: Indicator) -> dict[str, Any]:
        """What its latest meaning says of how its numbers are put together."""
        latest = indicator.versions.last()
        names = (*cls.meaning, "definition", "source")
        found = {name: getattr(latest, name) for name in names} if latest else {}
        if latest and latest.time == operators_of(indicator.kind, {})["time"]:
            found["time"] = ""
        return found | {"scale": f"{latest.scale.normalize():f}"} if latest else {}

    def clean_categories(self) -> tuple[str, ...]:
        """The lines."""
        lines = [each.strip()[:100] for each in self.cleaned_data["categories"].splitlines()]
        found = tuple(dict.fromkeys(each for each in lines if each))
        if len(found) > MOST_CATEGORIES:
            raise forms.ValidationError(
                _("At most %(most)s categories: everybody has to fill each of them."),
                params={"most": MOST_CATEGORIES},
            )
        return found

    def clean_partition(self) -> Any:
        """The partition as a row."""
        return self.partitions.get(self.cleaned_data["partition"])

    def clean(self) -> dict[str, Any]:
        """What fits together; a definition's texts by themselves."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        low, high = found.get("minimum"), found.get("maximum")
        if low is not None and high is not None and low > high:
            self.add_error("maximum", _("The largest value is below the smallest."))
        if found.get("breakdown") and not found.get("categories"):
            self.add_error("categories", _("Name its categories, one a line."))
        if found.get("categories") and not found.get("breakdown"):
            self.add_error("breakdown", _("Say what these are categories of."))
        if "scale" in found and found.get("kind") != IndicatorKind.RATIO:
            found["scale"] = Decimal(1)
        elif found.get("scale") == PERCENT:
            found["unit"] = found.get("unit") or "%"
        is_new = "version" not in self.fields
        if is_new and found.get("decimals") is None:
            usual = 1 if found.get("scale") == PERCENT else None
            found["decimals"] = 0 if found.get("kind") in WHOLE else usual
        if "definition" in self.fields and is_new:
            texts = ("definition", "numerator_text", "denominator_text", "source")
            found["definition"] = {name: found.pop(name, "") for name in texts}
        elif "kind" in self.fields:
            said = [name for name in ("definition", "source") if name in self.fields]
            found["operators"] = {name: found.pop(name, "") for name in (*self.meaning, *said)}
            if found.get("kind") == self.kind_before != IndicatorKind.RATIO:
                del found["operators"]["scale"]
        return found

"""What is typed about time: rounds with their dates, calendars with their years."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from initiatives.clock import zone_here
from initiatives.versions import VersionedForm, version_of
from measures.choices import CalendarKind
from measures.forms.setup import day_field
from measures.models import Round
from measures.selectors import setup as selecting

YEARS = range(1950, 2101)
END_OF_DAY = time(23, 59, 59)


class RoundForm(VersionedForm):
    """When a round opens, is due and closes: whole days of the initiative's time zone."""

    opens_on = day_field(_("Opens on"))
    due_on = day_field(_("Due on"), help_text=_("Until the end of this day."))
    closes_on = day_field(
        _("Closes on"),
        required=False,
        help_text=_("Until the end of this day numbers are taken. Left empty, it stays open."),
    )

    def __init__(self, *args: Any, round_: Round | None = None, **kw: Any) -> None:
        self.zone = zone_here()
        if round_ is not None:
            kw.setdefault("initial", self.values_of(round_))
        super().__init__(*args, **kw)
        if round_ is None:
            del self.fields["version"]

    def values_of(self, round_: Round) -> dict[str, Any]:
        """What the form shows first."""
        return {
            "opens_on": round_.opens_at.astimezone(self.zone).date(),
            "due_on": self._last_day(round_.due_at),
            "closes_on": self._last_day(round_.closes_at) if round_.closes_at else None,
            "version": version_of(round_),
        }

    def _last_day(self, moment: datetime) -> date:
        return (moment.astimezone(self.zone) - timedelta(seconds=1)).date()

    def _at(self, day: date | None, clock: time) -> datetime | None:
        return datetime.combine(day, clock, tzinfo=self.zone) if day else None

    def dates(self) -> dict[str, Any]:
        """The moments: from the first day's beginning to the last day's end."""
        return {
            "opens_at": self._at(self.cleaned_data["opens_on"], time()),
            "due_at": self._at(self.cleaned_data["due_on"], END_OF_DAY),
            "closes_at": self._at(self.cleaned_data["closes_on"], END_OF_DAY),
        }


class NewRoundForm(RoundForm):
    """The same, for a period that is not collected yet."""

    period = forms.ChoiceField(label=_("Period"))
    field_order = ["period", "opens_on", "due_on", "closes_on"]

    def __init__(self, *args: Any, **kw: Any) -> None:
        today = timezone.localdate()
        periods = selecting.periods_to_collect(today)
        self.by_id = {str(each.pk): each for each in periods}
        usual = selecting.usual_period(periods, today)
        if usual is not None:
            due = max(usual.ends_on, today) + timedelta(days=30)
            kw.setdefault("initial", {"period": usual.pk, "opens_on": today, "due_on": due})
        super().__init__(*args, **kw)
        period: Any = self.fields["period"]
        period.choices = [
            (key, f"{each.name} ({each.calendar.name})") for key, each in self.by_id.items()
        ]

    def clean_period(self) -> Any:
        """The period as a row."""
        return self.by_id[self.cleaned_data["period"]]


class YearsForm(forms.Form):
    """From which year to which a calendar reaches."""

    first_year = forms.IntegerField(
        label=_("First year"), min_value=YEARS.start, max_value=YEARS.stop - 1
    )
    last_year = forms.IntegerField(
        label=_("Last year"), min_value=YEARS.start, max_value=YEARS.stop - 1
    )

    def clean(self) -> dict[str, Any]:
        """In order, and not for ever."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = found.get("first_year"), found.get("last_year")
        if first and last and last < first:
            self.add_error("last_year", _("The last year is before the first."))
        return found


class CalendarForm(YearsForm):
    """A calendar: when its years begin, and how far it reaches."""

    name = forms.CharField(label=_("Name"), max_length=100)
    kind = forms.ChoiceField(label=_("Kind"), choices=CalendarKind.choices)
    start_month = forms.TypedChoiceField(
        label=_("School and fiscal years begin in"),
        choices=list(MONTHS.items()),
        coerce=int,
        initial=7,
    )
    field_order = ["name", "kind", "start_month", "first_year", "last_year"]

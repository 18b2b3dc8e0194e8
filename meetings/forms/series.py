"""Bodies, seats and series."""

import re
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from initiatives.choices import MemberLevel
from initiatives.days import DayField, is_plausible
from initiatives.models import Membership, Organization
from meetings.arithmetic import recurrence
from meetings.choices import DelegatePolicy
from meetings.selectors.people import facilitators

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
PATTERNS = [
    ("once", _("Once")),
    ("weekly", _("Every week")),
    ("fortnightly", _("Every two weeks")),
    ("monthly_weekday", _("Every month, on that weekday of the month")),
    ("monthly_last", _("Every month, on the last such weekday")),
    ("monthly_day", _("Every month, on that day")),
    ("quarterly", _("Every three months, on that weekday of the month")),
    ("custom", _("By a rule of my own")),
]


def time_zones() -> list[tuple[str, str]]:
    """Every zone there is, those of regions first: a series may keep one that has none."""
    zones = sorted(available_timezones(), key=lambda zone: ("/" not in zone, zone))
    return [("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in zones if zone != "UTC")]


class BodyForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=150)
    purpose = forms.CharField(
        label=_("What it is for"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class SeatsForm(forms.Form):
    """Which organizations get a seat."""

    organizations = forms.ModelMultipleChoiceField(
        label=_("Organizations"),
        queryset=Organization.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, actor: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organizations"].queryset = Organization.objects.visible_to(actor).present()  # type: ignore[attr-defined]


PARTS: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (
        _("When"),
        ("name", "starts_on", "starts_at", "minutes", "pattern", "rule", "time_zone"),
    ),
    (_("Where and how to join"), ("place", "link")),
    (_("To decide"), ("quorum", "notice_days")),
    (_("Who may come instead"), ("delegate_policy", "minimum_delegate_level", "delegation_limit")),
    (_("Who"), ("required_levels", "facilitator", "lead_organization")),
)


class SeriesForm(forms.Form):
    """When a body meets, in the words of a calendar."""

    name = forms.CharField(label=_("Name"), max_length=150)
    starts_on = DayField(
        label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    starts_at = forms.TimeField(
        label=_("Begins at"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    minutes = forms.IntegerField(label=_("Minutes"), min_value=5, max_value=720, initial=90)
    pattern = forms.ChoiceField(label=_("How often"), choices=PATTERNS, initial="monthly_weekday")
    rule = forms.CharField(
        label=_("Own rule"),
        max_length=recurrence.LONGEST_RULE,
        required=False,
        help_text=_("As in a calendar file, for example FREQ=MONTHLY;BYDAY=2TU"),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=time_zones,
        help_text=_("Type the first letters of a region: its zones are in the list."),
    )
    place = forms.CharField(label=_("Where"), max_length=200, required=False)
    link = forms.URLField(
        label=_("Link to join"), max_length=500, required=False, assume_scheme="https"
    )
    quorum = forms.IntegerField(
        label=_("Organizations needed to decide"), min_value=1, max_value=500, initial=3
    )
    notice_days = forms.IntegerField(
        label=_("Working days for pre-reads"), min_value=0, max_value=30, initial=5
    )

    delegate_policy = forms.ChoiceField(
        label=_("Delegates"), choices=DelegatePolicy.choices, initial=DelegatePolicy.BRIEFED
    )
    minimum_delegate_level = forms.ChoiceField(
        label=_("A delegate’s level, at least"),
        choices=MemberLevel.choices,
        initial=MemberLevel.FRONTLINE,
    )
    delegation_limit = forms.IntegerField(
        label=_("So many delegations of a seat in a row still count"),
        min_value=0,
        max_value=100,
        initial=2,
    )

    required_levels = forms.MultipleChoiceField(
        label=_("Levels that should be in the room"),
        choices=MemberLevel.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Trust needs all of them; a series says whom it counts on."),
    )
    facilitator = forms.ModelChoiceField(
        label=_("Who facilitates"),
        queryset=Membership.objects.none(),
        required=False,
        empty_label=_("nobody in particular"),
        help_text=_("Meetings that were given somebody else keep them."),
    )
    lead_organization = forms.ModelChoiceField(
        label=_("Organization that leads"),
        queryset=Organization.objects.none(),
        required=False,
        empty_label=_("none in particular"),
    )

    def __init__(self, *args: Any, actor: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["facilitator"].queryset = facilitators(actor)
        fields["facilitator"].label_from_instance = named
        fields["lead_organization"].queryset = Organization.objects.visible_to(actor).present()

    def parts(self) -> list[tuple[str | Promise, list[forms.BoundField]]]:
        """The fields under the questions that they answer."""
        return [(title, [self[name] for name in names]) for title, names in PARTS]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        pattern, day = found.pop("pattern", ""), found.get("starts_on")
        if day is None:
            return found
        try:
            text = found.get("rule", "") if pattern == "custom" else rule_of(pattern, day)
            found["rule"] = recurrence.check(text)
        except recurrence.RuleError as error:
            self.add_error("rule", str(error))
        if pattern == "custom" and not found.get("rule"):
            self.add_error("rule", _("Write the rule."))
        return found


def named(membership: Membership) -> str:
    """A person and whom they stand for, as a choice."""
    return f"{membership.user}, {membership.organization}"


def rule_of(pattern: str, day: date) -> str:
    """The rule that a pattern means for a series that begins on ``day``."""
    weekday = WEEKDAYS[day.weekday()]
    # The fifth such weekday is not there every month: the last one is meant.
    nth = (day.day - 1) // 7 + 1
    which = f"{nth}{weekday}" if nth < 5 else f"-1{weekday}"  # noqa: PLR2004 - weeks of a month
    return {
        "once": "",
        "weekly": f"FREQ=WEEKLY;BYDAY={weekday}",
        "fortnightly": f"FREQ=WEEKLY;INTERVAL=2;BYDAY={weekday}",
        "monthly_weekday": f"FREQ=MONTHLY;BYDAY={which}",
        "monthly_last": f"FREQ=MONTHLY;BYDAY=-1{weekday}",
        "monthly_day": f"FREQ=MONTHLY;{_on_day(day.day)}",
        "quarterly": f"FREQ=MONTHLY;INTERVAL=3;BYDAY={which}",
    }[pattern]


SHORTEST_MONTH = 28


def _on_day(number: int) -> str:
    """That day of every month; where a month is too short for it, its last day."""
    if number <= SHORTEST_MONTH:
        return f"BYMONTHDAY={number}"
    if number == SHORTEST_MONTH + 3:
        return "BYMONTHDAY=-1"
    days = ",".join(str(each) for each in range(SHORTEST_MONTH, number + 1))
    return f"BYMONTHDAY={days};BYSETPOS=-1"


def pattern_of(rule: str, day: date) -> str:
    """The pattern a rule came from, for a form that shows it again."""
    patterns = [name for name, _label in PATTERNS if name != "custom"]
    return next((each for each in patterns if rule_of(each, day) == rule), "custom")


class MoveForm(forms.Form):
    """A new time or place for one meeting."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    local_date = DayField(
        label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    local_time = forms.TimeField(
        label=_("Begins at"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    minutes = forms.IntegerField(label=_("Minutes"), min_value=5, max_value=720)
    place = forms.CharField(label=_("Where"), max_length=200, required=False)
    link = forms.URLField(
        label=_("Link to join"), max_length=500, required=False, assume_scheme="https"
    )
    facilitator = forms.ModelChoiceField(
        label=_("Who facilitates"),
        queryset=Membership.objects.none(),
        required=False,
        empty_label=_("nobody in particular"),
    )
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)

    def __init__(self, *args: Any, actor: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["facilitator"]
        field.queryset, field.label_from_instance = facilitators(actor), named


class CancelForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Why"), max_length=300)
    instead = forms.TypedChoiceField(
        label=_("Which one takes its place"),
        coerce=date.fromisoformat,
        empty_value=None,
        required=False,
        help_text=_("For another day, move the meeting instead of cancelling it."),
    )

    def __init__(self, *args: Any, days: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["instead"]
        field.choices = [("", _("none")), *days]


def day_in(text: str) -> date | None:
    """The date of an address, or None."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if is_plausible(day) else None

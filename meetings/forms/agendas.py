"""What is asked of who puts something on an agenda, or sets one."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agenda.models import Difference
from initiatives.models import Membership
from measures.models import Indicator
from meetings.choices import BEFORE, ItemPurpose
from meetings.models import AgendaItem, Body, Meeting

FIELDS = ("title", "purpose", "minutes", "text", "owner", "indicator", "difference")


class ItemForm(forms.Form):
    """One item: what about, what for, how long, whose."""

    title = forms.CharField(label=_("What shall we talk about?"), max_length=200)
    purpose = forms.ChoiceField(
        label=_("What for"),
        choices=ItemPurpose.choices,
        initial=ItemPurpose.DISCUSS,
        widget=forms.RadioSelect,
    )
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=480, initial=10)
    text = forms.CharField(
        label=_("What it is about"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What everybody should know, and what you want from the meeting."),
    )
    owner = forms.ModelChoiceField(
        label=_("Who leads it"),
        queryset=Membership.objects.none(),
        required=False,
        empty_label=_("whoever proposes it"),
    )
    indicator = forms.ModelChoiceField(
        label=_("Indicator it is about"), queryset=Indicator.objects.none(), required=False
    )
    difference = forms.ModelChoiceField(
        label=_("Difference it is about"), queryset=Difference.objects.none(), required=False
    )

    def __init__(self, *args: Any, actor: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        people = Membership.objects.visible_to(actor).current().filter(user__is_active=True)
        fields["owner"].queryset = people.select_related("user", "organization").order_by(
            "user__name", "id"
        )
        fields["owner"].label_from_instance = lambda each: f"{each.user}, {each.organization}"
        fields["indicator"].queryset = Indicator.objects.visible_to(actor).order_by("name")
        fields["difference"].queryset = Difference.objects.visible_to(actor).order_by("title")


class ScheduleForm(forms.Form):
    """Which meeting takes an item; none: it waits."""

    meeting = forms.ModelChoiceField(
        label=_("Meeting"),
        queryset=Meeting.objects.none(),
        required=False,
        empty_label=_("it waits for a meeting"),
    )

    def __init__(self, *args: Any, actor: Membership, item: AgendaItem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Meeting.objects.visible_to(actor).upcoming().filter(state__in=BEFORE)
        field: Any = self.fields["meeting"]
        field.queryset = rows.filter(series__body=item.body_id).select_related("series")


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Why not?"), max_length=300, help_text=_("Whoever proposed it reads this.")
    )


class GroupForm(forms.Form):
    """Which other group takes an item."""

    body = forms.ModelChoiceField(label=_("Group"), queryset=Body.objects.none())

    def __init__(self, *args: Any, actor: Membership, item: AgendaItem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["body"]
        field.queryset = Body.objects.visible_to(actor).exclude(pk=item.body_id)

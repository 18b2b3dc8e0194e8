"""What one wants to be written about, and what is written to all."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from initiatives.choices import Sector
from initiatives.models import Membership
from meetings.choices import AnnouncementClass
from meetings.models import Announcement, Body
from meetings.models.letters import LONGEST_ANSWER


class QuietForm(forms.Form):
    """How one is reminded of meetings."""

    without_reminders = forms.BooleanField(
        label=_("No reminders of meetings"),
        help_text=_("Invitations, moves and cancellations still come: they change your calendar."),
        required=False,
    )
    as_digest = forms.BooleanField(
        label=_("One mail a day instead of one for each meeting"),
        help_text=_("In the morning of the day before."),
        required=False,
    )
    quiet_from = forms.TimeField(
        label=_("Quiet from"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        required=False,
    )
    quiet_until = forms.TimeField(
        label=_("Quiet until"),
        help_text=_("A reminder that would come in between waits until then."),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        begin, end = found.get("quiet_from"), found.get("quiet_until")
        if "quiet_until" in found and begin and not end:
            self.add_error("quiet_until", _("Say until when."))
        elif "quiet_from" in found and end and not begin:
            self.add_error("quiet_from", _("Say from when."))
        elif begin and begin == end:
            self.add_error("quiet_until", _("This would be quiet all day, or never."))
        return found


class WeeklyForm(forms.Form):
    """Whether one wants the weekly mail."""

    wanted = forms.BooleanField(
        label=_("Write to me once a week"),
        help_text=_("Monday morning: what waits for you in all your initiatives, and their news."),
        required=False,
    )


class AnnouncementForm(forms.Form):
    """What is said, to whom, and what it costs each of them."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(label=_("Title"), max_length=150)
    text = forms.CharField(
        label=_("Text"), max_length=5_000, widget=forms.Textarea(attrs={"rows": 8})
    )
    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=[
            (AnnouncementClass.NEWS, _("News: it comes with everyone's next weekly mail")),
            (AnnouncementClass.REQUEST, _("A request: it is mailed now")),
        ],
        widget=forms.RadioSelect,
        initial=AnnouncementClass.NEWS,
    )
    audience = forms.ChoiceField(label=_("To whom"), required=False)
    minutes = forms.IntegerField(
        label=_("Minutes it asks of each"),
        help_text=_("Reading and doing what it asks for."),
        min_value=1,
        max_value=480,
        initial=1,
    )

    def __init__(self, *args: Any, actor: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bodies = {
            f"body-{each.pk}": each for each in Body.objects.visible_to(actor).order_by("name")
        }
        field: Any = self.fields["audience"]
        field.choices = [
            ("", _("Everyone")),
            (_("Who sits in a body"), [(key, each.name) for key, each in self.bodies.items()]),
            (_("A sector"), [(f"sector-{each}", each.label) for each in Sector]),
        ]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        chosen = found.pop("audience", "")
        found["body"] = self.bodies.get(chosen)
        found["sector"] = chosen.removeprefix("sector-") if chosen.startswith("sector-") else ""
        return found


def audience_of(announcement: Announcement) -> str:
    """The choice that stands for an announcement's audience."""
    if announcement.body_id:
        return f"body-{announcement.body_id}"
    return f"sector-{announcement.sector}" if announcement.sector else ""


class RequestAnswerForm(forms.Form):
    """What one answers to a request."""

    text = forms.CharField(
        label=_("Your answer"), max_length=LONGEST_ANSWER, widget=forms.Textarea({"rows": 4})
    )


class SendForm(forms.Form):
    """The last look before sending."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    confirmed = forms.BooleanField(
        label=_("Ask it of them all the same"),
        required=False,
    )


class CeilingForm(forms.Form):
    minutes = forms.IntegerField(
        label=_("Minutes a month that may be asked of one person"), min_value=5, max_value=6_000
    )

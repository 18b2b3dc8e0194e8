"""What is noted while a meeting runs."""

import uuid
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from initiatives.models import Membership
from meetings.choices import AttendanceMode
from meetings.models import AgendaItem, Delegation, Meeting, Note
from meetings.selectors.agendas import items_of
from meetings.services.running import LONGEST_NOTE

EARLY = timedelta(hours=3)


class NothingForm(forms.Form):
    """A button and nothing else."""


class BeginForm(forms.Form):
    """Begin; long before the time that everybody was told only for who says so twice."""

    early = forms.CharField(required=False, max_length=20)

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_early = meeting.starts_at - timezone.now() > EARLY

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if self.is_early and not said.pop("early", ""):
            raise forms.ValidationError(_("The meeting is hours ahead. Say that it begins now."))
        return {}


class ItemForm(forms.Form):
    """An item of the meeting."""

    item = forms.ModelChoiceField(queryset=AgendaItem.objects.none())

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["item"]
        field.queryset = items_of(meeting).select_related("meeting__series__body")


class NextForm(ItemForm):
    """The item that was talked about when the button was pressed; none before the first."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["after"] = self.fields.pop("item")
        self.fields["after"].required = False


class PersonForm(forms.Form):
    """Somebody who comes or goes."""

    person = forms.ModelChoiceField(queryset=Membership.objects.none())
    mode = forms.ChoiceField(choices=AttendanceMode.choices, required=False)

    def __init__(self, *args: Any, actor: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["person"]
        rows = Membership.objects.current() | Membership.objects.filter(pk=actor.pk)
        field.queryset = rows.visible_to(actor).select_related("organization")

    def clean_mode(self) -> str:
        return self.cleaned_data["mode"] or AttendanceMode.ROOM


class OutsiderForm(forms.Form):
    """A delegate without an account who comes or goes."""

    delegation = forms.ModelChoiceField(queryset=Delegation.objects.none())

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["delegation"]
        rows = Delegation.objects.filter(meeting=meeting, delegate=None)
        field.queryset = rows.select_related("seat", "meeting__series")


class NoteForm(forms.Form):
    """One line. The key is made where it is typed; without a script, here."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, initial=0, required=False)
    item = forms.ModelChoiceField(
        queryset=AgendaItem.objects.none(),
        required=False,
        label=_("On"),
        empty_label=_("the meeting as a whole"),
    )
    text = forms.CharField(
        label=_("Note"), max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["item"]
        field.queryset = items_of(meeting)

    def clean_version(self) -> int:
        return self.cleaned_data["version"] or 0


class StrikeForm(forms.Form):
    """A note that is left out."""

    note = forms.ModelChoiceField(queryset=Note.objects.none())

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["note"]
        field.queryset = Note.objects.filter(meeting=meeting).select_related("meeting")

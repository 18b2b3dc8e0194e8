"""Actions: who does what by when."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from initiatives.days import DayField
from initiatives.models import Membership, Organization
from meetings.choices import DecisionState
from meetings.models import AgendaItem, Body, Decision, Meeting
from meetings.selectors.agendas import items_of


class ActionForm(forms.Form):
    """Something to do, for an organization or for one person of it."""

    body = forms.ModelChoiceField(label=_("For which body"), queryset=Body.objects.none())
    item = forms.ModelChoiceField(
        label=_("Item"),
        queryset=AgendaItem.objects.none(),
        required=False,
        empty_label=_("the meeting as a whole"),
    )
    text = forms.CharField(label=_("What is to be done"), max_length=300)
    organization = forms.ModelChoiceField(
        label=_("Which organization"), queryset=Organization.objects.none(), required=False
    )
    owner = forms.ModelChoiceField(
        label=_("Who there"),
        queryset=Membership.objects.none(),
        required=False,
        empty_label=_("they find somebody"),
    )
    due_on = DayField(label=_("By"))
    decision = forms.ModelChoiceField(
        label=_("Follows from"),
        queryset=Decision.objects.none(),
        required=False,
        empty_label=_("no decision"),
    )

    def __init__(
        self,
        *args: Any,
        actor: Membership,
        body: Body | None = None,
        meeting: Meeting | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        people = Membership.objects.visible_to(actor).current().filter(user__is_active=True)
        fields["body"].queryset = Body.objects.visible_to(actor)
        fields["organization"].queryset = Organization.objects.visible_to(actor).present()
        fields["owner"].queryset = people.select_related("user", "organization").order_by(
            "organization__name", "user__name", "id"
        )
        fields["owner"].label_from_instance = lambda each: f"{each.organization}: {each.user}"
        decisions = Decision.objects.visible_to(actor).exclude(
            state__in=[DecisionState.SUPERSEDED, DecisionState.REVOKED]
        )
        if body is not None:
            del fields["body"]
            decisions = decisions.filter(body=body)
        fields["decision"].queryset = decisions.order_by("-id")
        if meeting is None:
            del fields["item"]
        else:
            fields["item"].queryset = items_of(meeting)

    def clean_due_on(self) -> Any:
        if self.cleaned_data["due_on"] < timezone.localdate():
            raise forms.ValidationError(_("Choose a day to come."))
        return self.cleaned_data["due_on"]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        owner, decision = said.get("owner"), said.get("decision")
        said["organization"] = said.get("organization") or (owner.organization if owner else None)
        if said["organization"] is None:
            self.add_error("organization", _("Say who: an organization or a person."))
        body = said.get("body")
        if body is not None and decision is not None and decision.body_id != body.pk:
            self.add_error("decision", _("This decision is of another body."))
        return said


class NoteForm(forms.Form):
    note = forms.CharField(label=_("What came of it"), required=False, max_length=2000)


class PutOffForm(forms.Form):
    due_on = DayField(label=_("New day"))
    reason = forms.CharField(label=_("Why"), max_length=300)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Why"), max_length=300)


class NothingForm(forms.Form):
    """A button and nothing else."""

"""Who holds a seat."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from initiatives.choices import MemberLevel
from initiatives.models import Membership
from meetings.models import Body, Seat
from meetings.selectors.heat_map import LEAST


class HolderForm(forms.Form):
    """Somebody who speaks for the organization, or nobody for now."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    holder = forms.ModelChoiceField(
        label=_("Who holds it"),
        queryset=Membership.objects.none(),
        required=False,
        empty_label=_("nobody for now"),
    )

    def __init__(self, *args: Any, actor: Membership, seat: Seat, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Membership.objects.visible_to(actor).current().filter(user__is_active=True)
        field: Any = self.fields["holder"]
        field.queryset = (
            people.filter(organization=seat.organization_id)
            .select_related("user")
            .order_by("user__name", "id")
        )
        field.label_from_instance = lambda each: f"{each.user}, {each.get_level_display()}"


YEARS = [("365", _("the last year")), ("730", _("the last two years")), ("3650", _("ten years"))]


class FairnessForm(forms.Form):
    """Of which group, and since when."""

    body = forms.ModelChoiceField(
        label=_("Group"), queryset=Body.objects.none(), required=False, empty_label=_("all groups")
    )
    days = forms.TypedChoiceField(label=_("Of"), choices=YEARS, coerce=int)

    def __init__(self, *args: Any, actor: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["body"]
        field.queryset = Body.objects.visible_to(actor)


class AttendanceForm(forms.Form):
    """Of which group, and by people of which level."""

    body = forms.ModelChoiceField(
        label=_("Group"), queryset=Body.objects.none(), required=False, empty_label=_("all groups")
    )
    level = forms.ChoiceField(
        label=_("Level of who came"),
        choices=[("", _("any level")), *MemberLevel.choices],
        required=False,
    )
    order = forms.ChoiceField(
        label=_("Order"),
        choices=[("", _("by name")), (LEAST, _("who came least first"))],
        required=False,
    )

    def __init__(self, *args: Any, actor: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["body"]
        field.queryset = Body.objects.visible_to(actor)

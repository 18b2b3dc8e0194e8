"""What an organization is and where it works, and the places themselves."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from initiatives.choices import OrganizationKind, OrganizationState, PlaceLevel, Sector
from initiatives.models import Organization, Place
from initiatives.selectors import place_tree
from initiatives.services import version_of_organization
from initiatives.versions import VersionedForm, version_of


class OrganizationForm(VersionedForm):
    """What an organization is, and where it works."""

    name = forms.CharField(label=_("Name"), max_length=200)
    kind = forms.ChoiceField(
        label=_("Kind"), choices=OrganizationKind.choices, initial=OrganizationKind.PARTNER
    )
    sector = forms.ChoiceField(
        label=_("Sector"), choices=[("", _("Not said yet")), *Sector.choices], required=False
    )
    state = forms.ChoiceField(
        label=_("State"),
        choices=OrganizationState.choices,
        initial=OrganizationState.ACTIVE,
        help_text=_(
            "Paused: asked for nothing new. Left: its people lose access and it is asked for"
            " nothing any more, at once; what it reported stays."
        ),
    )
    decision = forms.CharField(
        label=_("If it stops taking part: who decided it, when and why"),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 2}),
        help_text=_(
            "Needed when it is paused, leaves or becomes an observer; it is kept in what happened."
            " It counts from the next round on: a listening round or a ratification that has begun"
            " keeps its list, and still waits for this organization until its close."
        ),
    )
    places = forms.MultipleChoiceField(
        label=_("Places"),
        required=False,
        widget=forms.CheckboxSelectMultiple({"class": "choices"}),
        help_text=_("Where it works. It may be several; above them it counts once."),
    )
    code = forms.SlugField(
        label=_("Code"),
        max_length=40,
        required=False,
        help_text=_("A short name for files. Left empty, one is made from the name."),
    )
    outside_id = forms.CharField(
        label=_("Outside identifier"),
        max_length=100,
        required=False,
        help_text=_("What others know it by, for example its org-id: US-EIN-131624100."),
    )
    has_form_links = forms.BooleanField(
        label=_("Its forms may be opened from the link in an e-mail, without signing in"),
        required=False,
        initial=True,
    )

    def __init__(self, *args: Any, organization: Organization | None = None, **kw: Any) -> None:
        if organization is not None:
            kw.setdefault("initial", self.values_of(organization))
        super().__init__(*args, **kw)
        self.by_id = {str(node.place.pk): node for node in place_tree()}
        places: Any = self.fields["places"]
        places.choices = [(key, node.label) for key, node in self.by_id.items()]
        if not self.by_id:
            del self.fields["places"]
        elif organization is None and len(self.by_id) == 1:
            places.initial = list(self.by_id)  # where else
        if organization is None or not organization.is_asked:
            del self.fields["decision"]
        if organization is None:
            del self.fields["version"]
        else:
            self.fields["code"].required = True

    @staticmethod
    def values_of(organization: Organization) -> dict[str, Any]:
        """What the form shows first."""
        names = ("name", "kind", "sector", "state", "code", "outside_id", "has_form_links")
        homes = organization.homes.values_list("place_id", flat=True)
        return {name: getattr(organization, name) for name in names} | {
            "places": [str(each) for each in homes],
            "version": version_of_organization(organization),
        }

    def clean(self) -> dict[str, Any]:
        """The places as rows."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        found["places"] = [self.by_id[each].place for each in found.get("places", [])]
        return found


class PlaceForm(VersionedForm):
    """A place and the one it lies in."""

    name = forms.CharField(label=_("Name"), max_length=200)
    level = forms.ChoiceField(
        label=_("Level"),
        choices=[("", _("None of these")), *PlaceLevel.choices],
        required=False,
        initial=PlaceLevel.COMMUNITY,
    )
    parent = forms.ChoiceField(label=_("Lies in"), required=False)

    def __init__(self, *args: Any, place: Place | None = None, **kw: Any) -> None:
        if place is not None:
            values = {"name": place.name, "level": place.level, "parent": place.parent_id}
            kw.setdefault("initial", values | {"version": version_of(place)})
        super().__init__(*args, **kw)
        self.place = place
        nodes = place_tree()
        self.by_id = {str(node.place.pk): node.place for node in nodes}
        parent: Any = self.fields["parent"]
        parent.choices = [
            ("", _("Nothing: it is at the top")),
            *((str(n.place.pk), n.label) for n in nodes if place is None or n.place != place),
        ]
        if place is None:
            del self.fields["version"]

    def clean_parent(self) -> Place | None:
        """The place above, as a row. Two of one name in it could not be told apart."""
        parent = self.by_id.get(self.cleaned_data["parent"])
        name, inside = self.cleaned_data.get("name", "").casefold(), parent and parent.pk
        for each in self.by_id.values():
            if (each.parent_id, each.name.casefold()) == (inside, name) and each != self.place:
                self.add_error("name", _("A place of this name is there already."))
        return parent

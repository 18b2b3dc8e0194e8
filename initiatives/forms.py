"""What people type on the pages of the ground."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from initiatives.choices import OrganizationKind, OrganizationState, PlaceLevel, Sector
from initiatives.models import InitiativeProfile, Invitation, Membership, Organization, Place, User
from initiatives.permissions import BACKBONE_ROLES, RANKS, Role
from initiatives.selectors import place_tree
from initiatives.services import Line, version_of_organization
from initiatives.versions import VersionedForm, version_of

# The words of shared measurement for its calendars; the ground knows no more of them.
CALENDARS = [
    ("gregorian", _("Calendar years")),
    ("school", _("School years")),
    ("fiscal", _("Fiscal years")),
]
MOST_LINES = 200
STEPS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "what": (_("What and where"), ("founder", "name", "organization", "place", "time_zone")),
    "time": (_("How you count time"), ("calendars", "start_month")),
    "people": (_("Who helps you"), ("people",)),
}
LONGEST_PART = 150  # of a pasted line: what the shortest of the columns takes
LONGEST_LINE = 500
LONGEST_PASSWORD = 4096  # as Django has it for who signs in: hashing a longer one only costs time


def time_zones() -> list[tuple[str, str]]:
    """Every zone that has a name with a region, and UTC."""
    zones = sorted(zone for zone in available_timezones() if "/" in zone and zone[:3] != "Etc")
    return [("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in zones)]


def roles_for(membership: Membership, *, backbone: bool = True) -> list[tuple[str, Any]]:
    """The roles that a member may give: up to their own rank."""
    return [
        (value, label)
        for value, label in Role.choices
        if RANKS[value] <= membership.rank and (backbone or value not in BACKBONE_ROLES)
    ]


def parse_lines(text: str, names: tuple[str, ...]) -> list[Line]:
    """Pasted lines as people; ``names`` say what the parts of a line are.

    :raises ValidationError: one message per line that cannot be read.
    """
    lines, problems, seen = [], [], set()
    written = [(n, raw.strip()) for n, raw in enumerate(text.splitlines(), 1) if raw.strip()]
    if len(written) > MOST_LINES:
        raise ValidationError(_("Paste at most %(most)s lines."), params={"most": MOST_LINES})
    for number, raw in written:
        parts = [part.strip() for part in raw.replace("\t", ";").split(";")]
        try:
            if len(parts) != len(names) or not all(parts):
                raise ValidationError(  # noqa: TRY301 -- every line says its own problem
                    _("write %(shape)s, with semicolons between."),
                    params={"shape": "; ".join(names)},
                )
            validate_email(parts[-1])
            if max(map(len, parts)) > LONGEST_PART:
                raise ValidationError(  # noqa: TRY301
                    _("write at most %(most)s letters for a name."), params={"most": LONGEST_PART}
                )
            line = Line(number, parts[0] if len(names) > 2 else "", parts[-2], parts[-1].lower())  # noqa: PLR2004
            if (line.organization.lower(), line.email) in seen:
                raise ValidationError(_("this person is on the list twice."))  # noqa: TRY301
            seen.add((line.organization.lower(), line.email))
            lines.append(line)
        except ValidationError as error:
            problems.append(
                ValidationError(
                    _("Line %(number)s: %(text)s"),
                    params={"number": number, "text": " ".join(error.messages)},
                )
            )
    if problems:
        raise ValidationError(problems)
    return lines


class InitiativeForm(forms.Form):
    """A new initiative, in the steps of its wizard. Who has no name yet is asked for it first."""

    founder = forms.CharField(
        label=_("Your name"),
        max_length=150,
        widget=forms.TextInput({"autocomplete": "name"}),
        help_text=_("As the others will know you; it stands in what you write to them."),
    )
    name = forms.CharField(
        label=_("Name of the initiative"),
        max_length=200,
        help_text=_("What you call what you do together."),
    )
    organization = forms.CharField(
        label=_("Your organization"),
        max_length=200,
        help_text=_("The one that supports everyone: the backbone."),
    )
    place = forms.CharField(
        label=_("Place"),
        max_length=200,
        required=False,
        help_text=_("Where you work: a town, a county. More can be added later."),
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones, initial="UTC")
    calendars = forms.MultipleChoiceField(
        label=_("Years you count in"),
        choices=CALENDARS,
        initial=["gregorian"],
        widget=forms.CheckboxSelectMultiple,
    )
    start_month = forms.TypedChoiceField(
        label=_("School and fiscal years begin in"),
        choices=list(MONTHS.items()),
        coerce=int,
        initial=7,
    )
    people = forms.CharField(
        label=_("People who help you"),
        required=False,
        max_length=MOST_LINES * LONGEST_LINE,
        widget=forms.Textarea({"rows": 4}),
        help_text=_(
            "One line each: name; e-mail address. Each is invited as a facilitator, who prepares"
            " and leads the talk; other roles can be given later, under People."
        ),
    )

    def __init__(self, *args: Any, is_named: bool = False, **kw: Any) -> None:
        super().__init__(*args, **kw)
        if is_named:
            del self.fields["founder"]

    def clean_people(self) -> list[tuple[str, str]]:
        """Names and addresses."""
        lines = parse_lines(self.cleaned_data["people"], (str(_("name")), str(_("e-mail"))))
        return [(line.name, line.email) for line in lines]

    def fields_of(self, step: str) -> list[forms.BoundField]:
        """The fields of one step, to be shown."""
        return [self[name] for name in STEPS[step][1] if name in self.fields]

    def fields_beside(self, step: str) -> list[forms.BoundField]:
        """The fields of the other steps, which are kept hidden."""
        return [field for each in STEPS if each != step for field in self.fields_of(each)]


def step_through(data: Any, *, is_named: bool = False) -> tuple[InitiativeForm, str]:
    """The wizard's form after what was sent, and the step to show; none when all is said.

    Every step carries the others' values along, so nothing is stored before the last.
    """
    form, order = InitiativeForm(data, is_named=is_named), list(STEPS)
    if data is None:
        return form, order[0]
    here = data.get("step", order[-1])
    number = order.index(here) if here in STEPS else len(order) - 1
    said = {name: data.getlist(name) for name in ("calendars",) if name in data}
    kept = InitiativeForm(initial=data.dict() | said, is_named=is_named)
    if "back" in data:
        return kept, order[max(number - 1, 0)]
    for step in order[: number + 1]:
        if any(name in form.errors for name in STEPS[step][1]):
            return form, step
    return (form, "") if number + 1 == len(order) else (kept, order[number + 1])


class PersonForm(forms.Form):
    """What a person says of themselves."""

    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        widget=forms.TextInput({"autocomplete": "name"}),
        help_text=_("As the others know you."),
    )


class SettingsForm(forms.Form):
    """What an initiative says of itself."""

    name = forms.CharField(label=_("Name"), max_length=200)
    question = forms.CharField(label=_("The question you work on"), max_length=500, required=False)
    description = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea({"rows": 4}),
    )
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones)

    @staticmethod
    def values_of(profile: InitiativeProfile) -> dict[str, Any]:
        """What the form shows first."""
        return {
            "name": profile.initiative.name,
            "question": profile.question,
            "description": profile.description,
            "place": profile.place.name if profile.place else "",
            "time_zone": profile.time_zone,
        }


class InviteForm(forms.Form):
    """People to invite, pasted."""

    people = forms.CharField(
        label=_("Who to invite"),
        max_length=MOST_LINES * LONGEST_LINE,
        widget=forms.Textarea({"rows": 5}),
        help_text=_("One line each: organization; name; e-mail address."),
    )
    role = forms.ChoiceField(label=_("As"))

    def __init__(self, *args: Any, actor: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role: Any = self.fields["role"]
        role.choices = roles_for(actor)
        role.initial = Role.PARTNER_LEAD

    def clean_people(self) -> list[Line]:
        """The lines, each a person."""
        shape = (str(_("organization")), str(_("name")), str(_("e-mail")))
        return parse_lines(self.cleaned_data["people"], shape)


class RolesForm(forms.Form):
    """What a member may do."""

    roles = forms.MultipleChoiceField(label=_("Roles"), widget=forms.CheckboxSelectMultiple)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Membership, membership: Membership, **kw: Any) -> None:
        kw.setdefault("initial", {"roles": membership.roles, "version": membership.version})
        super().__init__(*args, **kw)
        choices = roles_for(actor, backbone=membership.organization.kind == "backbone")
        roles: Any = self.fields["roles"]
        roles.choices = choices


class JoinForm(forms.Form):
    """An account for somebody who was invited; the address is the invitation's."""

    name = forms.CharField(label=_("Your name"), max_length=150)
    password = forms.CharField(
        label=_("Choose a password"),
        strip=False,
        max_length=LONGEST_PASSWORD,
        help_text=_("At least 12 characters; a short sentence is good."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].initial = invitation.name
        self.invitation = invitation

    def clean_password(self) -> str:
        """A password that the rules allow for this person."""
        password: str = self.cleaned_data["password"]
        name = self.cleaned_data.get("name", "")
        validate_password(password, User(email=self.invitation.email, name=name))
        return password


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

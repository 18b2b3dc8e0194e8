"""Who begins an initiative, who is invited, and what they are: the forms about people."""

import re
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from initiatives.models import InitiativeProfile, Invitation, Membership, User
from initiatives.permissions import BACKBONE_ROLES, RANKS, Role
from initiatives.services import Line

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
ADDRESS_LAST = re.compile(r'(?P<rest>.*?)(?P<address>[^\s;,<>()"]+@[^\s;,<>()"]+)[>)\s;,"]*')
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


def _parts(raw: str, count: int) -> list[str]:
    """The parts of a line, the address last: with semicolons or tabs between, or as a table or a
    mail program has it. Names of organizations have commas, so these part only from the right.
    """
    found = ADDRESS_LAST.fullmatch(raw.replace("\t", ";"))
    if found is None:
        return [part.strip() for part in raw.replace("\t", ";").split(";")]
    rest, address = found["rest"].rstrip(' ;,<("'), found["address"]
    if ";" in rest:
        names = rest.split(";")
    elif count > 2 and "<" not in raw:  # noqa: PLR2004 -- "Nord, Rae <rae@...>" is one name
        names = rest.rsplit(",", 1)
    else:
        names = [rest]
    return [*(each.strip(' "') for each in names), address]


def parse_lines(text: str, names: tuple[str, ...]) -> list[Line]:
    """Pasted lines as people; ``names`` say what the parts of a line are.

    :raises ValidationError: one message per line that cannot be read.
    """
    lines, problems, seen = [], [], set()
    written = [(n, raw.strip()) for n, raw in enumerate(text.splitlines(), 1) if raw.strip()]
    if len(written) > MOST_LINES:
        raise ValidationError(_("Paste at most %(most)s lines."), params={"most": MOST_LINES})
    for number, raw in written:
        parts = _parts(raw, len(names))
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
            "One line each: name; e-mail address. Each is invited as a facilitator, who leads the"
            " talk, closes decisions and approves minutes. You, the project manager, convene and"
            " prepare; you close no decision and approve no minutes. If you are the only one, take"
            " the role of a facilitator as well, under People."
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
        help_text=_(
            "One line each: organization; name; e-mail address. For example: North Clinic; Rae Nord;"
            " rae@north.example"
        ),
    )
    role = forms.ChoiceField(
        label=_("As"),
        help_text=_(
            "A partner lead answers for the organization, a partner reporter fills in its numbers, a"
            " funder reads everyone’s."
        ),
    )

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

"""What people type on the pages of the ground."""

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
                    _("write %(shape)s."), params={"shape": "; ".join(names)}
                )
            validate_email(parts[-1])
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
    """A new initiative, in one sheet."""

    name = forms.CharField(
        label=_("Name"), max_length=200, help_text=_("What you call what you do together.")
    )
    organization = forms.CharField(
        label=_("Your organization"),
        max_length=200,
        help_text=_("The one that supports everyone: the backbone."),
    )
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
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
        widget=forms.Textarea({"rows": 4}),
        help_text=_("One line each: name; e-mail address. You can invite more later."),
    )

    def clean_people(self) -> list[tuple[str, str]]:
        """Names and addresses."""
        lines = parse_lines(self.cleaned_data["people"], (str(_("name")), str(_("e-mail"))))
        return [(line.name, line.email) for line in lines]


class SettingsForm(forms.Form):
    """What an initiative says of itself."""

    name = forms.CharField(label=_("Name"), max_length=200)
    question = forms.CharField(label=_("The question you work on"), max_length=500, required=False)
    description = forms.CharField(
        label=_("Description"), required=False, widget=forms.Textarea({"rows": 4})
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

"""People pasted as lines: as they stand in a table, a mail program or a list."""

import pytest
from django.core.exceptions import ValidationError

from initiatives.forms.people import InviteForm, parse_lines
from initiatives.models import Membership
from initiatives.permissions import Role

TWO, THREE = ("name", "e-mail"), ("organization", "name", "e-mail")
RAE = "rae@north.example"


@pytest.mark.parametrize(
    "text",
    [
        f"North Clinic; Rae Nord; {RAE}",
        f"North Clinic\tRae Nord\t{RAE}",
        f"North Clinic, Rae Nord, {RAE}",
        f"North Clinic; Rae Nord <{RAE}>",
        f'North Clinic; "Rae Nord" <{RAE}>,',
        f"North Clinic; Rae Nord {RAE.upper()};",
    ],
)
def test_a_line_is_read_as_people_write_it(text):
    (line,) = parse_lines(text, THREE)
    assert (line.organization, line.name, line.email) == ("North Clinic", "Rae Nord", RAE)


@pytest.mark.parametrize("text", [f"Nord, Rae <{RAE}>", f"Nord, Rae; {RAE}", f"Nord, Rae {RAE}"])
def test_a_name_with_a_comma_stays_whole(text):
    (line,) = parse_lines(text, TWO)
    assert (line.name, line.email) == ("Nord, Rae", RAE)


def test_an_organization_may_have_commas():
    (line,) = parse_lines(f"St. Mary's Services, Inc., Rae Nord, {RAE}", THREE)
    assert line.organization == "St. Mary's Services, Inc."


@pytest.mark.parametrize(
    "text",
    [
        RAE,  # nobody's name
        f"North Clinic, {RAE}",
        f"Nord, Rae <{RAE}>",  # no organization: "Nord" is none
        f"North; Clinic; Rae; {RAE}",
        "North Clinic; Rae Nord; rae at north",
        "North Clinic; Rae Nord; rae@north",
    ],
)
def test_what_may_be_meant_otherwise_is_asked_about(text):
    with pytest.raises(ValidationError, match="Line 1"):
        parse_lines(text, THREE)


def test_who_invites_is_told_how_to_write_a_line_and_what_the_roles_do():
    fields = InviteForm(actor=Membership(roles=[Role.PROJECT_MANAGER])).fields
    assert "North Clinic; Rae Nord; rae@north.example" in fields["people"].help_text
    assert "a partner reporter fills in its numbers" in fields["role"].help_text
    (line,) = parse_lines("North Clinic; Rae Nord; rae@north.example", THREE)
    assert line.organization == "North Clinic"

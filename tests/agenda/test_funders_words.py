"""A funder speaks for an organization that funds. In any other it looks on."""

import pytest
from django.core.exceptions import PermissionDenied

from agenda.selectors.people import speakers_of
from agenda.services.parties import become_observer
from initiatives.models import Membership, Organization
from initiatives.permissions import Permission, Role
from initiatives.tenancy import scope
from tests import factories
from tests.agenda import people

OWN_WORDS = (
    Permission.AGENDA_RESPOND,
    Permission.AGENDA_RESERVE,
    Permission.AGENDA_DIFFERENCE_CONFIRM,
    Permission.AGENDA_POSITION_SUBMIT,
    Permission.AGENDA_AMEND,
)


@pytest.fixture
def here(db):
    with scope(factories.initiative().pk):
        yield


def test_a_funder_who_looks_on_in_a_partner_speaks_for_nobody(here):
    funder = people.member(factories.organization("partner"), Role.FUNDER)
    assert [each for each in OWN_WORDS if funder.may(each)] == []
    assert funder.may(Permission.AGENDA_COMMENT)  # what is circulated is theirs to read
    assert speakers_of([funder.organization_id]) == []
    with pytest.raises(PermissionDenied):
        become_observer(actor=funder, reason="I only fund it.")
    assert Organization.objects.get(pk=funder.organization_id).kind == "partner"


def test_a_second_role_lends_the_funders_word_to_nobody(here):
    both = people.member(factories.organization("partner"), Role.FUNDER)
    both.roles = [Role.FUNDER, Role.PARTNER_REPORTER]
    both.save()
    both = Membership.objects.get(pk=both.pk)
    assert not both.may(Permission.AGENDA_RESPOND)
    assert both.may(Permission.AGENDA_POSITION_DRAFT)  # as its reporter


def test_the_funder_of_an_organization_that_funds_speaks_for_it(here):
    organization = factories.organization("fund")
    organization.kind = "funder"
    organization.save()
    funder = people.member(organization, Role.FUNDER)
    assert [each for each in OWN_WORDS if not funder.may(each)] == []
    assert speakers_of([organization.pk]) == [funder]


def test_the_backbone_does_not_become_an_observer(here):
    lead = people.backbone(Role.PARTNER_LEAD)
    with pytest.raises(PermissionDenied):
        become_observer(actor=lead, reason="By mistake.")
    assert Organization.objects.get(pk=lead.organization_id).kind == "backbone"

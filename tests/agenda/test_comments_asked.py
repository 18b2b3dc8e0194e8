"""A version that opens for comments tells who speaks for the organizations."""

import pytest

from agenda.services import versions
from initiatives.models import Notice
from initiatives.notices import letter
from tests.agenda.ratifying import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    made = World()
    with made.inside():
        yield made


def letters():
    return list(Notice.objects.filter(kind="version_circulated").exclude(state="cancelled"))


def test_every_lead_is_told_until_when_and_what_for(world):
    agenda = versions.circulate(actor=world.pm, agenda=world.draft())
    found = letters()
    assert {each.user_id for each in found} == {each.user_id for each in world.leads}
    assert {each.not_after for each in found} == {agenda.comments_until}
    said = letter(found[0]).body
    assert "Nobody is asked to agree yet" in said
    assert f"/agenda/versions/{agenda.pk}/" in said


def test_what_has_not_left_is_taken_back_with_the_version_and_written_anew(world):
    agenda = versions.circulate(actor=world.pm, agenda=world.draft())
    agenda = versions.take_back(actor=world.pm, agenda=agenda)
    assert letters() == []
    versions.circulate(actor=world.pm, agenda=agenda)
    assert len(letters()) == len(world.leads)

"""A reporter drafts reservations; who answers for the organization sends them, or leaves them out."""

import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from agenda.forms.answers import AnswerSheet
from agenda.models import Reservation, ReservationDraft
from agenda.selectors.reservations import drafts_of
from agenda.services import drafts, responses
from agenda.services.drafts import Noted
from agenda.services.versions import ConflictError
from initiatives.models import Act
from initiatives.today import waiting
from tests.agenda.ratifying import World, answer, key_of, member, organization

pytestmark = pytest.mark.django_db(transaction=True)
DOUBT = "The bus does not come on Sundays."


@pytest.fixture
def world():
    made = World()
    with made.inside():
        made.agenda = made.opened()
        made.rae = member(made.leads[0].organization, "partner_reporter", "rae")
        made.key = key_of(made.agenda, "action")
    return made


def draft(world, text=DOUBT, version=0, actor=None, condition=""):
    noted = [Noted(world.key, text, condition, None, version)]
    return drafts.save_drafts(actor=actor or world.rae, agenda=world.agenda, noted=noted)


def drafted(world):
    return drafts_of(world.agenda, world.leads[0])


def test_a_reporter_drafts_and_the_lead_sends_in_one_step(world):
    with world.inside():
        assert draft(world) == 1
        assert not Reservation.objects.exists()
        sheet = AnswerSheet(world.agenda, world.leads[0].organization_id, drafts=drafted(world))
        assert [each.stance for each in sheet.places].count("reservation") == 1
        responses.respond(actor=world.leads[0], agenda=world.agenda, sheet=sheet.sheet)
        assert Reservation.objects.get().text == DOUBT
        row = ReservationDraft.objects.get()
        assert row.is_sent
        assert row.settled_at


def test_what_the_lead_leaves_out_is_settled_and_not_sent(world):
    with world.inside():
        draft(world)
        answer(world.leads[0], world.agenda)
        row = ReservationDraft.objects.get()
        assert row.settled_at
        assert not row.is_sent
        assert not Reservation.objects.exists()
        draft(world, "After the answer.")
        sheet = AnswerSheet(world.agenda, world.leads[0].organization_id, drafts=drafted(world))
        assert sheet.exceptions == 1
        assert any("drafted" in each.text for each in waiting(world.leads[0]))


def test_nobody_outside_the_organization_reads_a_draft(world, client):
    with world.inside():
        draft(world)
        for reader in (world.leads[1], world.pm, world.fa):
            assert not ReservationDraft.objects.visible_to(reader).exists()
        assert ReservationDraft.objects.visible_to(world.leads[0]).exists()
        assert DOUBT not in str(list(Act.objects.values("subject_label", "detail")))
    client.force_login(world.pm.user)
    for name in ("agenda_version", "ratification"):
        page = client.get(reverse(f"agenda:{name}", args=["here", world.agenda.pk]))
        assert DOUBT not in page.content.decode()
    args = ["here", world.agenda.pk, world.leads[0].organization_id]
    assert DOUBT not in client.get(reverse("agenda:answer_for", args=args)).content.decode()


def test_a_reporter_answers_nothing(world):
    with world.inside():
        with pytest.raises(PermissionDenied):
            answer(world.rae, world.agenda)
        for actor in (world.pm, world.fa, member(organization("watch", "observer"), "observer")):
            with pytest.raises(PermissionDenied):
                draft(world, actor=actor)


def test_the_second_of_two_who_draft_is_told(world):
    with world.inside():
        draft(world)
        assert draft(world) == 0  # the same words twice
        with pytest.raises(ConflictError):
            draft(world, "Mine.", version=0)
        assert draft(world, "Mine.", version=1) == 1
        with pytest.raises(ValidationError, match="not only what would lift it"):
            drafts.save_drafts(
                actor=world.rae,
                agenda=world.agenda,
                noted=[Noted(key_of(world.agenda, "vision"), "", "More buses.")],
            )
        assert draft(world, "", version=2) == 1
        assert not drafted(world)


def test_who_was_not_asked_drafts_nothing(world):
    with world.inside():
        late = member(world.join("late").organization, "partner_reporter")
        with pytest.raises(ValidationError, match="Nothing is answered"):
            draft(world, actor=late)


def test_the_pages_of_a_reporter_and_of_the_lead(world, client):
    page = reverse("agenda:reservation_drafts", args=["here", world.agenda.pk])
    client.force_login(world.rae.user)
    version = client.get(reverse("agenda:agenda_version", args=["here", world.agenda.pk]))
    assert page in version.content.decode()
    shown = client.get(page).content.decode()
    posted = dict(re.findall(r'name="(version-\w+)" value="(v\d+)"', shown))
    posted |= {f"text-{world.key}": DOUBT}
    assert client.post(page, posted).status_code == 302
    again = client.post(page, posted | {f"text-{world.key}": "Other words"})
    assert again.status_code == 409
    assert DOUBT in again.content.decode()
    assert "Other words" in again.content.decode()
    client.force_login(world.leads[0].user)
    sheet = client.get(reverse("agenda:ratification_respond", args=["here", world.agenda.pk]))
    assert "Drafted by rae" in sheet.content.decode()
    assert DOUBT in sheet.content.decode()
    client.force_login(world.pm.user)
    assert client.get(page).status_code == 403

"""What a delegate without an account, or who names one, might try; and what nobody finds out."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections
from django.urls import reverse

from initiatives.models import Initiative, Membership, Notice, Organization
from initiatives.tenancy import scope
from meetings.models import AgendaAnswer, Delegation, Reply
from tests.meetings.away import OLA, named
from tests.meetings.conftest import member
from tests.meetings.held import opened

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("action", ["reply", "agenda", "delegate", "read"])
def test_the_link_of_an_outsider_speaks_for_nobody_else(away, client, action):
    with away.scope():
        before = Reply.objects.get().kind
    sent = {
        "action": action,
        "kind": "agree" if action == "agenda" else "no",
        "name": "Mallory",
        "email": "mallory@evil.test",
        "level": "governing",
        "scope": "decide",
        "digest": "0" * 64,
        "paper": "1",
    }
    assert client.post(away.path, sent).status_code == 422
    with away.scope():
        assert Reply.objects.get().kind == before
        assert not AgendaAnswer.objects.exists()
        assert Delegation.objects.get().outside_email == OLA


def test_a_person_of_another_initiative_is_not_found_out(away, client):
    """Neither their name, nor that there is an account, nor anything in their initiative."""
    other = Initiative.objects.create(slug="others", name="Others")
    with scope(other.pk):
        there = Organization.here(code="far", name="Far", state="active")
        there.save()
        row = member(there, "partner_lead", "wanda")
    known = row.user
    with away.scope():
        named(away, email=known.email, called="Somebody")
        assert not Membership.objects.filter(user=known).exists()
        [letter] = Notice.objects.filter(recipient=known.email)
        assert letter.user is None
        path = reverse("meetings:seat", args=["meets", away.meeting.pk, away.seats()[0].pk])
    client.force_login(away.leads[0].user)
    page = client.get(path).content.decode()
    assert "Somebody" in page
    assert "Wanda" not in page
    client.force_login(known)
    assert client.get(reverse("meetings:overview", args=["meets"])).status_code == 404
    assert client.get(path).status_code == 404


def test_known_and_unknown_addresses_are_answered_alike(meets, client):
    with meets.scope():
        meeting, seat = opened(meets), meets.seats()[0]
    client.force_login(meets.leads[0].user)
    path = reverse("meetings:seat", args=["meets", meeting.pk, seat.pk])
    said = []
    for email in ("nobody@elsewhere.test", meets.leads[1].user.email):
        sent = {"action": "delegate", "name": "N", "email": email, "level": "frontline"}
        response = client.post(path, sent | {"scope": "decide"}, follow=True)
        page = response.content.decode()
        assert email not in page
        said.append((response.status_code, "Noted. Thank you." in page))
    assert said == [(200, True)] * 2


def test_the_holder_is_not_their_own_delegate(away):
    with away.scope(), pytest.raises(ValidationError, match="needs no mandate"):
        named(away, email=away.leads[0].user.email)


def test_nobody_names_an_outsider_for_another_seat(away):
    with away.scope(), pytest.raises(PermissionDenied):
        named(away, seat=away.seats()[1])


def test_a_series_that_takes_no_delegates_takes_none_from_outside(meets):
    with meets.scope():
        type(meets.series).objects.update(delegate_policy="none")
        meets.meeting = opened(meets)
        with pytest.raises(ValidationError, match="only the holder"):
            named(meets)


def test_strangers_are_not_written_to_without_end(away, settings):
    settings.QUOTAS = settings.QUOTAS | {"outside_delegates": 3, "outside_letters": 2}
    with away.scope():
        named(away, called="Ola again")
        with pytest.raises(ValidationError, match="This address was written to 2 times"):
            named(away, called="Ola once more")
        named(away, email="other@elsewhere.test")
        with pytest.raises(ValidationError, match="named 3 delegates"):
            named(away, email="third@elsewhere.test")


def test_a_double_click_over_the_quota_is_no_second_letter(away, settings):
    settings.QUOTAS = settings.QUOTAS | {"outside_delegates": 1, "outside_letters": 1}
    with away.scope():
        before = Delegation.objects.get()
        assert named(away).pk == before.pk
        assert Notice.objects.filter(kind="delegate_named", recipient=OLA).count() == 1


def test_letters_asked_for_at_once_count_together(away, settings):
    settings.QUOTAS = settings.QUOTAS | {"outside_delegates": 3}

    def one(number):
        try:
            with away.scope():
                named(away, email=f"p{number}@elsewhere.test")
        except ValidationError:
            return 0
        finally:
            connections.close_all()
        return 1

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(one, range(6))) == 2  # beside the one before

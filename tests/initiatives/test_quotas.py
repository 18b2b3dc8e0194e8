"""Whoever makes more than the settings allow is told so where they stand."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from initiatives import services
from initiatives.models import Initiative, Invitation, User
from initiatives.permissions import Role
from initiatives.tenancy import scope, visitor
from measures.models import ShareLink
from measures.services.sharing import create_share

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def quotas(settings):
    settings.QUOTAS = dict.fromkeys(settings.QUOTAS, 2)
    return settings.QUOTAS


@pytest.fixture
def manager():
    return User.objects.create_user("mia@example.org", "a quiet choir sings", name="Mia")


@pytest.fixture
def founded(manager):
    with visitor(manager.pk):
        return services.create_initiative(user=manager, name="Read", slug="reading")


@pytest.fixture
def browser(manager):
    client = Client()
    client.force_login(manager)
    return client


def test_a_person_begins_so_many_initiatives_a_day(quotas, browser):
    form = {"name": "One", "time_zone": "UTC", "calendars": "gregorian", "start_month": 1}
    form["organization"] = "Us"
    path = reverse("initiatives:initiative_new")
    assert [browser.post(path, form).status_code for _ in range(3)] == [302, 302, 422]
    assert "You began 2 initiatives today" in browser.post(path, form).content.decode()
    assert Initiative.objects.count() == 2


@pytest.mark.parametrize("which", ["invitations", "invitations_by_person"])
def test_so_many_are_invited_a_day_and_nobody_of_a_list_that_is_too_long(
    quotas, founded, browser, which
):
    quotas |= dict.fromkeys(quotas, 100) | {which: 2}
    path = reverse("initiatives:organizations", args=["reading"])
    lines = [f"Library; Lea; lea{n}@example.org" for n in range(3)]
    answer = browser.post(path, {"people": "\n".join(lines), "role": Role.PARTNER_LEAD})
    assert answer.status_code == 422
    assert "Line 3" in answer.content.decode()
    with scope(founded.initiative_id):
        assert Invitation.objects.count() == 0
    answer = browser.post(path, {"people": "\n".join(lines[:2]), "role": Role.PARTNER_LEAD})
    assert answer.status_code == 302


def test_so_many_links_are_open_at_once(quotas, founded, browser):
    path = reverse("measures:shares", args=["reading"])
    form = {"name": "Readers", "expires_on": timezone.localdate() + timedelta(days=90)}
    assert [browser.post(path, form).status_code for _ in range(3)] == [200, 200, 422]
    with scope(founded.initiative_id):
        share = ShareLink.objects.first()
    browser.post(reverse("measures:share_revoke", args=["reading", share.pk]))
    assert browser.post(path, form).status_code == 200


def test_nobody_is_written_to_again_and_again(quotas, founded, browser):
    quotas |= dict.fromkeys(quotas, 100) | {"invitation_letters": 3}
    people = {"people": "Library; Lea; lea@example.org", "role": Role.PARTNER_LEAD}
    assert browser.post(reverse("initiatives:organizations", args=["reading"]), people)
    with scope(founded.initiative_id):
        invitation = Invitation.objects.get()
    again = reverse("initiatives:invitation_resend", args=["reading", invitation.pk])
    said = [browser.post(again, follow=True).text for _ in range(3)]
    assert ["written to 3 times today" in each for each in said] == [False, False, True]
    with scope(founded.initiative_id):
        assert Invitation.objects.get().sent_count == 3


def at_once(work, number=6):
    """How many of so many who do ``work(number)`` at the same time were not told to stop."""

    def one(each):
        try:
            work(each)
        except ValidationError:
            return 0
        finally:
            connections.close_all()
        return 1

    with ThreadPoolExecutor(number) as pool:
        return sum(pool.map(one, range(number)))


def test_who_invites_at_the_same_time_counts_together(quotas, founded):
    quotas |= dict.fromkeys(quotas, 100) | {"invitations": 3}

    def invite(number):
        with scope(founded.initiative_id):
            services.invite(
                actor=founded,
                organization=founded.organization,
                email=f"p{number}@example.org",
                roles=[Role.FACILITATOR],
            )

    assert at_once(invite) == 3


def test_links_opened_at_the_same_time_count_together(quotas, founded):
    def share(number):
        with scope(founded.initiative_id):
            until = timezone.now() + timedelta(days=9)
            create_share(actor=founded, name=f"Readers {number}", expires_at=until)

    assert at_once(share) == 2


def test_initiatives_begun_at_the_same_time_count_together(quotas, manager):
    def begin(number):
        with visitor(manager.pk):
            services.create_initiative(user=manager, name=f"Read {number}", slug=f"read-{number}")

    assert at_once(begin) == 2

"""F17: a double click, a repeated POST, the back button: one effect and the same answer."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from initiatives import idempotency, services
from initiatives.models import AnsweredForm, Invitation, Membership, User
from initiatives.permissions import Role
from initiatives.tenancy import scope, visitor
from measures.models import ShareLink
from tests.isolation.pages import forms_in
from tests.waiting import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 50
FORM = {
    "name": "Read by Third",
    "organization": "City Foundation",
    "time_zone": "UTC",
    "calendars": ["gregorian"],
    "start_month": "7",
    "idempotency_key": "the-key-of-this-form",
}


@pytest.fixture
def person():
    return User.objects.create_user("mia@example.org", "a quiet choir sings", name="Mia")


@pytest.fixture
def founded(person):
    with visitor(person.pk):
        return services.create_initiative(user=person, name="Read", slug="reading")


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def initiatives_of(person):
    with visitor(person.pk):
        return Membership.objects.filter(user=person).count()


def test_the_same_form_twice_begins_one_initiative_and_answers_the_same(person):
    client = signed_in(person)
    first = client.post(reverse("initiatives:initiative_new"), FORM)
    client.cookies.pop("messages")  # the answer with them never arrived
    again = client.post(reverse("initiatives:initiative_new"), FORM)
    assert (first.status_code, first["Location"]) == (302, "/i/read-by-third/")
    assert (again.status_code, again["Location"]) == (302, "/i/read-by-third/")
    said = [str(each) for each in get_messages(first.wsgi_request)]
    assert said == [str(each) for each in get_messages(again.wsgi_request)] != []
    assert initiatives_of(person) == 1


def test_fifty_at_once_make_one(person):
    client = signed_in(person)
    cookies = client.cookies
    ready = threading.Barrier(AT_ONCE)

    def send(_number):
        browser = Client()
        browser.cookies = cookies
        ready.wait()
        try:
            answer = browser.post(reverse("initiatives:initiative_new"), FORM)
        finally:
            connection.close()
        return answer.status_code, answer.headers.get("Location")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = set(pool.map(send, range(AT_ONCE)))
    # Whoever waited too long is told that it is being worked on.
    assert answers <= {(302, "/i/read-by-third/"), (409, None)}
    assert (302, "/i/read-by-third/") in answers
    assert initiatives_of(person) == 1


def test_the_same_key_with_another_body_is_refused(person):
    client = signed_in(person)
    client.post(reverse("initiatives:initiative_new"), FORM)
    answer = client.post(reverse("initiatives:initiative_new"), {**FORM, "name": "Other"})
    assert answer.status_code == 422
    assert initiatives_of(person) == 1


def test_what_was_refused_may_be_put_right_under_the_same_key(person):
    client = signed_in(person)
    wrong = client.post(reverse("initiatives:initiative_new"), {**FORM, "people": "nobody"})
    assert wrong.status_code == 422
    assert client.post(reverse("initiatives:initiative_new"), FORM).status_code == 302
    assert initiatives_of(person) == 1


def test_a_key_is_that_of_one_person(person):
    other = User.objects.create_user("noa@example.org", "another quiet choir", name="Noa")
    for each in (person, other):
        signed_in(each).post(reverse("initiatives:initiative_new"), FORM)
        assert initiatives_of(each) == 1


def test_one_that_still_runs_answers_409(person):
    name = idempotency._digest(f"user {person.pk}", "/initiatives/new/", FORM["idempotency_key"])
    held, done = threading.Event(), threading.Event()

    def hold():
        with visitor(person.pk):
            assert idempotency._wait_for(name)
            held.set()
            done.wait(PATIENCE)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(PATIENCE)
    client = signed_in(person)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")  # of this connection alone
    try:
        answer = client.post(reverse("initiatives:initiative_new"), FORM)
    finally:
        connection.close()
    done.set()
    holder.join()
    assert answer.status_code == 409
    assert initiatives_of(person) == 0


def test_invitations_go_out_once(founded, person):
    client = signed_in(person)
    form = {
        "people": "Library; Lea; lea@example.org",
        "role": Role.PARTNER_LEAD,
        "idempotency_key": "invite-once",
    }
    path = reverse("initiatives:organizations", args=["reading"])
    assert [client.post(path, form).status_code for _ in range(2)] == [302, 302]
    with scope(founded.initiative_id):
        assert Invitation.objects.count() == 1


def test_a_link_that_is_shown_once_is_shown_again_and_stored_nowhere(founded, person):
    client = signed_in(person)
    path = reverse("measures:shares", args=["reading"])
    form = {
        "name": "Readers",
        "expires_on": (timezone.localdate() + timedelta(days=9)).isoformat(),
        "idempotency_key": "share-once",
    }
    first, again = (client.post(path, form).content.decode() for _ in range(2))
    token = re.search(r"cip_[\w-]+", first)[0]
    assert token in again
    with scope(founded.initiative_id):
        assert ShareLink.objects.count() == 1
    kept = AnsweredForm.objects.get()
    assert token not in kept.answer
    assert "share-once" not in f"{kept.digest}{kept.request}{kept.answer}"


def test_a_too_long_key_is_refused(person):
    client = signed_in(person)
    answer = client.post(
        reverse("initiatives:initiative_new"), {**FORM, "idempotency_key": "k" * 129}
    )
    assert answer.status_code == 422
    assert initiatives_of(person) == 0


def test_every_form_that_makes_something_new_carries_a_key(founded, person):
    client = signed_in(person)
    seen = []
    for path in ("/initiatives/new/", "/i/reading/organizations/", "/i/reading/measures/shares/"):
        found = forms_in(client.get(path).content.decode(), path)
        keyed = [form for form in found if idempotency.FIELD in form.values()]
        assert [form.action for form in keyed] == [path]
        seen += [form.values()[idempotency.FIELD][0] for form in keyed]
    assert len(set(seen)) == 3
    assert all(len(each) > 40 for each in seen)


def test_answers_are_forgotten_after_a_day(person):
    client = signed_in(person)
    client.post(reverse("initiatives:initiative_new"), FORM)
    assert idempotency.forget() == 0
    AnsweredForm.objects.update(answered_at=timezone.now() - timedelta(days=2))
    assert idempotency.forget() == 1

"""What is written where the database's owner does not write: who came in, and how long the chain is."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from initiatives import audit, schedule, services
from initiatives.logs import ContextFilter
from initiatives.models import ActSeal
from initiatives.tenancy import scope, visitor
from tests.initiatives.test_sign_in import PASSWORD, person, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_signed_in_and_who_did_not(caplog):
    caplog.set_level("INFO")
    mia = person("mia@example.org")
    Client().post("/account/login/", {"login": mia.email, "password": "hunter2hunter2"})
    assert "Sign-in refused, from 127.0.0.1" in caplog.text
    signed_in(mia)
    assert f"Person {mia.pk} signed in, from 127.0.0.1" in caplog.text
    TOTP.activate(mia, generate_totp_secret())
    client = Client()
    client.post("/account/login/", {"login": mia.email, "password": PASSWORD})
    client.post("/account/2fa/authenticate/", {"code": "nothing"})
    assert f"A code of the second step was wrong: person {mia.pk}" in caplog.text
    for secret in (PASSWORD, "hunter2", mia.email):
        assert secret not in caplog.text


def test_the_head_of_each_chain_is_told(caplog):
    caplog.set_level("INFO")
    mia = person("mia@example.org")
    heads = []
    for slug in ("one", "two"):
        with visitor(mia.pk):
            founded = services.create_initiative(user=mia, name=slug, slug=slug)
        with scope(founded.initiative_id):
            audit.seal()
            heads.append(ActSeal.objects.order_by("-number").first().digest)
    schedule.tell_heads()
    assert all(f"head {head}" in caplog.text for head in heads)


@pytest.mark.parametrize(
    ("page", "size", "status"), [("/account/login/", 3_000_000, 413), ("/nowhere/", 1, 404)]
)
def test_what_is_refused_is_told_once_and_with_its_request(caplog, page, size, status):
    """Where nothing was raised too: a page for errors that a middleware answers with itself."""
    seen = ContextFilter()
    caplog.handler.addFilter(seen)
    answer = Client().post(page, b"x" * size, content_type="text/plain")
    caplog.handler.removeFilter(seen)
    assert answer.status_code == status
    (line,) = [each for each in caplog.records if each.name == "django.request"]
    assert line.request_id == answer["X-Request-ID"]

"""What a letter to somebody without an account may hold: no address but our own."""

import pytest
from django.conf import settings

from initiatives.models import Initiative, Organization, User
from initiatives.notices import letter, notify, without_links
from initiatives.tenancy import scope

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = f"{settings.SITE_URL}/i/river/"


def parts(*, user=None, **context):
    made = Initiative.objects.create(
        slug="river", name="See www.win.example/now or http://1.2.3.4/"
    )
    with scope(made.pk):
        organization = Organization.here(code="lib", name="Lib", state="active")
        organization.save()
        notice = notify(
            "delegate_named",
            organization,
            occasion="named",
            recipient="ola@elsewhere.test",
            user=user,
            url=ADDRESS,
            **context,
        )
        message = letter(notice)
    return [message.subject, message.body, message.alternatives[0][0]]


def test_what_was_typed_opens_nothing_in_a_strangers_letter():
    said = parts(
        mandate="Sign at bank.example or https://bank.example/in", organization="Win.example"
    )
    for part in said:
        for address in ("www.w", "bank.example", "http://1", "https://bank", "Win.example"):
            assert address not in part
    assert "Sign at bank. example" in said[1]
    assert ADDRESS in said[1]
    assert f'href="{ADDRESS}"' in said[2]


def test_who_has_an_account_reads_what_was_typed():
    user = User.objects.create(email="ola@elsewhere.test", name="Ola")
    assert "bank.example" in parts(user=user, mandate="Sign at bank.example")[1]


@pytest.mark.parametrize("text", ["3.5 of 10", "On 28.11.2026, at 9.", "Dr. Wu", "a: b", "…/or"])
def test_what_is_no_address_stays_as_it_is(text):
    assert without_links(text) == text


@pytest.mark.parametrize(
    "text",
    ["bank.example", "m\u00fcnchen.de", "bank\u3002example", "ftp://bank", "https://ours.test@x.y"],
)
def test_an_address_gets_a_gap(text):
    assert without_links(text) != text

"""Second factors, sessions that end, and what is told of a changed way in."""

import re
import time
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.usersessions.models import UserSession
from django.conf import settings as configured
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.test import Client

from initiatives import links, middleware, services
from initiatives.choices import LinkPurpose
from initiatives.models import Membership, Organization, SignedLink, User
from initiatives.permissions import Role
from initiatives.tenancy import scope, visitor

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "a quiet choir sings"
HOUR = 3600


def person(email, name="Ada"):
    user = User.objects.create_user(email, PASSWORD, name=name)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def signed_in(user):
    client = Client()
    answer = client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content
    return client


@pytest.fixture
def manager():
    return person("mia@example.org", "Mia Manager")


@pytest.fixture
def founded(manager):
    with visitor(manager.pk):
        return services.create_initiative(user=manager, name="Read", slug="reading")


def member(founded, email, role):
    user = person(email)
    with scope(founded.initiative_id):
        organization = Organization.objects.filter(code="library").first()
        if organization is None:
            organization = Organization.here(code="library", name="Library")
            organization.save()
        row = Membership.here(user=user, organization=organization, roles=[role])
        row.save()
    return row


def proven(client):
    """Who signed in and said the password once more, as changing the way in asks for."""
    assert client.post("/account/reauthenticate/", {"password": PASSWORD}).status_code == 302
    return client


def is_in(client):
    answer = client.get("/i/reading/")
    # Whom nothing waits for, and who only reads, goes on to the numbers.
    return answer.status_code == 200 or answer["Location"] == "/i/reading/measures/"


# -- A second factor ---------------------------------------------------------------------------


def test_where_it_is_asked_a_manager_sets_it_up_before_the_initiative_opens(
    founded, manager, settings
):
    settings.MFA_REQUIRED = True
    client = signed_in(manager)
    answer = client.get("/i/reading/people/")
    assert answer.status_code == 302
    assert answer["Location"] == "/second-factor/?next=%2Fi%2Freading%2Fpeople%2F"
    page = client.get(answer["Location"])
    assert b"/account/2fa/totp/activate/" in page.content
    assert proven(client).get("/account/2fa/totp/activate/").status_code == 200
    assert client.get("/").status_code == 200
    TOTP.activate(manager, generate_totp_secret())
    assert client.get("/i/reading/people/").status_code == 200
    assert b'href="/i/reading/people/"' in client.get(answer["Location"]).content


def test_recovery_codes_alone_are_no_second_factor(founded, manager, settings):
    settings.MFA_REQUIRED = True
    Authenticator.objects.create(
        user=manager, type=Authenticator.Type.RECOVERY_CODES, data={"seed": ""}
    )
    assert signed_in(manager).get("/i/reading/").status_code == 302


@pytest.mark.parametrize("role", [Role.FUNDER, Role.PARTNER_LEAD, Role.OBSERVER])
def test_funders_are_asked_and_others_are_offered_it(founded, settings, role):
    settings.MFA_REQUIRED = True
    client = signed_in(member(founded, "rae@example.org", role).user)
    assert is_in(client) is (role != Role.FUNDER)
    assert client.get("/account/2fa/").status_code == 200


def test_a_post_is_not_let_through_either(founded, manager, settings):
    settings.MFA_REQUIRED = True
    answer = signed_in(manager).post("/i/reading/settings/", {"name": "Changed"})
    assert answer["Location"].startswith("/second-factor/")


def test_the_way_back_leads_nowhere_else(manager):
    TOTP.activate(manager, generate_totp_secret())
    client = Client()
    client.force_login(manager)
    page = client.get("/second-factor/?next=https://evil.test/").content
    assert b"evil.test" not in page


def test_where_it_is_not_asked_nobody_is_sent_away(founded, manager, settings):
    settings.MFA_REQUIRED = False
    assert is_in(signed_in(manager))


def test_a_checkout_does_not_ask_and_a_deployment_does():
    assert configured.EMBEDDED
    assert configured.MFA_REQUIRED is False


def test_a_second_factor_is_asked_for_at_sign_in(founded, manager):
    TOTP.activate(manager, generate_totp_secret())
    client = Client()
    answer = client.post("/account/login/", {"login": manager.email, "password": PASSWORD})
    assert answer["Location"].startswith("/account/2fa/authenticate/")
    assert client.get("/i/reading/").status_code == 302


# -- Sessions ----------------------------------------------------------------------------------


def aged(client, seconds):
    session = client.session
    session[middleware.BORN_KEY] = int(time.time()) - seconds
    session.save()


def test_a_session_lasts_two_weeks_however_busy(founded):
    client = signed_in(member(founded, "lea@example.org", Role.PARTNER_LEAD).user)
    assert is_in(client)
    aged(client, 14 * 24 * HOUR - 60)
    assert is_in(client)
    aged(client, 14 * 24 * HOUR + 60)
    assert not is_in(client)


def test_a_managers_session_lasts_eight_hours(founded, manager):
    client = signed_in(manager)
    assert is_in(client)
    aged(client, 8 * HOUR + 60)
    answer = client.get("/i/reading/people/")
    assert answer["Location"] == "/account/login/?next=/i/reading/people/"
    assert client.get("/").status_code == 302
    client = signed_in(member(founded, "lea@example.org", Role.PARTNER_LEAD).user)
    assert is_in(client)
    aged(client, 8 * HOUR + 60)
    assert is_in(client)


def test_signing_in_gives_the_session_another_name(manager):
    client = Client()
    client.get("/account/login/")
    client.post("/account/login/", {"login": manager.email, "password": PASSWORD})
    first = client.session.session_key
    client.post("/account/logout/")
    client.post("/account/login/", {"login": manager.email, "password": PASSWORD})
    assert client.session.session_key not in {first, None}


def test_a_changed_password_ends_the_other_sessions(founded, manager):
    here, elsewhere = signed_in(manager), signed_in(manager)
    assert is_in(here)
    assert is_in(elsewhere)
    new = "another quiet choir sings"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post("/account/password/change/", form).status_code == 302
    assert is_in(here)
    assert not is_in(elsewhere)
    assert manager.email in mail.outbox[-1].to


def test_a_removed_second_factor_ends_the_other_sessions(founded, manager):
    here, elsewhere = signed_in(manager), signed_in(manager)
    TOTP.activate(manager, generate_totp_secret())
    assert is_in(elsewhere)
    proven(here)
    assert here.post("/account/2fa/totp/deactivate/").status_code == 302
    assert not Authenticator.objects.exists()
    assert is_in(here)
    assert not is_in(elsewhere)


def test_a_changed_address_is_told_to_the_old_one_and_ends_the_other_sessions(founded, manager):
    here, elsewhere = signed_in(manager), signed_in(manager)
    new = EmailAddress.objects.create(user=manager, email="new@example.org", verified=True)
    form = {"email": new.email, "action_primary": ""}
    proven(here)
    assert here.post("/account/email/", form).status_code == 302
    assert User.objects.get(pk=manager.pk).email == "new@example.org"
    assert any("mia@example.org" in each.to for each in mail.outbox)
    assert is_in(here)
    assert not is_in(elsewhere)


def test_the_last_membership_takes_sessions_links_and_invitations_along(founded, manager):
    lead = member(founded, "lea@example.org", Role.PARTNER_LEAD)
    client = signed_in(lead.user)
    assert is_in(client)
    with scope(founded.initiative_id):
        token, _link = links.issue(LinkPurpose.SUBMISSION, 1, user=lead.user)
        services.end_membership(actor=founded, membership=lead)
    assert not UserSession.objects.filter(user=lead.user).exists()
    assert client.get("/").status_code == 302
    assert links.find(token, LinkPurpose.SUBMISSION) is None


def test_who_is_a_member_elsewhere_stays_signed_in(founded, manager):
    lead = member(founded, "lea@example.org", Role.PARTNER_LEAD)
    with visitor(lead.user_id):
        services.create_initiative(user=lead.user, name="Other", slug="other")
    client = signed_in(lead.user)
    with scope(founded.initiative_id):
        services.end_membership(actor=founded, membership=lead)
    assert client.get("/i/other/").status_code == 200
    assert client.get("/i/reading/").status_code == 404


# -- Passwords and limits ----------------------------------------------------------------------


@pytest.mark.parametrize("word", ["short-one-1", "q1w2e3r4t5y6", "qwerty123456", "mia@example.org"])
def test_a_weak_password_is_refused(word):
    with pytest.raises(ValidationError):
        validate_password(word, User(email="mia@example.org", name="Mia"))


def test_a_long_sentence_is_taken():
    validate_password("a long sentence " * 8, User(email="x@example.org"))


def tries(client, number):
    form = {"login": "mia@example.org", "password": "wrong wrong wrong"}
    return [client.post("/account/login/", form).content.decode() for _ in range(number)]


def test_guessing_is_slowed_down(manager):
    assert "Too many" in tries(Client(), 12)[-1]


def test_without_redis_guesses_are_not_counted_and_nobody_is_locked_out(
    manager, settings, tmp_path
):
    settings.CACHES = {
        "default": {
            "BACKEND": "config.cache.SteadyRedisCache",
            "LOCATION": f"unix://{tmp_path}/nobody.sock",
        }
    }
    assert caches["default"].get("x") is None
    assert "Too many" not in tries(Client(), 7)[-1]
    assert signed_in(manager).get("/").status_code == 200


def test_tokens_are_never_stored(founded, manager):
    with scope(founded.initiative_id):
        token, link = links.issue(LinkPurpose.SUBMISSION, 1, expires_at=None)
    kept = SignedLink.objects.filter(pk=link.pk).values().get()
    assert token not in str(kept)
    assert token.removeprefix("cip_") not in str(kept)
    assert kept["expires_at"] - kept["created_at"] <= timedelta(days=90, seconds=1)


SIGN_UP = {"email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD}


def code_in_letter():
    return re.search(r"^[A-Z0-9-]{6,}$", mail.outbox[-1].body, re.MULTILINE)[0]


def knows(client):
    """Whether this browser is signed in, in whatever initiative."""
    return client.get("/account/").status_code == 200


def test_an_address_is_proven_where_one_signed_up_and_nowhere_else(db):
    stranger, owner = Client(), Client()
    assert stranger.post("/account/signup/", SIGN_UP).status_code == 302
    assert "http" not in mail.outbox[-1].body
    code = code_in_letter()
    assert owner.post("/account/confirm-email/", {"code": code}).status_code in {302, 404}
    assert not knows(owner)
    assert not EmailAddress.objects.filter(verified=True).exists()
    assert stranger.post("/account/confirm-email/", {"code": "wrong"}).status_code == 200
    assert not knows(stranger)
    stranger.post("/account/confirm-email/", {"code": code})
    assert knows(stranger)
    assert EmailAddress.objects.get().verified


def test_guessed_codes_run_out(db):
    client = Client()
    client.post("/account/signup/", SIGN_UP)
    code = code_in_letter()
    for _ in range(3):
        client.post("/account/confirm-email/", {"code": "nothing"})
    client.post("/account/confirm-email/", {"code": code})
    assert not knows(client)


# -- Requests that say they are for somewhere else ---------------------------------------------


@pytest.fixture
def elsewhere(settings):
    """A client whose requests claim another host, which a wide ``ALLOWED_HOSTS`` lets in."""
    settings.ALLOWED_HOSTS = ["*"]
    return Client(headers={"Host": "evil.test:9999"})


@pytest.mark.parametrize(
    ("page", "form"),
    [
        ("/account/password/reset/", {"email": "mia@example.org"}),
        ("/account/password/reset/", {"email": "nobody@example.org"}),
        ("/account/signup/", SIGN_UP | {"email": "mia@example.org"}),
    ],
)
def test_a_letter_leads_home_whatever_host_the_request_names(manager, elsewhere, page, form):
    assert elsewhere.post(page, form).status_code == 302
    (letter,) = mail.outbox
    assert "evil.test" not in letter.subject + letter.body
    assert f"{configured.SITE_URL}/account/" in letter.body


def test_guesses_are_counted_by_account_and_not_by_host(manager, settings):
    settings.ALLOWED_HOSTS = ["*"]
    said = set()
    for n in range(7):
        client = Client(headers={"Host": f"host{n}.test"}, REMOTE_ADDR=f"10.0.0.{n}")
        form = {"login": manager.email, "password": "wrong"}
        said.add("Too many tries" in client.post("/account/login/", form).text)
    assert said == {False, True}

"""People come in, are something, and leave; through the pages that a browser would use."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from initiatives import services
from initiatives.adapters import EncryptingMFAAdapter
from initiatives.forms.people import InitiativeForm
from initiatives.models import Act, Invitation, Job, Membership, Notice, Organization, User
from initiatives.permissions import Role
from initiatives.tenancy import scope, visitor

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "a quiet choir sings"


def person(email, name="Ada Example"):
    return User.objects.create_user(email, PASSWORD, name=name)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def manager():
    return person("mia@example.org", "Mia Manager")


@pytest.fixture
def founded(manager):
    with visitor(manager.pk):
        return services.create_initiative(user=manager, name="Read by Third", slug="reading")


def url(name, *args):
    return reverse(f"initiatives:{name}", args=args)


def member(founded, email, roles, organization="Library"):
    user = person(email)
    with scope(founded.initiative_id):
        found = Organization.objects.filter(name=organization).first()
        if found is None:
            found = Organization.here(code=organization.lower(), name=organization)
            found.save()
        membership = Membership.here(user=user, organization=found, roles=roles)
        membership.save()
    return membership


def invited(client, text, role=Role.PARTNER_LEAD):
    return client.post(url("organizations", "reading"), {"people": text, "role": role})


def mailed_path(initiative_id, email):
    with scope(initiative_id):
        notice = Notice.objects.filter(kind="invitation", recipient=email).latest("id")
    return re.sub(r"^https?://[^/]+", "", notice.context["url"])


def test_the_wizard_makes_an_initiative_with_its_backbone(manager):
    client = signed_in(manager)
    first = client.get(url("initiative_new")).content.decode()
    assert re.search(r"<likely-zone>.*name=.time_zone.*</likely-zone>", first, re.DOTALL)
    form = {
        "name": "Read by Third",
        "organization": "City Foundation",
        "place": "Springfield",
        "time_zone": "America/Chicago",
        "calendars": ["gregorian", "school"],
        "start_month": "8",
        "people": "Ben Helper; ben@example.org",
    }
    response = client.post(url("initiative_new"), form)
    assert response.status_code == 302
    assert response["Location"] == url("today", "read-by-third")
    assert client.get(response["Location"]).status_code == 200
    own = client.get(url("my_initiatives")).content.decode()
    assert 0 < own.index("Read by Third") < own.index("Begin a new one")  # one's own lead
    with visitor(manager.pk):
        mine = Membership.objects.get()
    with scope(mine.initiative_id):
        assert set(mine.roles) == {Role.PROJECT_MANAGER, Role.DATA_MANAGER}
        assert Organization.objects.get().name == "City Foundation"
        helper = Invitation.objects.get()
        assert helper.email == "ben@example.org"
        assert helper.roles == [Role.FACILITATOR]  # as the step says
    assert "invited as a facilitator" in str(InitiativeForm().fields["people"].help_text)
    job = Job.objects.get(kind="measures.create_calendars")
    assert job.args == {"kinds": ["gregorian", "school"], "start_month": 8}


def test_the_wizard_keeps_what_was_typed(manager):
    response = signed_in(manager).post(
        url("initiative_new"),
        {
            "name": "Kept",
            "organization": "Trust",
            "time_zone": "UTC",
            "calendars": ["gregorian"],
            "start_month": "7",
            "people": "no address",
        },
    )
    assert response.status_code == 422
    assert b"Kept" in response.content
    assert b"Line 1" in response.content
    assert b"no address" in response.content


def sent(page, **typed):
    """What a browser would send of a step: its fields and those kept hidden."""
    form, kept = page.context["form"], {}
    for name in form.fields:
        value = form[name].value()
        kept[name] = "" if value is None else value
    return kept | {"step": page.context["step"]} | typed


def test_the_wizard_goes_step_by_step_and_stores_at_the_end(manager):
    client = signed_in(manager)
    page = client.get(url("initiative_new"))
    assert page.context["step"] == "what"
    wrong = client.post(url("initiative_new"), sent(page, name="Kept"))
    assert (wrong.status_code, wrong.context["step"]) == (422, "what")
    assert b"Kept" in wrong.content
    page = client.post(url("initiative_new"), sent(wrong, organization="Trust", place="Troy"))
    assert (page.status_code, page.context["step"]) == (200, "time")
    assert b"errorlist" not in page.content
    back = client.post(url("initiative_new"), sent(page, calendars=["fiscal"], back="1"))
    assert back.context["step"] == "what"
    assert b'value="Kept"' in back.content
    page = client.post(url("initiative_new"), sent(back))
    assert page.context["form"]["calendars"].value() == ["fiscal"]
    page = client.post(url("initiative_new"), sent(page))
    assert page.context["step"] == "people"
    wrong = client.post(url("initiative_new"), sent(page, people="nobody"))
    assert (wrong.status_code, wrong.context["step"]) == (422, "people")
    with visitor(manager.pk):
        assert not Membership.objects.exists()
    assert client.post(url("initiative_new"), sent(wrong, people="")).status_code == 302
    with visitor(manager.pk):
        assert Membership.objects.get().initiative.name == "Kept"


def test_a_pasted_list_with_a_wrong_line_invites_nobody(founded, manager):
    client = signed_in(manager)
    response = invited(client, "Library; Lea; lea@example.org\nSchool; nobody\nX; Y; not-mail")
    assert response.status_code == 422
    assert b"Line 2" in response.content
    assert b"Line 3" in response.content
    assert b"School; nobody" in response.content
    with scope(founded.initiative_id):
        assert not Invitation.objects.exists()


def test_a_pasted_list_invites_once(founded, manager):
    client = signed_in(manager)
    text = "Library; Lea; lea@example.org\nlibrary; Leo; leo@example.org"
    assert invited(client, text).status_code == 302
    with scope(founded.initiative_id):
        assert Organization.objects.filter(name="Library").count() == 1
        assert Invitation.objects.count() == 2
        assert Notice.objects.filter(kind="invitation").count() == 2
    again = invited(client, text)
    assert again.status_code == 422
    assert b"invited already" in again.content


def test_a_newcomer_accepts_with_a_password(founded, manager):
    invited(signed_in(manager), "Library; Lea; lea@example.org")
    path = mailed_path(founded.initiative_id, "lea@example.org")
    client = Client()
    assert client.get(path).status_code == 200
    assert client.post(path, {"name": "Lea", "password": "short"}).status_code == 422
    response = client.post(path, {"name": "Lea Library", "password": PASSWORD})
    assert response["Location"] == url("today", "reading")
    assert client.get(response["Location"]).status_code == 200
    assert Client().get(path).status_code == 404, "the link works once"
    with scope(founded.initiative_id):
        assert Organization.objects.get(name="Library").state == "active"
        assert Act.objects.filter(action="initiatives.invitation_accepted").exists()


def test_only_the_invited_person_accepts(founded, manager):
    invited(signed_in(manager), "Library; Lea; lea@example.org")
    path = mailed_path(founded.initiative_id, "lea@example.org")
    other = signed_in(person("eve@example.org"))
    assert other.post(path).status_code == 422
    lea = person("lea@example.org")
    assert b"Sign in to accept" in Client().get(path).content
    client = signed_in(lea)
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 302
    assert client.get(url("today", "reading")).status_code == 200


def test_a_revoked_or_resent_invitation_closes_its_link(founded, manager):
    client = signed_in(manager)
    invited(client, "Library; Lea; lea@example.org")
    old = mailed_path(founded.initiative_id, "lea@example.org")
    with scope(founded.initiative_id):
        invitation = Invitation.objects.get()
    client.post(url("invitation_resend", "reading", invitation.pk))
    new = mailed_path(founded.initiative_id, "lea@example.org")
    assert (Client().get(old).status_code, Client().get(new).status_code) == (404, 200)
    client.post(url("invitation_revoke", "reading", invitation.pk))
    assert Client().get(new).status_code == 404
    assert client.get(url("invitations", "reading")).status_code == 200


def test_nobody_gives_a_role_above_their_own(founded):
    lead = member(founded, "lea@example.org", [Role.PARTNER_LEAD])
    reporter = member(founded, "rob@example.org", [Role.PARTNER_REPORTER])
    client = signed_in(lead.user)
    page = url("member", "reading", reporter.pk)
    assert client.get(page).status_code == 200
    refused = client.post(page, {"roles": [Role.PROJECT_MANAGER], "version": 1})
    assert refused.status_code == 422
    assert client.post(page, {"roles": [Role.PARTNER_LEAD], "version": 1}).status_code == 302
    stale = client.post(page, {"roles": [Role.PARTNER_REPORTER], "version": 1})
    assert stale.status_code == 422
    assert invited(client, "Library; X; x@example.org", Role.DATA_MANAGER).status_code == 422
    assert invited(client, "Elsewhere; X; x@example.org").status_code == 422


def test_a_lead_reaches_only_their_own_organization(founded):
    lead = member(founded, "lea@example.org", [Role.PARTNER_LEAD])
    other = member(founded, "sam@example.org", [Role.PARTNER_REPORTER], "School")
    client = signed_in(lead.user)
    assert client.get(url("member", "reading", other.pk)).status_code == 404
    assert client.post(url("membership_end", "reading", other.pk)).status_code == 404
    assert client.get(url("member", "reading", founded.pk)).status_code == 404


def test_the_last_project_manager_stays(founded, manager):
    client = signed_in(manager)
    client.post(url("membership_end", "reading", founded.pk))
    assert client.get(url("today", "reading")).status_code == 200
    page = url("member", "reading", founded.pk)
    assert client.post(page, {"roles": [Role.DATA_MANAGER], "version": 1}).status_code == 422


def test_nobody_takes_back_an_invitation_to_a_role_above_their_own(founded, manager):
    helper = member(founded, "dan@example.org", [Role.DATA_MANAGER], organization="Read backbone")
    with scope(founded.initiative_id):
        above = services.invite(
            actor=founded,
            organization=founded.organization,
            email="second@example.org",
            roles=[Role.PROJECT_MANAGER],
        )
    page = url("invitation_revoke", "reading", above.pk)
    signed_in(helper.user).post(page)
    with scope(founded.initiative_id):
        assert Invitation.objects.get(pk=above.pk).state == "pending"
    signed_in(manager).post(page)
    with scope(founded.initiative_id):
        assert Invitation.objects.get(pk=above.pk).state == "revoked"


def test_an_ended_membership_opens_nothing_at_once(founded, manager):
    reporter = member(founded, "rob@example.org", [Role.PARTNER_REPORTER])
    theirs, managers = signed_in(reporter.user), signed_in(manager)
    assert theirs.get(url("today", "reading")).status_code == 200
    assert managers.post(url("membership_end", "reading", reporter.pk)).status_code == 302
    answer = theirs.get(url("today", "reading"))  # it was the last one: the session ended too
    assert answer["Location"].startswith("/account/login/")
    assert invited(managers, "Library; Rob; rob@example.org").status_code == 302
    theirs = signed_in(reporter.user)
    theirs.post(mailed_path(founded.initiative_id, "rob@example.org"))
    assert theirs.get(url("today", "reading")).status_code == 200


@pytest.mark.parametrize(
    "page", ["today", "organizations", "members", "invitations", "settings", "acts"]
)
def test_outsiders_find_nothing_and_observers_little(founded, manager, page):
    observer = member(founded, "obs@example.org", [Role.OBSERVER])
    address = url(page, "reading")
    assert Client().get(address).status_code == 302
    assert signed_in(person("out@example.org")).get(address).status_code == 404
    answer = signed_in(observer.user).get(address)
    # Whom nothing waits for, and who only reads, goes on to the numbers.
    assert answer.status_code == (302 if page == "today" else 403)
    assert page != "today" or answer["Location"] == reverse("measures:dashboard", args=["reading"])
    assert signed_in(manager).get(address).status_code == 200


def test_settings_are_saved_and_noted(founded, manager):
    form = {"name": "Reading", "time_zone": "UTC", "question": "Why?", "place": "Springfield"}
    assert signed_in(manager).post(url("settings", "reading"), form).status_code == 302
    with scope(founded.initiative_id):
        assert Act.objects.latest("id").detail == {"changed": ["name", "question"]}


def test_a_person_speaks_for_another_of_their_organizations(founded, manager):
    with scope(founded.initiative_id):
        library = Organization.here(code="library", name="Library")
        library.save()
        second = Membership.here(user=manager, organization=library, roles=[Role.PARTNER_REPORTER])
        second.save()
    client = signed_in(manager)
    assert client.get(url("settings", "reading")).status_code == 200
    client.post(url("membership_switch", "reading"), {"membership": second.pk})
    assert client.get(url("settings", "reading")).status_code == 403


@pytest.mark.parametrize("name", ["account_login", "account_signup", "account_reset_password"])
def test_sign_in_pages_look_like_the_product(name):
    response = Client().get(reverse(name))
    assert response.status_code == 200
    assert b'class="brand"' in response.content
    assert b'class="button primary"' in response.content


def test_authenticator_secrets_are_encrypted():
    adapter = EncryptingMFAAdapter()
    assert adapter.encrypt("secret") != "secret"
    assert adapter.decrypt(adapter.encrypt("secret")) == "secret"


def test_scripts_of_passkeys_pass_the_content_security_policy():
    page = Client().get(reverse("account_login"))
    scripts = re.findall(r"<script[^>]*\ssrc=[^>]*>", page.content.decode())
    assert any("webauthn" in script for script in scripts)
    nonce = re.search(r"'nonce-([^']+)'", page["Content-Security-Policy"])[1]
    assert all(f'nonce="{nonce}"' in script for script in scripts)


def test_who_owns_the_invited_address_as_a_second_one_is_asked_to_sign_in(founded, manager):
    lea = person("lea@example.org", "Lea")
    EmailAddress.objects.create(user=lea, email="lea@work.example.org", verified=True)
    invited(signed_in(manager), "Library; Lea; lea@work.example.org")
    path = mailed_path(founded.initiative_id, "lea@work.example.org")
    form = {"name": "Somebody", "password": "a quiet choir sings"}
    assert "sign in" in Client().post(path, form).text.lower()
    assert User.objects.filter(email="lea@work.example.org").count() == 0
    assert signed_in(lea).post(path).status_code == 302
    with scope(founded.initiative_id):
        assert Membership.objects.filter(user=lea).exists()

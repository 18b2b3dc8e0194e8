"""One person's data: handed out whole, and forgotten everywhere (V14)."""

import json

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from initiatives import services
from initiatives.models import Act, Invitation, Membership, Notice, User
from initiatives.permissions import Role
from initiatives.services.forgetting import forget_person
from initiatives.tenancy import scope
from tests import database
from tests.initiatives.test_sign_in import PASSWORD

NAME, SECOND = "Persephone Quill", "quill@persephone.example"
# The record of acts is never changed. What it says of people is their names as they were then, and no
# page shows it (``templatetags.acts.UNNAMED``): why, is in docs/decisions/0034.
KEPT = {("initiatives_act", "subject_label")}


@pytest.fixture
def quill(twins):
    """Somebody who did everything that a twin has of its first organization's lead."""
    mine, theirs = twins
    user = User.objects.get(email=mine.person(Role.PARTNER_LEAD, "first"))
    user.name = NAME
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email=SECOND, verified=True)
    TOTP.activate(user, generate_totp_secret())
    with scope(mine.initiative_id):
        manager = Membership.objects.get(user__email=mine.person(Role.PROJECT_MANAGER))
        own = Membership.objects.get(user=user).organization
        lead = Membership.objects.get(user=user)
        services.invite(
            actor=lead, organization=own, email="new@here.example", roles=[Role.PARTNER_REPORTER]
        )
    with scope(theirs.initiative_id):
        other = Membership.objects.get(user__email=theirs.person(Role.PROJECT_MANAGER))
        services.invite(
            actor=other,
            organization=other.organization,
            email=SECOND.title(),
            name=NAME,
            roles=[Role.OBSERVER],
        )
    return mine, user, manager


def places_of(*words):
    """Every table and column in which one of the words stands, whatever the case."""
    found = set()
    with database.admin(connection.settings_dict["NAME"]) as admin:
        columns = admin.execute(
            "SELECT c.table_name, c.column_name FROM information_schema.columns AS c"
            " JOIN information_schema.tables AS t USING (table_schema, table_name)"
            " WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'"
            " AND c.data_type IN ('text', 'character varying', 'jsonb', 'ARRAY')"
        ).fetchall()
        for table, column in columns:
            for word in words:
                question = f'SELECT EXISTS (SELECT FROM "{table}" WHERE "{column}"::text ILIKE %s)'
                if admin.execute(question, [f"%{word}%"]).fetchone()[0]:
                    found.add((table, column))
    return found


def test_v14_a_person_who_is_forgotten_is_named_nowhere(quill):
    mine, user, _manager = quill
    words = (NAME, SECOND, user.email)
    assert len(places_of(*words)) > 5
    call_command("forget_person", SECOND, yes=True)
    assert places_of(*words) <= KEPT
    left = User.objects.get(pk=user.pk)
    assert not left.is_active
    assert not left.has_usable_password()
    assert not Authenticator.objects.filter(user=left).exists()
    answer = Client().post("/account/login/", {"login": words[2], "password": PASSWORD})
    assert answer.status_code == 200
    with scope(mine.initiative_id):
        assert not Membership.objects.current().filter(user=left).exists()
        told = Act.objects.filter(action="initiatives.person_forgotten")
        assert [str(each.means) for each in told] == ["command"]
        assert NAME not in told.get().subject_label
        assert not Notice.objects.filter(user=left).exclude(context={}).exists()


def test_v14_what_they_said_for_their_organization_stays(quill):
    _mine, user, _manager = quill
    before = rows_pointing_at(user)
    forget_person(user=user)
    call_command("verify_acts")
    after = rows_pointing_at(user)
    gone = {name for name, number in before.items() if after[name] < number}
    assert gone <= {
        *("account.EmailAddress", "mfa.Authenticator", "usersessions.UserSession"),
        "initiatives.AnsweredForm",
    }


def rows_pointing_at(user):
    found = {}
    with database.admin(connection.settings_dict["NAME"]) as admin:
        for model in apps.get_models():
            ways = [f for f in model._meta.concrete_fields if f.related_model is User]
            for field in ways:
                question = (
                    f'SELECT count(*) FROM "{model._meta.db_table}" WHERE "{field.column}" = %s'
                )
                number = admin.execute(question, [user.pk]).fetchone()[0]
                found[model._meta.label] = found.get(model._meta.label, 0) + number
    return found


def test_v14_everything_that_points_at_a_person_is_handed_out(quill, capsys):
    mine, user, _manager = quill
    call_command("export_person", user.email)
    told = json.loads(capsys.readouterr().out)
    assert told["person"]["name"] == NAME
    assert {each["email"] for each in told["addresses"]} == {user.email, SECOND}
    pointing = {
        name: number
        for name, number in rows_pointing_at(user).items()
        if number and apps.get_model(name)._meta.app_label not in {"account", "mfa", "usersessions"}
    }
    parts = [told["beside"], told[mine.slug], told["twin-b"]]
    for name, number in pointing.items():
        assert sum(len(part.get(name, [])) for part in parts) >= number, name
    assert told["twin-b"]["initiatives.Invitation"]  # by the address alone
    text = json.dumps(told)
    assert user.password not in text
    for secret in ("secret", "digest", 'session_key": "', "argon2"):
        assert f'"{secret}' not in text


def test_an_open_invitation_keeps_its_address(quill):
    """By it the seal of a round knows who was let in."""
    mine, _user, manager = quill
    with scope(mine.initiative_id):
        theirs = Invitation.objects.filter(email="new@here.example")
        for gone in ("x@forgotten.invalid", "other@example.org"):
            with pytest.raises(IntegrityError, match="kept as it was"), transaction.atomic():
                theirs.update(email=gone)
        services.revoke_invitation(actor=manager, invitation=theirs.get())
        with pytest.raises(IntegrityError, match="kept as it was"), transaction.atomic():
            theirs.update(email="other@example.org")
        with pytest.raises(IntegrityError, match="kept as it was"), transaction.atomic():
            theirs.update(email="x@forgotten.invalid", revoked_at=None)


def test_the_only_manager_is_not_forgotten_before_there_is_another(twins):
    mine, _theirs = twins
    user = User.objects.get(email=mine.person(Role.PROJECT_MANAGER))
    with pytest.raises(ValidationError, match="project manager"):
        forget_person(user=user)
    assert User.objects.get(pk=user.pk).is_active


def test_nobody_is_forgotten_by_a_slip(quill):
    _mine, user, _manager = quill
    with pytest.raises(CommandError, match="Say --yes"):
        call_command("forget_person", user.email)
    with pytest.raises(CommandError, match="Nobody has"):
        call_command("forget_person", "nobody@example.org", yes=True)
    with pytest.raises(CommandError, match="Nobody has"):
        call_command("export_person", "nobody@example.org")
    assert User.objects.get(pk=user.pk).is_active

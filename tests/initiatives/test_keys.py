"""Keys are changed without anybody being sent away, and the old ones end."""

import pytest
from allauth.account.forms import default_token_generator
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.utils import decrypt
from cryptography.fernet import Fernet, InvalidToken
from django.core.management import call_command
from django.test import Client

from initiatives.adapters import EncryptingMFAAdapter
from tests.initiatives.test_sign_in import knows, person, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
NEW_KEY = "a new key of the site " * 3


def test_a_new_secret_key_keeps_who_is_signed_in_while_the_old_one_stands_behind_it(settings):
    mia, old = person("mia@example.org"), settings.SECRET_KEY
    seen, unseen = signed_in(mia), signed_in(mia)
    assert knows(seen)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW_KEY, [old]
    assert knows(seen)
    assert knows(signed_in(mia))
    settings.SECRET_KEY_FALLBACKS = []
    assert knows(seen)  # written anew with the new one meanwhile
    assert not knows(unseen)


def test_without_the_old_one_everybody_signs_in_again(settings):
    client = signed_in(person("mia@example.org"))
    settings.SECRET_KEY = NEW_KEY
    assert not knows(client)


def test_a_letter_about_a_password_outlives_the_key_it_was_written_with(settings):
    mia, old = person("mia@example.org"), settings.SECRET_KEY
    token = default_token_generator.make_token(mia)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW_KEY, [old]
    assert default_token_generator.check_token(mia, token)
    settings.SECRET_KEY_FALLBACKS = []
    assert not default_token_generator.check_token(mia, token)


@pytest.fixture
def secrets_kept():
    """A person with an app and recovery codes; what they are."""
    mia, secret = person("mia@example.org"), generate_totp_secret()
    TOTP.activate(mia, secret)
    return secret, RecoveryCodes.activate(mia).get_unused_codes()


def read():
    app = Authenticator.objects.get(type=Authenticator.Type.TOTP)
    codes = RecoveryCodes(Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES))
    return decrypt(app.data["secret"]), codes.get_unused_codes()


def test_the_first_key_writes_and_all_of_them_read(settings, secrets_kept):
    old, new = settings.FIELD_ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    assert read() == secrets_kept
    written = EncryptingMFAAdapter().encrypt("a secret")
    assert Fernet(new).decrypt(written.encode()) == b"a secret"
    settings.FIELD_ENCRYPTION_KEYS = [new]
    with pytest.raises(InvalidToken):
        read()


def test_once_all_is_encrypted_again_the_old_key_may_go(settings, secrets_kept, capsys):
    old, new = settings.FIELD_ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    call_command("encrypt_again")
    assert "2 encrypted" in capsys.readouterr().out
    settings.FIELD_ENCRYPTION_KEYS = [new]
    assert read() == secrets_kept
    assert Client().get("/account/login/").status_code == 200


def test_with_a_key_missing_nothing_is_written(settings, secrets_kept):
    old = settings.FIELD_ENCRYPTION_KEYS[0]
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(InvalidToken):
        call_command("encrypt_again")
    settings.FIELD_ENCRYPTION_KEYS = [old]
    assert read() == secrets_kept

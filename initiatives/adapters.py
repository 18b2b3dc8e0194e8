"""What is ours in sign-in: secrets are encrypted, a changed way in closes the old doors, and no
letter or limit believes the host that a request claims to be for.
"""

import logging
from types import SimpleNamespace
from typing import Any, ClassVar
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.core.mail import EmailMessage
from django.db.models import F
from django.http import HttpRequest
from django.template import Context, Engine
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from initiatives import guesses
from initiatives.sessions import end_sessions

logger = logging.getLogger(__name__)
KEY_LENGTH = 20
LOOKS_AT_A_NEWCOMER = 7
ENCRYPTED = "gAAAAA"  # how everything begins that is encrypted here
APP_SET_UP = "mfa/email/totp_activated"  # what allauth tells right after it
CODE_SENT = "account/messages/email_confirmation_sent.txt"  # likewise
SIGNING_UP = "account_email_verification_code"  # session: the address, and whose it is
WAYS = {
    "reauthenticate": _("With your password"),
    "mfa_reauthenticate": _("With a code of your app, or a recovery code"),
    "mfa_reauthenticate:webauthn": _("With a passkey or security key"),
}


class AccountAdapter(DefaultAccountAdapter):
    """Ends a person's other sessions whenever their way of signing in changes."""

    error_messages: ClassVar[dict[str, Any]] = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This sign-in is closed."),
        "email_password_mismatch": _("This address and this password do not belong together."),
        "email_taken": _("Somebody has signed up with this address before."),
        "enter_current_password": _("This is not your password until now."),
        "incorrect_code": _("This is not the code."),
        "incorrect_password": _("This is not your password."),
        "rate_limited": _("This was asked for too often. Try again in a few minutes."),
        "same_as_current": _("This is your address already."),
        "too_many_login_attempts": _("Too many tries. Wait a few minutes and try again."),
        "unknown_email": _("Nobody has signed up with this address."),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a letter whose links lead here, whatever host the request was sent to."""
        told = {
            name: at_home(value) if name.endswith("_url") else value
            for name, value in context.items()
        }
        here = SimpleNamespace(name="Concert", domain=urlsplit(settings.SITE_URL).netloc)
        super().send_mail(template_prefix, email, {"current_site": here} | told)

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """Write a letter in plain text, in which nothing is escaped."""
        subject = plain(f"{template_prefix}_subject.txt", context)
        return EmailMessage(
            self.format_email_subject(" ".join(subject.split())),
            plain(f"{template_prefix}_message.txt", context).strip() + "\n",
            self.get_from_email(),
            [email] if isinstance(email, str) else email,
            headers=headers,
        )

    def send_account_already_exists_mail(self, email: str) -> None:
        """Tell who has an account that somebody signs up for it, at the price of a new account."""
        spend_as_on_a_newcomer(email)
        super().send_account_already_exists_mail(email)

    def add_message(self, request: HttpRequest, *args: Any, **options: Any) -> None:
        """Say something in the browser. "A new code was sent" is followed by a letter to who has an
        account as well: allauth writes none, and its absence shows in how soon the answer comes.
        """
        super().add_message(request, *args, **options)
        state = request.session.get(SIGNING_UP, {})
        is_resent = CODE_SENT in args and request.POST.get("action") == "resend"
        if is_resent and state and "user_id" not in state:
            super().send_account_already_exists_mail(state["email"])

    def _get_login_attempts_cache_key(self, _request: HttpRequest, **credentials: Any) -> str:
        """Count guesses by account alone: another ``Host`` is not another account."""
        return f"login:{credentials.get('email', '').lower()}"

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Note where it was tried from; what was typed may be a password in the wrong field."""
        logger.warning("Sign-in refused, from %s", self.get_client_ip(request))

    def login(self, request: HttpRequest, user: Any) -> None:
        """Let a person in, and note it."""
        super().login(request, user)
        logger.info("Person %s signed in, from %s", user.pk, self.get_client_ip(request))

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """The ways in which somebody shows once more who they are, in our words."""
        ways: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [way | {"description": WAYS.get(way["id"], way["description"])} for way in ways]

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Any,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell the person of a changed password, address or factor; end their other sessions."""
        if template_prefix == APP_SET_UP:
            guesses.use_up_at_set_up(user, self.request.POST.get("code", ""))
        super().send_notification_mail(template_prefix, user, context, email)
        end_sessions(user.pk, but=self.request.session.session_key)


def spend_as_on_a_newcomer(email: str) -> None:
    """Do as much as a sign-up with an unknown address does, and change nothing.

    An answer that comes sooner would say that the address has an account: an unknown one costs the
    hash of its password, two rows that are stored, and several looks at them.
    """
    make_password(get_random_string(KEY_LENGTH))
    get_user_model().objects.filter(email=email).update(name=F("name"))
    addresses = EmailAddress.objects.filter(email=email)
    addresses.update(verified=F("verified"))
    for _look in range(LOOKS_AT_A_NEWCOMER):
        addresses.first()


def plain(name: str, context: dict[str, Any]) -> str:
    """Render a template that is no HTML."""
    return Engine.get_default().get_template(name).render(Context(context, autoescape=False))


def at_home(url: str) -> str:
    """The same page at our own address."""
    return settings.SITE_URL + urlsplit(url)._replace(scheme="", netloc="").geturl()


class EncryptingMFAAdapter(DefaultMFAAdapter):
    """Encrypts with the first of ``FIELD_ENCRYPTION_KEYS``, reads with all of them."""

    error_messages: ClassVar[dict[str, Any]] = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": _("The second step of signing in stays."),
        "cannot_generate_recovery_codes": _("Set up a second step first."),
        "incorrect_code": _("This is not the code, or it was used before."),
        "unverified_email": _("Show first that your e-mail address is yours."),
    }

    def encrypt(self, text: str) -> str:
        """What is stored in place of a secret."""
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret again."""
        return _fernet().decrypt(encrypted_text.encode()).decode()


def encrypted_anew(value: Any) -> Any:
    """What is encrypted, under the first key; anything else as it is.

    :raises InvalidToken: it is encrypted with a key that is not there.
    """
    if isinstance(value, str) and value.startswith(ENCRYPTED):
        return _fernet().rotate(value.encode()).decode()
    return value


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_ENCRYPTION_KEYS])

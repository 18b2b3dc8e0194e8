"""The forms that take the code of a second factor: few codes are looked at."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.base import forms

from initiatives.services import guesses


class _CountedCode:
    """Looks at a code only while few were tried; allauth's own count ends with Redis."""

    user: Any

    def clean_code(self) -> str:
        """The right code.

        :raises ValidationError: it is wrong, or too many were.
        """
        if not guesses.take_guess(self.user):
            raise get_adapter().validation_error("too_many_login_attempts")
        code: str = super().clean_code()  # type: ignore[misc]
        guesses.forget_guesses(self.user)
        return code


class AuthenticateForm(_CountedCode, forms.AuthenticateForm):
    """A code at sign-in."""


class ReauthenticateForm(_CountedCode, forms.ReauthenticateForm):
    """A code once more, before something that asks for it."""

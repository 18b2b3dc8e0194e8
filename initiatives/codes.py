"""How codes are taken: few are looked at, one after the other, and each opens once."""

import logging
from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.adapter import get_adapter as mfa_adapter
from allauth.mfa.base import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from initiatives import guesses
from initiatives.locks import count_alone

logger = logging.getLogger(__name__)
TAKES_CODES = "account_email_verification_sent"  # those of letters
TOO_MANY = 429
GetResponse = Callable[[HttpRequest], HttpResponse]


class _CountedCode:
    """Looks at a code only while few were tried; allauth's own count ends with Redis."""

    user: Any
    authenticator: Any  # whose code it is, once it is right

    def clean_code(self) -> str:
        """The right code.

        :raises ValidationError: it is wrong or was used, or too many were wrong.
        """
        if not guesses.take_guess(self.user):
            raise get_adapter().validation_error("too_many_login_attempts")
        try:
            code = self._looked_at()
        except ValidationError:
            logger.warning("A code of the second step was wrong: person %s", self.user.pk)
            raise
        guesses.forget_guesses(self.user)
        return code

    def _looked_at(self) -> str:
        with guesses.looked_at_alone(self.user):
            code: str = super().clean_code()  # type: ignore[misc]
            if not guesses.use_up(self.authenticator, code):
                raise mfa_adapter().validation_error("incorrect_code")
        return code


class AuthenticateForm(_CountedCode, forms.AuthenticateForm):
    """A code at sign-in."""


class ReauthenticateForm(_CountedCode, forms.ReauthenticateForm):
    """A code once more, before something that asks for it."""


def in_turn(get_response: GetResponse) -> GetResponse:
    """Look at the codes that one browser sends from a letter one after the other.

    How many were wrong is kept in the session, which is read before a code is looked at and written
    after the answer: those that come at once would all be the first. So this stands around it.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or request.path_info != reverse(TAKES_CODES):
            return get_response(request)
        with transaction.atomic():
            try:
                with transaction.atomic():
                    count_alone(f"codes {request.COOKIES.get(settings.SESSION_COOKIE_NAME, '')}")
            except OperationalError:  # so many wait that it took too long
                return render(request, "429.html", status=TOO_MANY)
            return get_response(request)

    return middleware

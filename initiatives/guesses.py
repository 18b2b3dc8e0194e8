"""Guesses at a second factor, counted where they hold: in the database, whatever becomes of Redis.

A code has six digits and costs nothing to check, so that an uncounted one is found within a day.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from allauth.mfa.utils import decrypt
from django.db import transaction

MOST_GUESSES = 5
COUNTED_SECONDS = 5 * 60
KEPT_AS = "guessed_at"  # beside the authenticator's secret
STEP_KEPT_AS = "used_step"  # likewise


@transaction.atomic
def take_guess(user: Any) -> bool:
    """Note that a code is tried; False if too many were, and this one is not to be looked at.

    They are kept with the person's first authenticator that codes are of, whose lock lets guesses in
    one by one.
    """
    kept = _kept(user)
    if kept is None:
        return True
    since = time.time() - COUNTED_SECONDS
    recent = [each for each in kept.data.get(KEPT_AS, []) if each > since]
    if len(recent) >= MOST_GUESSES:
        return False
    kept.data[KEPT_AS] = [*recent, time.time()]
    kept.save(update_fields=["data"])
    return True


@transaction.atomic
def forget_guesses(user: Any) -> None:
    """Begin to count anew: the right code was given."""
    kept = _kept(user)
    if kept is not None and kept.data.pop(KEPT_AS, None):
        kept.save(update_fields=["data"])


@contextmanager
def looked_at_alone(user: Any) -> Iterator[None]:
    """Look at a person's codes one after the other: of two at once the second sees the first's use."""
    with transaction.atomic():
        list(Authenticator.objects.select_for_update().filter(user=user).order_by("pk"))
        yield


def use_up(authenticator: Authenticator, code: str) -> bool:
    """Note a right code as used; False if it, or a later one, was used before.

    Of recovery codes allauth keeps itself which were. A clock's code it keeps in the cache alone;
    here it is the number of its step of 30 seconds (RFC 6238, 5.2: a code opens once), so that it
    opens once whatever becomes of Redis. Inside ``looked_at_alone``.
    """
    if authenticator.type != Authenticator.Type.TOTP:
        return True
    kept = Authenticator.objects.get(pk=authenticator.pk)
    step = _step(decrypt(kept.data["secret"]), code)
    if step <= kept.data.get(STEP_KEPT_AS, 0):
        return False
    kept.data[STEP_KEPT_AS] = step
    kept.save(update_fields=["data"])
    return True


def use_up_at_set_up(user: Any, code: str) -> None:
    """Note the code by which an app was set up as used: it opens nothing afterwards."""
    with looked_at_alone(user):
        app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
        if app is not None:
            use_up(app, code)


def _step(secret: str, code: str) -> int:
    """The step that a right code is of; a second may have passed since it was looked at."""
    now = int(time.time()) // app_settings.TOTP_PERIOD
    for step in (now, now - 1, now + 1):
        expected = auth.format_hotp_value(auth.hotp_value(secret, step))
        if compare_user_code(actual=code, expected=expected):
            return step
    return now


def _kept(user: Any) -> Authenticator | None:
    rows = Authenticator.objects.select_for_update().filter(user=user)
    of_codes = rows.exclude(type=Authenticator.Type.WEBAUTHN)
    found: Authenticator | None = of_codes.order_by("pk").first()
    return found

"""Guesses at a second factor, counted where they hold: in the database, whatever becomes of Redis.

A code has six digits and costs nothing to check, so that an uncounted one is found within a day.
"""

import time

from allauth.mfa.models import Authenticator
from django.db import transaction

from initiatives.models import User

MOST_GUESSES = 5
COUNTED_SECONDS = 5 * 60
KEPT_AS = "guessed_at"  # beside the authenticator's secret


@transaction.atomic
def take_guess(user: User) -> bool:
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
def forget_guesses(user: User) -> None:
    """Begin to count anew: the right code was given."""
    kept = _kept(user)
    if kept is not None and kept.data.pop(KEPT_AS, None):
        kept.save(update_fields=["data"])


def _kept(user: User) -> Authenticator | None:
    rows = Authenticator.objects.select_for_update().filter(user=user)
    of_codes = rows.exclude(type=Authenticator.Type.WEBAUTHN)
    found: Authenticator | None = of_codes.order_by("pk").first()
    return found

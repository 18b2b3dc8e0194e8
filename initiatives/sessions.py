"""Sessions: ended when they must, and forgotten once they ended."""

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now


def end_sessions(user_id: int, *, but: str | None = None) -> int:
    """End the sessions of a person, except one; how many."""
    rows = UserSession.objects.filter(user_id=user_id)
    ended = list(rows.exclude(session_key=but) if but else rows)
    for each in ended:
        each.end()
    return len(ended)


def forget_ended() -> int:
    """Delete sessions past their day, and what was noted of them; how many.

    Whoever asks for a page that signs somebody up or in gets one: without this they only pile up,
    with the address that was typed.
    """
    ended, _by_model = Session.objects.filter(expire_date__lte=Now()).delete()
    there = Session.objects.filter(session_key=OuterRef("session_key"))
    UserSession.objects.exclude(Exists(there)).delete()
    return ended

"""Rows as they are now, kept so until the transaction ends."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from meetings.models import Meeting

BEGUN = gettext_lazy("The meeting has begun.")


def locking(model: Any, *along: str) -> Any:
    """The rows of a model, locked as they are read; ``along``: what they are read with, unlocked.

    Others may still refer to a locked row. Meetings are locked before what is of them.
    """
    rows = model.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related(*along) if along else rows


def locked_meeting(meeting: Meeting | None) -> Meeting:
    """The meeting, locked, with its series and body.

    :raises ValidationError: there is none.
    """
    if meeting is None:
        raise ValidationError(_("There is no such meeting."))
    found: Meeting = locking(Meeting, "series__body").get(pk=meeting.pk)
    return found


def locked_before(meeting: Meeting | None, begun: str | Promise = BEGUN) -> Meeting:
    """The same while it has not begun.

    :raises ValidationError: saying ``begun``, where it has.
    """
    locked = locked_meeting(meeting)
    if not locked.is_before:
        raise ValidationError(str(begun))
    return locked

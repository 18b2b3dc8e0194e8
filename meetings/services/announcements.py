"""Words to all, to a body or to a sector: written, looked at with their cost, sent once."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives.audit import record
from initiatives.models import Membership
from initiatives.notices import notify
from initiatives.permissions import Permission
from meetings.choices import AnnouncementState
from meetings.models import Announcement, MinutesCeiling, RequestAnswer
from meetings.models.letters import LONGEST_ANSWER
from meetings.selectors.announcements import cost_of, recipients
from meetings.selectors.rights import permit
from meetings.services.locks import locking
from meetings.services.metering import meter, take_turn
from meetings.services.series import ConflictError


def write_announcement(*, actor: Membership, **fields: Any) -> Announcement:
    """A new draft. ``fields``: title, text, kind, body, sector, minutes."""
    permit(actor.may(Permission.ANNOUNCEMENTS_WRITE))
    made = Announcement.here(written_by=actor, **fields)
    made.save()
    record(actor, "meetings.announcement_written", made)
    return made


def change_announcement(
    *, actor: Membership, announcement: Announcement, version: int, **fields: Any
) -> Announcement:
    """Change a draft.

    :raises ConflictError: somebody saved since ``version``.
    :raises ValidationError: it was sent.
    """
    permit(actor.may(Permission.ANNOUNCEMENTS_WRITE))
    locked = _locked(announcement)
    if not locked.is_draft:
        raise ValidationError(_("It was sent and cannot be changed any more."))
    _same(locked, version)
    for name, value in fields.items():
        setattr(locked, name, value)
    locked.version += 1
    locked.save()
    record(actor, "meetings.announcement_changed", locked)
    return locked


def delete_announcement(*, actor: Membership, announcement: Announcement) -> None:
    """Throw a draft away; what was sent stays."""
    permit(actor.may(Permission.ANNOUNCEMENTS_WRITE))
    locked = _locked(announcement)
    if not locked.is_draft:
        raise ValidationError(_("It was sent and cannot be changed any more."))
    record(actor, "meetings.announcement_deleted", locked)
    locked.delete()


def send_announcement(
    *, actor: Membership, announcement: Announcement, version: int, confirmed: bool = False
) -> Announcement:
    """Send it: a request by mail now, news with each one's next weekly mail. Twice is once.

    :raises ValidationError: nobody would get it, or it asks too much of somebody and nobody
        ``confirmed`` that.
    :raises ConflictError: somebody changed the text since ``version`` was looked at.
    """
    permit(actor.may(Permission.ANNOUNCEMENTS_SEND))
    take_turn(actor.initiative_id)
    locked = _locked(announcement)
    if not locked.is_draft:
        return locked
    _same(locked, version)
    now, people = timezone.now(), recipients(locked)
    cost = cost_of(locked, people, now)
    if not people:
        raise ValidationError(_("Nobody would get it: the audience is empty."))
    if cost.over and not confirmed:
        raise ValidationError({"confirmed": f"{cost.warning} {_('Confirm it, or ask for less.')}"})
    locked.state, locked.sent_at = AnnouncementState.SENT, now
    locked.over_budget_confirmed = bool(cost.over)
    locked.version += 1
    locked.save()
    meter(locked, (each.user_id for each in people), minutes=locked.minutes, at=now)
    if locked.is_request:
        for each in people:
            _mail(locked, each)
    record(
        actor,
        "meetings.announcement_sent",
        locked,
        people=cost.people,
        minutes=cost.minutes,
        over=len(cost.over),
    )
    return locked


def answer_request(*, actor: Membership, announcement: Announcement, text: str) -> RequestAnswer:
    """Answer what one was asked for, in place; said again, the later words hold.

    :raises ValidationError: nothing is said, or it asks for nothing.
    """
    asked = Announcement.objects.sent().requests().to_member(actor).filter(pk=announcement.pk)
    permit(asked.exists())
    if not text.strip():
        raise ValidationError({"text": _("Write your answer.")})
    if len(text.strip()) > LONGEST_ANSWER:
        raise ValidationError({"text": _("Write up to %d characters.") % LONGEST_ANSWER})
    row, is_new = RequestAnswer.objects.get_or_create(
        initiative_id=actor.initiative_id,
        announcement=announcement,
        membership=actor,
        defaults={"text": text.strip()},
    )
    if not is_new and row.text == text.strip():
        return row  # sent twice
    if not is_new:
        row.text, row.answered_at = text.strip(), timezone.now()
        row.save(update_fields=["text", "answered_at"])
    record(actor, "meetings.request_answered", announcement)
    return row


def set_ceiling(*, actor: Membership, minutes: int) -> MinutesCeiling:
    """Say how many minutes a month may be asked of one person without a second thought."""
    permit(actor.may(Permission.ANNOUNCEMENTS_SEND))
    found, _is_new = MinutesCeiling.objects.update_or_create(
        initiative_id=actor.initiative_id, defaults={"minutes": minutes}
    )
    record(actor, "meetings.ceiling_set", found, minutes=minutes)
    return found


def _mail(announcement: Announcement, to: Membership) -> None:
    page = reverse("meetings:announcement", args=[to.initiative.slug, announcement.pk])
    notify(
        "announcement",
        announcement,
        occasion="sent",
        recipient=to.user.email,
        user=to.user,
        url=settings.SITE_URL + page,
        title=announcement.title,
        text=announcement.text,
        minutes=announcement.minutes,
        answer_to=announcement.written_by.user.email,
        author=str(announcement.written_by.user),
    )


def _locked(announcement: Announcement) -> Announcement:
    found: Announcement | None = locking(Announcement).filter(pk=announcement.pk).first()
    if found is None:
        raise ValidationError(_("Somebody threw this draft away."))
    return found


def _same(locked: Announcement, version: int) -> None:
    if locked.version != version:
        raise ConflictError(_("Somebody changed this announcement since you opened it."))

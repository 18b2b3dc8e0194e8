"""Words to all, to a body or to a sector: written, looked at with their cost, sent once."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from initiatives.audit import record
from initiatives.models import Membership
from initiatives.notices import notify
from initiatives.permissions import Permission
from meetings.choices import AnnouncementState
from meetings.models import Announcement, MinutesCeiling
from meetings.selectors.announcements import cost_of, recipients
from meetings.services.metering import meter
from meetings.services.series import ConflictError


def write_announcement(*, actor: Membership, **fields: Any) -> Announcement:
    """A new draft. ``fields``: title, text, kind, body, sector, minutes."""
    _may(actor, Permission.ANNOUNCEMENTS_WRITE)
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
    _may(actor, Permission.ANNOUNCEMENTS_WRITE)
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
    _may(actor, Permission.ANNOUNCEMENTS_WRITE)
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
    _may(actor, Permission.ANNOUNCEMENTS_SEND)
    # One after another in an initiative: two sent at once would both find the month's minutes free.
    _lock_ceiling(actor)
    locked = _locked(announcement)
    if not locked.is_draft:
        return locked
    _same(locked, version)
    now, people = timezone.now(), recipients(locked)
    cost = cost_of(locked, people, now)
    if not people:
        raise ValidationError(_("Nobody would get it: the audience is empty."))
    if cost.over and not confirmed:
        text = ngettext(
            "%(n)d person would be asked for more than %(most)d minutes this month. Confirm it, or "
            "ask for less.",
            "%(n)d people would be asked for more than %(most)d minutes this month. Confirm it, or "
            "ask for less.",
            len(cost.over),
        )
        raise ValidationError({"confirmed": text % {"n": len(cost.over), "most": cost.ceiling}})
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


def set_ceiling(*, actor: Membership, minutes: int) -> MinutesCeiling:
    """Say how many minutes a month may be asked of one person without a second thought."""
    _may(actor, Permission.ANNOUNCEMENTS_SEND)
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
    rows = Announcement.objects.select_for_update(of=("self",), no_key=True)
    found: Announcement | None = rows.filter(pk=announcement.pk).first()
    if found is None:
        raise ValidationError(_("Somebody threw this draft away."))
    return found


def _lock_ceiling(actor: Membership) -> None:
    MinutesCeiling.objects.bulk_create(
        [MinutesCeiling(initiative_id=actor.initiative_id)], ignore_conflicts=True
    )
    MinutesCeiling.objects.select_for_update(of=("self",), no_key=True).get()


def _same(locked: Announcement, version: int) -> None:
    if locked.version != version:
        raise ConflictError(_("Somebody changed this announcement since you opened it."))


def _may(actor: Membership, permission: Permission) -> None:
    if not actor.may(permission):
        raise PermissionDenied

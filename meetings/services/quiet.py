"""What a person wants not to be written about: their own word, about their own letters."""

from datetime import time

from initiatives.audit import record
from initiatives.models import Membership, User
from meetings.models import QuietSetting, WeeklyChoice


def set_quiet(
    *,
    actor: Membership,
    without_reminders: bool,
    as_digest: bool,
    quiet_from: time | None = None,
    quiet_until: time | None = None,
) -> QuietSetting:
    """Say how one wants to be reminded of meetings here; what waits follows with the next tick."""
    setting, _is_new = QuietSetting.objects.update_or_create(
        initiative_id=actor.initiative_id,
        user_id=actor.user_id,
        defaults={
            "without_reminders": without_reminders,
            "as_digest": as_digest,
            "quiet_from": quiet_from,
            "quiet_until": quiet_until,
        },
    )
    record(actor, "meetings.quiet_set", setting)
    return setting


def set_weekly(*, user: User, wanted: bool) -> WeeklyChoice:
    """Say whether one wants the weekly mail. It is in no initiative, so there is no act of it."""
    choice, _is_new = WeeklyChoice.objects.update_or_create(
        user=user, defaults={"is_off": not wanted}
    )
    return choice

"""Delegates without an account: named by name and address, let in by their link alone.

Nothing here asks whether an address belongs to somebody: it is written to, whosever it is, and who
named it learns nothing of it.
"""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives import quotas
from initiatives.choices import Means, MemberLevel
from initiatives.models import Membership
from initiatives.permissions import Permission
from meetings.choices import AttendanceMode, DelegationScope
from meetings.models import Briefing, Delegation, Meeting, Seat
from meetings.selectors.people import may_speak_for
from meetings.selectors.rights import may_at, permit
from meetings.services.attendance import come, leave
from meetings.services.delegations import GONE
from meetings.services.replies import WHO, assemble_briefing, let_come, say_lines

FORGOTTEN = timedelta(days=30)  # after the meeting


def name_outsider(
    *,
    actor: Membership | None,
    meeting: Meeting,
    seat: Seat,
    name: str,
    email: str,
    level: str,
    mandate: str = "",
    scope: str = DelegationScope.DECIDE,
    means: Means = Means.WEB,
) -> Delegation:
    """Let somebody without an account come for the seat, and write them a link to their briefing.

    ``actor`` None: the holder of the seat's link.

    :raises ValidationError: no name, address or level, no delegates here, the holder's own address,
        or too many today.
    """
    permit(actor is None or may_speak_for(actor, seat))
    name, email = name.strip(), email.strip().lower()
    if not name or not email:
        raise ValidationError({"name": _("Say what they are called, and their e-mail address.")})
    if level not in MemberLevel:
        raise ValidationError({"level": _("Say at what level they work: it is asked for.")})
    if seat.holder is not None and seat.holder.user.email.lower() == email:
        raise ValidationError({"email": _("The holder of the seat needs no mandate.")})
    made = Delegation.here(
        meeting=meeting,
        seat=seat,
        outside_name=name,
        outside_email=email,
        outside_level=level,
        mandate=mandate.strip(),
        scope=scope,
    )
    _check_letters(made)
    return let_come(made, actor=actor, means=means)


def _check_letters(made: Delegation) -> None:
    """Whoever names may not write to strangers without end; the same once more is no letter."""
    same = {each: getattr(made, each) for each in WHO}
    standing = Delegation.objects.filter(meeting=made.meeting, seat=made.seat, **same)
    if standing.exclude(state__in=GONE).exists():
        return
    named = Delegation.objects.filter(delegate=None, named_at__gte=quotas.a_day_ago())
    here = named.filter(seat__organization=made.seat.organization_id)
    quotas.check("outside_delegates", here.count)
    quotas.check("outside_letters", named.filter(outside_email=made.outside_email).count)


def brief_outsider(
    *, delegation: Delegation, lines: dict[int, tuple[str, str]], means: Means = Means.LINK
) -> Briefing:
    """Say the seat's line as its delegate without an account; by their link."""
    permit(delegation.is_outside and delegation.state not in GONE)
    pack = assemble_briefing(meeting=delegation.meeting, seat=delegation.seat)
    return say_lines(pack, delegation, lines, actor=None, means=means)


def mark_outsider(
    *,
    actor: Membership | None,
    delegation: Delegation,
    is_there: bool,
    mode: str = AttendanceMode.ROOM,
    means: Means = Means.WEB,
) -> None:
    """Note that a delegate without an account is there, or left. Twice is once.

    ``actor`` None: they say so themselves, by their link.
    """
    permit(
        actor is None
        or may_speak_for(actor, delegation.seat)
        or may_at(actor, Permission.MEETINGS_RUN, delegation.meeting)
    )
    permit(delegation.is_outside)
    if delegation.state in GONE:
        raise ValidationError(_("This mandate is over."))
    who = {"delegation": delegation}
    if is_there:
        come(delegation.meeting, delegation.seat, who, actor=actor, mode=mode, means=means)
    else:
        leave(delegation.meeting, who, actor=actor, means=means)


def forget_outsiders() -> int:
    """Forget the addresses of delegates whose links have lapsed; how many. For the clock."""
    rows = Delegation.objects.filter(meeting__ends_at__lt=timezone.now() - FORGOTTEN)
    return int(rows.exclude(outside_email="").update(outside_email=""))

"""Whether a seat comes, who comes for it, and the briefing without which nobody counts."""

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives.audit import record
from initiatives.choices import Means
from initiatives.models import Membership
from initiatives.notices import notify
from meetings.choices import (
    BriefingLine,
    DelegatePolicy,
    DelegationScope,
    DelegationState,
    ReplyKind,
)
from meetings.models import (
    AgendaItem,
    Briefing,
    BriefingAnswer,
    Delegation,
    Meeting,
    Reply,
    Seat,
)
from meetings.selectors.briefings import content_of, digest_of, is_answered
from meetings.selectors.people import may_speak_for
from meetings.selectors.rights import permit
from meetings.services.delegations import GONE, end_delegation, is_delegate, write_to_delegate
from meetings.services.locks import locked_before
from meetings.services.seat_links import seat_address


def reply(
    *,
    actor: Membership | None,
    meeting: Meeting,
    seat: Seat,
    kind: str,
    note: str = "",
    means: Means = Means.WEB,
) -> Reply:
    """Say whether the seat will be there, for this meeting alone.

    ``actor`` None: the holder of the seat's link.
    """
    _may_speak(actor, seat)
    locked_before(meeting)
    said = {
        "kind": kind,
        "note": note.strip(),
        "replied_by": actor or seat.holder,
        "replied_at": timezone.now(),
    }
    row, _is_new = Reply.objects.update_or_create(
        initiative_id=meeting.initiative_id, meeting=meeting, seat=seat, defaults=said
    )
    if kind == ReplyKind.YES:
        _lapse(meeting, seat)
    record(actor or seat.holder, "meetings.replied", row, means=means, kind=kind)
    return row


def name_delegate(
    *,
    actor: Membership | None,
    meeting: Meeting,
    seat: Seat,
    delegate: Membership,
    mandate: str = "",
    scope: str = DelegationScope.DECIDE,
    means: Means = Means.WEB,
) -> Delegation:
    """Let somebody of the same organization come for the seat, and write them their briefing.

    :raises ValidationError: no delegates here, not somebody who speaks for the organization, or no
        mandate to decide within.
    """
    if delegate.organization_id != seat.organization_id or not delegate.is_current:
        raise ValidationError({"delegate": _("A delegate must speak for the organization.")})
    if delegate.pk == seat.holder_id:
        raise ValidationError({"delegate": _("The holder of the seat needs no mandate.")})
    return let_come(
        Delegation.here(
            meeting=meeting, seat=seat, delegate=delegate, mandate=mandate.strip(), scope=scope
        ),
        actor=actor,
        means=means,
    )


WHO = ("delegate_id", "outside_name", "outside_email", "outside_level", "mandate", "scope")


def let_come(made: Delegation, *, actor: Membership | None, means: Means) -> Delegation:
    """Let a delegate who was looked at come for their seat, instead of whoever was to."""
    meeting, seat = made.meeting, made.seat
    _may_speak(actor, seat)
    locked = locked_before(meeting)
    if locked.series.delegate_policy == DelegatePolicy.NONE:
        raise ValidationError(_("In this series only the holder of a seat counts."))
    if made.scope == DelegationScope.DECIDE_WITHIN and not made.mandate:
        raise ValidationError({"mandate": _("Say within what mandate they may decide.")})
    before = standing_delegation(meeting, seat)
    if before is not None:
        if all(getattr(before, name) == getattr(made, name) for name in WHO):
            return before
        end_delegation(before, DelegationState.VOID)
    made.named_by = actor or seat.holder
    made.save()
    Reply.objects.update_or_create(
        initiative_id=meeting.initiative_id,
        meeting=meeting,
        seat=seat,
        defaults={"kind": ReplyKind.DELEGATE, "replied_by": actor or seat.holder},
    )
    record(actor or seat.holder, "meetings.delegate_named", made, means=means)
    assemble_briefing(meeting=meeting, seat=seat)
    write_to_delegate(made)
    return made


def standing_delegation(meeting: Meeting, seat: Seat) -> Delegation | None:
    """The delegation that stands for a seat, if one does."""
    rows = Delegation.objects.filter(meeting=meeting, seat=seat).exclude(state__in=GONE)
    found: Delegation | None = rows.select_related(
        *("delegate__user", "seat__organization", "seat__holder__user"),
        "meeting__series__initiative",
    ).first()
    return found


def assemble_briefing(*, meeting: Meeting, seat: Seat) -> Briefing:
    """The pack of a seat as things stand; the same content is the same pack."""
    content = content_of(meeting, seat)
    pack, is_new = Briefing.objects.get_or_create(
        initiative_id=meeting.initiative_id,
        meeting=meeting,
        seat=seat,
        digest=digest_of(content),
        defaults={"content": content},
    )
    newest = Briefing.objects.filter(meeting=meeting, seat=seat).order_by("-assembled_at", "-id")
    if not is_new and newest.values_list("pk", flat=True)[0] != pack.pk:
        # What was changed and changed back holds again: the newest pack is the one that holds.
        pack.assembled_at = timezone.now()
        pack.save(update_fields=["assembled_at"])
    return pack


def settle_briefings(meeting: Meeting) -> None:
    """Keep what the delegates should know as the meeting begins: what changes later is no news."""
    rows = Delegation.objects.filter(meeting=meeting).exclude(state__in=GONE)
    for each in rows.select_related("seat__organization"):
        assemble_briefing(meeting=meeting, seat=each.seat)


def answer_briefing(
    *,
    actor: Membership | None,
    briefing: Briefing,
    lines: dict[int, tuple[str, str]],
    means: Means = Means.WEB,
) -> Briefing:
    """Say our line on the items to decide; ``lines``: line and note by item id.

    The holder may correct what the delegate said, until the meeting begins.

    :raises ValidationError: the pack has changed, or an item is not in it.
    """
    seat, meeting = briefing.seat, briefing.meeting
    standing = standing_delegation(meeting, seat)
    if standing is None or actor is None or standing.delegate_id != actor.pk:
        _may_speak(actor, seat)
    return say_lines(briefing, standing, lines, actor=actor or seat.holder, means=means)


def say_lines(
    briefing: Briefing,
    standing: Delegation | None,
    lines: dict[int, tuple[str, str]],
    *,
    actor: Membership | None,
    means: Means,
) -> Briefing:
    """Keep what somebody said who may; ``actor`` None: the delegate without an account."""
    seat, meeting = briefing.seat, briefing.meeting
    if digest_of(content_of(meeting, seat)) != briefing.digest:
        raise ValidationError(_("The briefing changed since you opened it. Please look again."))
    items = {
        each.pk: each for each in AgendaItem.objects.filter(meeting=meeting) if each.asks_to_decide
    }
    for item_id, (line, note) in lines.items():
        if item_id not in items or line not in BriefingLine:
            raise ValidationError(_("This item is not one to decide."))
        BriefingAnswer.objects.update_or_create(
            initiative_id=meeting.initiative_id,
            briefing=briefing,
            item=items[item_id],
            defaults={
                "line": line,
                "note": note.strip()[:300],
                "answered_by": actor,
                "answered_at": timezone.now(),
            },
        )
    if standing is not None and is_answered(briefing):
        Delegation.objects.filter(
            pk=standing.pk, state__in=[DelegationState.NAMED, DelegationState.NOTIFIED]
        ).update(state=DelegationState.BRIEFED)
    record(actor, "meetings.briefing_answered", briefing, means=means)
    return briefing


def write_debrief(
    *, actor: Membership | None, delegation: Delegation, text: str, means: Means = Means.WEB
) -> Delegation:
    """Tell the holder of the seat, after the meeting, what was said for the organization.

    ``actor`` None: the delegate without an account, by their link.
    """
    permit(is_delegate(actor, delegation))
    if not delegation.meeting.is_held:
        raise ValidationError(_("The meeting was not held yet."))
    delegation.debrief = text.strip()
    delegation.save(update_fields=["debrief"])
    record(actor, "meetings.debriefed", delegation, means=means)
    holder = delegation.seat.holder
    if holder is not None and delegation.debrief:
        notify(
            "meeting_debrief",
            delegation,
            occasion=f"debrief {delegation.pk}",
            recipient=holder.user.email,
            user=holder.user,
            url=seat_address(delegation.meeting, delegation.seat, holder),
            name=delegation.meeting.series.name,
            delegate=delegation.called,
            text=delegation.debrief,
        )
    return delegation


def _lapse(meeting: Meeting, seat: Seat) -> None:
    """The holder comes after all."""
    standing = standing_delegation(meeting, seat)
    if standing is not None:
        end_delegation(standing, DelegationState.LAPSED)


def _may_speak(actor: Membership | None, seat: Seat) -> None:
    permit(actor is None or may_speak_for(actor, seat))

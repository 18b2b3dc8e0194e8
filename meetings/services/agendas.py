"""Agendas: proposed by all, put in order by one, agreed by the seats, carried over by themselves."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from agenda.models import Difference
from initiatives.audit import record
from initiatives.choices import Means
from initiatives.models import Membership
from initiatives.permissions import Permission, Role
from measures.models import Indicator
from meetings.choices import AgendaAnswerKind, ItemPurpose, ItemState, MeetingState
from meetings.models import AgendaAnswer, AgendaItem, Body, Meeting, Seat
from meetings.selectors.agendas import digest_of
from meetings.selectors.people import may_speak_for
from meetings.selectors.rights import may_at, may_with, permit
from meetings.services.agreement import settle
from meetings.services.carrying import next_position
from meetings.services.delegate_letters import write_to_decide
from meetings.services.locks import locked_before, locking
from meetings.services.series import ConflictError

OPEN: dict[str, Any] = {"resolved_at": None, "resolved_by": None, "resolution": ""}
STANDS = gettext_lazy("The meeting has begun; its agenda stands.")


def open_agenda(*, actor: Membership, meeting: Meeting) -> Meeting:
    """Let the agenda of a planned meeting be filled and answered from now on; twice is once."""
    permit(may_at(actor, Permission.MEETINGS_AGENDA, meeting))
    locked = locked_before(meeting)
    if locked.state == MeetingState.PLANNED:
        locked.state = MeetingState.AGENDA_OPEN
        locked.version += 1
        locked.save(update_fields=["state", "version"])
        record(actor, "meetings.agenda_opened", locked)
        settle(locked)
    return locked


def propose_item(
    *,
    actor: Membership,
    body: Body,
    title: str,
    meeting: Meeting | None = None,
    text: str = "",
    purpose: str = ItemPurpose.DISCUSS,
    minutes: int = 10,
    indicator: Indicator | None = None,
    difference: Difference | None = None,
    owner: Membership | None = None,
) -> AgendaItem:
    """Put something forward to talk about; whoever sets the agenda takes it up or says why not.

    :raises PermissionDenied: the actor neither has a seat in the body nor serves all.
    """
    permit(may_propose(actor, body, meeting))
    if meeting is not None:
        locked_before(meeting, STANDS)
    item = AgendaItem.here(
        body=body,
        meeting=meeting,
        title=title.strip(),
        text=text,
        purpose=purpose,
        minutes=minutes,
        proposer_id=actor.organization_id,
        proposed_by=actor,
        owner=owner or actor,
        indicator=indicator,
        difference=difference,
        position=next_position(body, meeting),
    )
    item.save()
    record(actor, "meetings.item_proposed", item)
    return item


def add_item(*, actor: Membership, body: Body, meeting: Meeting, **fields: Any) -> AgendaItem:
    """Put an item on an agenda in one step, for who sets it anyway. ``fields``: of propose_item."""
    permit(may_at(actor, Permission.MEETINGS_AGENDA, meeting))
    item = propose_item(actor=actor, body=body, meeting=meeting, **fields)
    return accept_item(actor=actor, item=item, meeting=meeting)


def may_propose(actor: Membership, body: Body, meeting: Meeting | None = None) -> bool:
    """Members anywhere; whoever else only where they sit, or what they facilitate."""
    if actor.may(Permission.MEETINGS_PROPOSE):
        return True
    if meeting is not None and may_at(actor, Permission.MEETINGS_PROPOSE, meeting):
        return True
    held = Seat.objects.current().filter(body=body, holder=actor).exists()
    return held or (Role.FUNDER in actor.roles and is_seated(actor, body))


def is_seated(actor: Membership, body: Body) -> bool:
    """Whether the actor's organization has a seat, or the actor holds one."""
    return Seat.objects.current().filter(body=body, organization=actor.organization_id).exists()


def accept_item(*, actor: Membership, item: AgendaItem, meeting: Meeting | None) -> AgendaItem:
    """Take an item up: for a meeting, or to wait for one."""
    # Meetings are locked before their items, wherever both are.
    agenda = locked_before(meeting, STANDS) if meeting is not None else None
    locked = _locked(item)
    permit(may_set(actor, locked, meeting))
    if not locked.is_open:
        raise ValidationError(_("This item is no longer open."))
    if meeting is not None and meeting.series.body_id != locked.body_id:
        raise ValidationError(_("This meeting is of another body."))
    left = locked.meeting if locked.state == ItemState.SCHEDULED else None
    wanted = ItemState.SCHEDULED if meeting else ItemState.ACCEPTED
    if locked.state == wanted and locked.meeting_id == (meeting.pk if meeting else None):
        return locked
    if locked.meeting_id != (meeting.pk if meeting else None):
        locked.position = next_position(locked.body, meeting)
    locked.meeting = meeting
    locked.state = wanted
    _store(locked)
    record(actor, "meetings.item_accepted", locked)
    write_to_decide(locked)
    for each in (agenda, left):
        if each is not None and each.is_before:
            settle(each)
    return locked


def decline_item(*, actor: Membership, item: AgendaItem, reason: str) -> AgendaItem:
    """Turn an item down, with a reason the proposer can read."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say why.")})
    agenda = item.meeting if item.state == ItemState.SCHEDULED else None
    if agenda is not None:
        agenda = locked_before(agenda, STANDS)
    locked = _item(actor, item)
    if locked.state == ItemState.DECLINED:
        return locked  # said twice
    if not locked.is_open:
        raise ValidationError(_("This item is no longer open."))
    locked.state, locked.reason = ItemState.DECLINED, reason.strip()
    _store(locked)
    record(actor, "meetings.item_declined", locked, reason=locked.reason)
    if agenda is not None:
        settle(agenda)
    return locked


def change_item(
    *,
    actor: Membership,
    item: AgendaItem,
    version: int,
    title: str,
    purpose: str,
    minutes: int,
    text: str = "",
    owner: Membership | None = None,
    indicator: Indicator | None = None,
    difference: Difference | None = None,
) -> AgendaItem:
    """Change what an item says. Its proposer may until it is taken up, who sets agendas always.

    :raises ConflictError: somebody saved since ``version``.
    """
    if item.meeting is not None:
        locked_before(item.meeting, STANDS)
    locked = _locked(item)
    permit(may_change(actor, locked))
    if locked.version != version:
        raise ConflictError(_("Somebody changed this item since you opened it."))
    if not locked.is_open:
        raise ValidationError(_("This item is no longer open."))
    decided_before = locked.asks_to_decide
    locked.title, locked.text, locked.purpose = title.strip(), text, purpose
    locked.minutes, locked.owner = minutes, owner or locked.owner
    locked.indicator, locked.difference = indicator, difference
    _store(locked)
    record(actor, "meetings.item_changed", locked)
    if locked.state == ItemState.SCHEDULED and not decided_before:
        write_to_decide(locked)
    if locked.meeting is not None and locked.meeting.is_before:
        settle(locked.meeting)
    return locked


def may_change(actor: Membership, item: AgendaItem) -> bool:
    """Its proposer until it is taken up; who sets agendas always."""
    own = item.proposed_by_id == actor.pk and item.state == ItemState.PROPOSED
    return own or may_with(actor, Permission.MEETINGS_AGENDA, item)


def may_set(actor: Membership, item: AgendaItem, meeting: Meeting | None) -> bool:
    """Put an item on the agenda of ``meeting``, or, without one, let it wait. What waits for any
    meeting of its body may be taken up by whoever sets the agenda of one.
    """
    may = Permission.MEETINGS_AGENDA
    if meeting is None or item.meeting is not None:
        return may_with(actor, may, item) and (meeting is None or may_at(actor, may, meeting))
    return may_at(actor, may, meeting)


def delegate_item(*, actor: Membership, item: AgendaItem, body: Body) -> AgendaItem:
    """Hand an item to another group, where it waits for a meeting and counts anew.

    :raises ValidationError: it is that group's already, or is no longer open.
    """
    agenda = item.meeting if item.state == ItemState.SCHEDULED else None
    if agenda is not None:
        agenda = locked_before(agenda, STANDS)
    locked = _item(actor, item)
    if not locked.is_open:
        raise ValidationError(_("This item is no longer open."))
    if locked.body_id == body.pk:
        raise ValidationError({"body": _("This group has it already.")})
    before = locked.body
    locked.body, locked.meeting, locked.state = body, None, ItemState.ACCEPTED
    locked.times_carried, locked.position = 0, next_position(body, None)
    _store(locked)
    record(actor, "meetings.item_delegated", locked, before=before.name, after=body.name)
    if agenda is not None:
        settle(agenda)
    return locked


def move_item(*, actor: Membership, item: AgendaItem, up: bool) -> None:
    """Let an item change places with the one before or after it."""
    permit(may_with(actor, Permission.MEETINGS_AGENDA, item))
    if item.meeting_id is None:
        return
    agenda = locked_before(item.meeting, STANDS)
    rows = locking(AgendaItem)
    found = list(rows.filter(meeting=item.meeting_id, state=ItemState.SCHEDULED))
    place = next((n for n, each in enumerate(found) if each.pk == item.pk), None)
    other = None if place is None else place + (-1 if up else 1)
    if place is None or other is None or not 0 <= other < len(found):
        return
    found[place], found[other] = found[other], found[place]
    for position, each in enumerate(found):
        each.position = position
    AgendaItem.objects.bulk_update(found, ["position"])
    record(actor, "meetings.item_moved", item)
    settle(agenda)


def answer_agenda(
    *,
    actor: Membership | None,
    meeting: Meeting,
    seat: Seat,
    kind: str,
    digest: str,
    text: str = "",
    means: Means = Means.WEB,
) -> AgendaAnswer:
    """A seat agrees to the agenda as it stands, or asks for a change.

    ``actor`` None: the holder of the seat's link, who is the holder of the seat.

    :raises ConflictError: the agenda is not the one that was read.
    """
    permit(actor is None or may_speak_for(actor, seat))
    locked = locked_before(meeting, STANDS)
    if digest != digest_of(locked):
        raise ConflictError(_("The agenda changed since you opened it. Please look again."))
    said: dict[str, Any] = {
        "kind": kind,
        "digest": digest,
        "answered_by": actor or seat.holder,
        "answered_at": timezone.now(),
    }
    if kind == AgendaAnswerKind.CHANGE:
        if not text.strip():
            raise ValidationError({"text": _("Say what should change.")})
        said |= {"text": text.strip(), **OPEN}
    else:
        # Who agrees takes back what they asked for; what was answered stays to be read.
        rows = AgendaAnswer.objects.filter(meeting=meeting, seat=seat, resolved_at=None)
        rows.update(kind=kind, text="")
    answer, _is_new = AgendaAnswer.objects.update_or_create(
        initiative_id=meeting.initiative_id, meeting=meeting, seat=seat, defaults=said
    )
    record(actor or seat.holder, "meetings.agenda_answered", answer, means=means, kind=kind)
    settle(locked)
    return answer


def resolve_change(*, actor: Membership, answer: AgendaAnswer, text: str = "") -> None:
    """Say that a request for change was taken up or talked through, and in ``text`` what became of
    it; the seat reads that, and may ask again.
    """
    permit(may_at(actor, Permission.MEETINGS_AGENDA, answer.meeting))
    locked = locked_before(answer.meeting, STANDS)
    open_ones = AgendaAnswer.objects.filter(
        pk=answer.pk, kind=AgendaAnswerKind.CHANGE, resolved_at=None
    )
    said = {"resolved_at": timezone.now(), "resolved_by": actor, "resolution": text.strip()}
    if open_ones.update(**said):
        record(actor, "meetings.change_resolved", answer)
    settle(locked)


def _store(item: AgendaItem) -> None:
    item.version += 1
    item.save()


def _item(actor: Membership, item: AgendaItem) -> AgendaItem:
    locked = _locked(item)
    permit(may_with(actor, Permission.MEETINGS_AGENDA, locked))
    return locked


def _locked(item: AgendaItem) -> AgendaItem:
    found: AgendaItem = locking(AgendaItem, "body", "meeting__series").get(pk=item.pk)
    return found

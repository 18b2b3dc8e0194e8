"""Agendas: proposed by all, put in order by one, agreed by the seats, carried over by themselves."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from agenda.models import Difference
from initiatives.audit import record
from initiatives.choices import Means
from initiatives.models import Membership
from initiatives.permissions import Permission, Role
from measures.models import Indicator
from meetings.choices import AgendaAnswerKind, ItemPurpose, ItemState
from meetings.models import AgendaAnswer, AgendaItem, Body, Meeting, Seat
from meetings.selectors.agendas import digest_of
from meetings.selectors.people import may_speak_for
from meetings.services.agreement import settle
from meetings.services.carrying import next_position
from meetings.services.series import ConflictError


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
    if not may_propose(actor, body):
        raise PermissionDenied
    if meeting is not None:
        _lock_before(meeting)
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
    _may(actor)
    item = propose_item(actor=actor, body=body, meeting=meeting, **fields)
    return accept_item(actor=actor, item=item, meeting=meeting)


def may_propose(actor: Membership, body: Body) -> bool:
    """Members anywhere; whoever else only where they sit."""
    if actor.may(Permission.MEETINGS_PROPOSE):
        return True
    held = Seat.objects.current().filter(body=body, holder=actor).exists()
    return held or (Role.FUNDER in actor.roles and is_seated(actor, body))


def is_seated(actor: Membership, body: Body) -> bool:
    """Whether the actor's organization has a seat, or the actor holds one."""
    return Seat.objects.current().filter(body=body, organization=actor.organization_id).exists()


def accept_item(*, actor: Membership, item: AgendaItem, meeting: Meeting | None) -> AgendaItem:
    """Take an item up: for a meeting, or to wait for one."""
    _may(actor)
    # Meetings are locked before their items, wherever both are.
    agenda = _lock_before(meeting) if meeting is not None else None
    locked = _locked(item)
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
        agenda = _lock_before(agenda)
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
        _lock_before(item.meeting)
    locked = _locked(item)
    if not may_change(actor, locked):
        raise PermissionDenied
    if locked.version != version:
        raise ConflictError(_("Somebody changed this item since you opened it."))
    if not locked.is_open:
        raise ValidationError(_("This item is no longer open."))
    locked.title, locked.text, locked.purpose = title.strip(), text, purpose
    locked.minutes, locked.owner = minutes, owner or locked.owner
    locked.indicator, locked.difference = indicator, difference
    _store(locked)
    record(actor, "meetings.item_changed", locked)
    if locked.meeting is not None and locked.meeting.is_before:
        settle(locked.meeting)
    return locked


def may_change(actor: Membership, item: AgendaItem) -> bool:
    """Its proposer until it is taken up; who sets agendas always."""
    own = item.proposed_by_id == actor.pk and item.state == ItemState.PROPOSED
    return own or actor.may(Permission.MEETINGS_AGENDA)


def delegate_item(*, actor: Membership, item: AgendaItem, body: Body) -> AgendaItem:
    """Hand an item to another group, where it waits for a meeting and counts anew.

    :raises ValidationError: it is that group's already, or is no longer open.
    """
    agenda = item.meeting if item.state == ItemState.SCHEDULED else None
    if agenda is not None:
        agenda = _lock_before(agenda)
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
    _may(actor)
    if item.meeting_id is None:
        return
    agenda = _lock_before(item.meeting)
    rows = AgendaItem.objects.select_for_update(of=("self",), no_key=True)
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
    if actor is not None and not may_speak_for(actor, seat):
        raise PermissionDenied
    locked = _lock_before(meeting)
    if digest != digest_of(locked):
        raise ConflictError(_("The agenda changed since you opened it. Please look again."))
    if kind == AgendaAnswerKind.CHANGE and not text.strip():
        raise ValidationError({"text": _("Say what should change.")})
    said = {
        "kind": kind,
        "text": text.strip() if kind == AgendaAnswerKind.CHANGE else "",
        "digest": digest,
        "answered_by": actor or seat.holder,
        "answered_at": timezone.now(),
        "resolved_at": None,
    }
    answer, _is_new = AgendaAnswer.objects.update_or_create(
        initiative_id=meeting.initiative_id, meeting=meeting, seat=seat, defaults=said
    )
    record(actor or seat.holder, "meetings.agenda_answered", answer, means=means, kind=kind)
    settle(locked)
    return answer


def resolve_change(*, actor: Membership, answer: AgendaAnswer) -> None:
    """Say that a request for change was taken up or talked through; the seat may ask again."""
    _may(actor)
    locked = _lock_before(answer.meeting)
    open_ones = AgendaAnswer.objects.filter(pk=answer.pk, resolved_at=None)
    if open_ones.update(resolved_at=timezone.now()):
        record(actor, "meetings.change_resolved", answer)
    settle(locked)


def _store(item: AgendaItem) -> None:
    item.version += 1
    item.save()


def _item(actor: Membership, item: AgendaItem) -> AgendaItem:
    _may(actor)
    return _locked(item)


def _locked(item: AgendaItem) -> AgendaItem:
    rows = AgendaItem.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("body", "meeting__series").get(pk=item.pk)


def _lock_before(meeting: Meeting | None) -> Meeting:
    """The meeting, locked, while its agenda can still change."""
    if meeting is None:
        raise ValidationError(_("There is no such meeting."))
    rows = Meeting.objects.select_for_update(of=("self",), no_key=True)
    locked = rows.select_related("series__body").get(pk=meeting.pk)
    if not locked.is_before:
        raise ValidationError(_("The meeting has begun; its agenda stands."))
    return locked


def _may(actor: Membership) -> None:
    if not actor.may(Permission.MEETINGS_AGENDA):
        raise PermissionDenied

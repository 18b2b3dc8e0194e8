"""Agendas: proposed by all, put in order by one, agreed by the seats, carried over by themselves."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives.audit import record
from initiatives.choices import Means
from initiatives.models import Membership
from initiatives.permissions import Permission
from measures.models import Indicator
from meetings.choices import AgendaAnswerKind, ItemPurpose, ItemState, MeetingState
from meetings.models import AgendaAnswer, AgendaItem, Body, Meeting, Seat
from meetings.selectors.agendas import agreement_of, digest_of
from meetings.services.series import ConflictError

CARRIES = 3  # so often an item moves on by itself; then it asks what shall become of it


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
    owner: Membership | None = None,
) -> AgendaItem:
    """Put something forward to talk about; whoever sets the agenda takes it up or says why not.

    :raises PermissionDenied: the actor neither has a seat in the body nor serves all.
    """
    if not (actor.may(Permission.MEETINGS_PROPOSE) or is_seated(actor, body)):
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
        position=_next_position(body, meeting),
    )
    item.save()
    record(actor, "meetings.item_proposed", item)
    return item


def is_seated(actor: Membership, body: Body) -> bool:
    """Whether the actor's organization has a seat, or the actor holds one."""
    return Seat.objects.current().filter(body=body, organization=actor.organization_id).exists()


def accept_item(*, actor: Membership, item: AgendaItem, meeting: Meeting | None) -> AgendaItem:
    """Take an item up: for a meeting, or to wait for one."""
    locked, agenda = _item(actor, item), None
    if locked.state not in {ItemState.PROPOSED, ItemState.ACCEPTED, ItemState.SCHEDULED}:
        raise ValidationError(_("This item is no longer open."))
    if meeting is not None:
        if meeting.series.body_id != locked.body_id:
            raise ValidationError(_("This meeting is of another body."))
        agenda = _lock_before(meeting)
    if locked.meeting_id != (meeting.pk if meeting else None):
        locked.position = _next_position(locked.body, meeting)
    locked.meeting = meeting
    locked.state = ItemState.SCHEDULED if meeting else ItemState.ACCEPTED
    _store(locked)
    record(actor, "meetings.item_accepted", locked)
    if agenda is not None:
        _settle(agenda)
    return locked


def decline_item(*, actor: Membership, item: AgendaItem, reason: str) -> AgendaItem:
    """Turn an item down, with a reason the proposer can read."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say why.")})
    locked = _item(actor, item)
    if locked.state in {ItemState.DEALT_WITH, ItemState.CARRIED}:
        raise ValidationError(_("This item is no longer open."))
    locked.state, locked.reason = ItemState.DECLINED, reason.strip()
    _store(locked)
    record(actor, "meetings.item_declined", locked, reason=locked.reason)
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
) -> AgendaItem:
    """Change what an item says. Its proposer may until it is taken up, who sets agendas always.

    :raises ConflictError: somebody saved since ``version``.
    """
    locked = _locked(item)
    own = locked.proposed_by_id == actor.pk and locked.state == ItemState.PROPOSED
    if not own and not actor.may(Permission.MEETINGS_AGENDA):
        raise PermissionDenied
    if locked.version != version:
        raise ConflictError(_("Somebody changed this item since you opened it."))
    locked.title, locked.text, locked.purpose = title.strip(), text, purpose
    locked.minutes, locked.owner = minutes, owner or locked.owner
    _store(locked)
    record(actor, "meetings.item_changed", locked)
    if locked.meeting is not None and locked.meeting.is_before:
        _settle(locked.meeting)
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
    _settle(agenda)


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
    _settle(locked)
    return answer


def resolve_change(*, actor: Membership, answer: AgendaAnswer) -> None:
    """Say that a request for change was taken up or talked through; the seat may ask again."""
    _may(actor)
    locked = _lock_before(answer.meeting)
    open_ones = AgendaAnswer.objects.filter(pk=answer.pk, resolved_at=None)
    if open_ones.update(resolved_at=timezone.now()):
        record(actor, "meetings.change_resolved", answer)
    _settle(locked)


def _settle(meeting: Meeting) -> None:
    """Agreed when two thirds of the organizations with a seat agree and no request is open."""
    agreed = agreement_of(meeting).is_agreed
    state = MeetingState.AGENDA_AGREED if agreed else MeetingState.AGENDA_OPEN
    if meeting.is_before and meeting.state != state:
        meeting.state = state
        meeting.save(update_fields=["state"])
        if agreed:
            record(None, "meetings.agenda_agreed", meeting, means=Means.CLOCK)


def carry_over(meeting: Meeting) -> int:
    """Let what was not dealt with wait for the next meeting of the body; how many items.

    After the third time an item is no longer scheduled by itself: it asks whoever sets the agenda.
    """
    carried = 0
    rows = AgendaItem.objects.select_for_update(of=("self",), no_key=True).order_by("id")
    for item in rows.filter(meeting=meeting, state=ItemState.SCHEDULED):
        AgendaItem.here(
            body_id=item.body_id,
            title=item.title,
            text=item.text,
            purpose=item.purpose,
            minutes=item.minutes,
            proposer_id=item.proposer_id,
            proposed_by_id=item.proposed_by_id,
            owner_id=item.owner_id,
            indicator_id=item.indicator_id,
            state=ItemState.ACCEPTED,
            carried_from=item,
            times_carried=item.times_carried + 1,
        ).save()
        item.state = ItemState.CARRIED
        _store(item)
        record(None, "meetings.item_carried", item, means=Means.CLOCK)
        carried += 1
    return carried


def take_carried(meeting: Meeting) -> int:
    """Put what waits from earlier meetings on a new agenda, unless it waited too often."""
    rows = AgendaItem.objects.select_for_update(of=("self",), no_key=True).order_by("id")
    found = list(
        rows.filter(
            body_id=meeting.series.body_id,
            state=ItemState.ACCEPTED,
            meeting=None,
            carried_from__isnull=False,
            carried_from__meeting__series_id=meeting.series_id,
            times_carried__lte=CARRIES,
        )
    )
    for item in found:
        item.position = _next_position(item.body, meeting)
        item.meeting, item.state = meeting, ItemState.SCHEDULED
        _store(item)
    return len(found)


def may_speak_for(actor: Membership, seat: Seat) -> bool:
    """Whether the actor holds the seat, or leads the organization that has it."""
    if seat.holder_id == actor.pk:
        return True
    leads = actor.may(Permission.MEETINGS_SEAT)
    return leads and seat.organization_id == actor.organization_id


def _next_position(body: Body, meeting: Meeting | None) -> int:
    rows = AgendaItem.objects.filter(body=body, meeting=meeting)
    last = rows.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


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

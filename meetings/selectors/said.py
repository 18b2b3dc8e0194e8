"""What seats say on a decision: their line from before the meeting, their answer in the room."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from initiatives.models import Membership
from initiatives.permissions import Permission
from meetings.arithmetic.attendance import Status, Verdict
from meetings.choices import DelegationScope, MeetingState
from meetings.models import Briefing, BriefingAnswer, Decision, DecisionResponse, Seat
from meetings.selectors.decisions import seats_for, verdicts_at

IN_ROOM = (MeetingState.IN_PROGRESS, MeetingState.MINUTES_DRAFT)


@dataclass(frozen=True)
class InRoom:
    """A seat whose answer may be written down for it, or why not."""

    seat: Seat
    refused: str
    is_unbriefed: bool = False


def answers_in_room(decision: Decision) -> list[InRoom]:
    """Each seat that is there while its meeting runs, or was when it ended."""
    rows = DecisionResponse.objects.filter(decision=decision)
    return in_room_among(decision, rows, verdicts_at(decision, seats_for(decision)))


def in_room_among(
    decision: Decision,
    responses: Iterable[DecisionResponse],
    verdicts: list[tuple[Seat, Verdict]],
) -> list[InRoom]:
    """The same of what was read already."""
    if decision.meeting is None or decision.meeting.state not in IN_ROOM:
        return []
    own = {each.seat_id for each in responses if not each.was_said}
    found = []
    for seat, verdict in verdicts:
        is_late = verdict.status == Status.BRIEFED_LATE
        if not (verdict.counted or is_late or verdict.by_delegate):
            continue
        refused, is_unbriefed = "", verdict.status == Status.UNBRIEFED
        if seat.pk in own:
            refused = _("it answered itself.")
        elif is_unbriefed:
            refused = _("its delegate has not answered the briefing.")
        elif verdict.by_delegate and not _may_decide(seat):
            refused = _("the mandate of its delegate is not to decide.")
        elif not (verdict.counted or is_late):
            refused = _("it does not count here.")
        found.append(InRoom(seat, refused, is_unbriefed))
    return found


def _may_decide(seat: Any) -> bool:
    """Whether the one who is sent for a seat of ``seats_at`` may decide for it."""
    may = {DelegationScope.DECIDE, DelegationScope.DECIDE_WITHIN}
    return any(each["scope"] in may for each in seat.sent)


def lines_on(
    decision: Decision, reader: Membership, own: Seat | None = None
) -> dict[int, BriefingAnswer]:
    """By seat, what it said before the meeting on the item of a decision: one's own, and all of
    them for who reads what seats say. ``own``: the seat that the reader answers for. Who only
    looks on reads none, nor that of the organization they belong to.
    """
    takes_part = own is not None or reader.may(Permission.MEETINGS_PROPOSE)
    if not takes_part and not reader.may_where_given(Permission.MEETINGS_RUN):
        return {}
    if decision.item_id is None:
        return {}
    packs = Briefing.objects.visible_to(reader).filter(pk=OuterRef("briefing"))
    rows = BriefingAnswer.objects.filter(Exists(packs), item=decision.item_id)
    found = rows.select_related("briefing", "answered_by__user").order_by("answered_at")
    return {each.briefing.seat_id: each for each in found}


def changes_since(
    seen: int, own: int | None, evidence: Iterable[Any], interests: Iterable[Any], scored: Any
) -> list[str]:
    """What came to a decision after the version that an answer was given to, in words; ``own``: the
    organization that answered, whose own interest is no news to it.
    """
    told = [
        _("New evidence: %s") % each.evidence.text
        for each in evidence
        if each.evidence.since > seen
    ]
    for each in interests:
        if each.since <= seen or each.organization_id == own:
            continue
        if each.text:
            said = {"organization": each.organization, "text": each.text}
            told.append(_("%(organization)s declared: %(text)s") % said)
        else:
            told.append(_("%s was named to gain by it.") % each.organization)
    if any(each["since"] > seen for each in scored):
        told.append(_("The scores changed."))
    return told

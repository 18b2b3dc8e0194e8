"""What the records of a meeting say: the body of its minutes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from initiatives.models import Membership, Organization
from initiatives.permissions import Permission
from meetings.arithmetic.attendance import Stretch, seconds
from meetings.choices import CorrectionState, ItemPurpose, ItemState, MinutesState, ResponseKind
from meetings.models import (
    ActionItem,
    Attendance,
    Confirmation,
    Correction,
    Decision,
    DecisionResponse,
    Evidence,
    Interest,
    ItemClock,
    Meeting,
    Minutes,
    Note,
    SeatCount,
)
from meetings.selectors.agendas import agreement_of, items_of
from meetings.selectors.rights import may_at


def content_of(meeting: Meeting) -> dict[str, Any]:
    """Attendance, items with notes, decisions and actions, as plain JSON, in the order they came."""
    agreement = agreement_of(meeting)
    return {
        "series": meeting.series.name,
        "body": meeting.series.body.name,
        "starts_at": (meeting.started_at or meeting.starts_at).isoformat(),
        "ends_at": (meeting.ended_at or meeting.ends_at).isoformat(),
        "zone": meeting.series.time_zone,
        "place": meeting.place,
        "agenda": {"agreed": agreement.agreed, "seats": agreement.seats},
        "seats": _seats(meeting),
        "guests": _guests(meeting),
        "items": _items(meeting),
        "notes": _notes(meeting, None),
        "decisions": _decisions(meeting),
        "actions": _actions(meeting),
    }


def _seats(meeting: Meeting) -> list[dict[str, Any]]:
    rows = SeatCount.objects.filter(meeting=meeting).select_related(
        "seat__organization", "seat__holder__user"
    )
    people: dict[int, list[str]] = {}
    came = Attendance.objects.filter(meeting=meeting, seat__isnull=False)
    for each in came.select_related("person__user", "delegation"):
        people.setdefault(each.seat_id, []).append(each.called)
    return [
        {
            "organization": each.seat.organization.name,
            "people": list(dict.fromkeys(people.get(each.seat_id, []))),
            "counted": each.counted,
            "status": each.status,
        }
        for each in rows.order_by("seat__organization__name", "seat_id")
    ]


def _guests(meeting: Meeting) -> list[str]:
    rows = Attendance.objects.filter(meeting=meeting, seat=None).select_related("person__user")
    return list(dict.fromkeys(str(each.person.user) for each in rows))


def _items(meeting: Meeting) -> list[dict[str, Any]]:
    clocks: dict[int, list[Stretch]] = {}
    for each in ItemClock.objects.filter(meeting=meeting, ended_at__isnull=False):
        clocks.setdefault(each.item_id, []).append(Stretch(each.started_at, each.ended_at))
    return [
        {
            "id": each.pk,
            "title": each.title,
            "purpose": each.purpose,
            "planned": each.minutes,
            "taken": round(seconds(clocks.get(each.pk, [])) / 60),
            "state": each.state,
            "owner": str(each.owner.user) if each.owner else "",
            "notes": _notes(meeting, each.pk),
        }
        for each in items_of(meeting)
    ]


def _notes(meeting: Meeting, item_id: int | None) -> list[str]:
    rows = Note.objects.filter(meeting=meeting, item_id=item_id, is_struck=False)
    return list(rows.values_list("text", flat=True))


def _decisions(meeting: Meeting) -> list[dict[str, Any]]:
    rows = Decision.objects.filter(meeting=meeting, number__isnull=False)
    return [
        {
            "id": each.pk,
            "item": each.item_id,
            "cite": each.cite,
            "question": each.question,
            "outcome": each.outcome.text if each.outcome else "",
            "rationale": each.rationale,
            "dissent": each.dissent,
            "quorum": [each.quorum_counted, each.quorum_needed],
            "evidence": [
                {"text": one.text, "frozen": one.frozen, "certainty": one.certainty}
                for one in Evidence.objects.filter(decision=each)
            ],
            "interests": [
                {"organization": one.organization.name, "text": one.text}
                for one in Interest.objects.filter(decision=each).select_related("organization")
            ],
            "responses": [
                {
                    "organization": one.seat.organization.name,
                    "kind": one.kind,
                    "reason": one.reason,
                    "written_by": str(one.given_by.user) if one.was_said else "",
                }
                for one in DecisionResponse.objects.filter(decision=each).select_related(
                    "seat__organization", "given_by__user"
                )
            ],
        }
        for each in rows.select_related("outcome").order_by("year", "number")
    ]


def _actions(meeting: Meeting) -> list[dict[str, Any]]:
    rows = ActionItem.objects.filter(meeting=meeting).select_related("organization", "owner__user")
    return [
        {
            "item": each.item_id,
            "text": each.text,
            "organization": each.organization.name,
            "owner": str(each.owner.user) if each.owner else "",
            "due": each.due_on.isoformat(),
        }
        for each in rows
    ]


@dataclass(frozen=True)
class MinutesPage:
    """The minutes as they are read: with each item what was noted, decided and promised on it."""

    minutes: Minutes | None
    content: dict[str, Any]
    items: list[dict[str, Any]]
    rest: dict[str, Any]  # decisions, actions and notes of no item
    starts_at: datetime | None
    ends_at: datetime | None
    corrections: list[Correction]
    confirmed: list[Organization]  # those that say the minutes are right

    @property
    def absent(self) -> list[dict[str, Any]]:
        """The seats for which nobody was there."""
        seats = self.content.get("seats", [])
        return [each for each in seats if not each["people"] and not each["counted"]]

    @property
    def addenda(self) -> list[Correction]:
        return [each for each in self.corrections if each.state == CorrectionState.ADDENDUM]

    @property
    def proposed(self) -> list[Correction]:
        return [each for each in self.corrections if each.state != CorrectionState.ADDENDUM]


def minutes_page(meeting: Meeting, membership: Membership) -> MinutesPage:
    """A draft is for those who run meetings; nothing is stored by looking at it."""
    rows = Minutes.objects.filter(meeting=meeting).select_related("approved_by__user")
    found = rows.select_related("meeting__series__body", "approved_by__user").first()
    is_draft = found is not None and found.state == MinutesState.DRAFT
    if is_draft and not may_at(membership, Permission.MEETINGS_RUN, meeting):
        found = None
    content = found.content if found else {}
    corrections = Correction.objects.filter(minutes=found).select_related("organization")
    return MinutesPage(
        minutes=found,
        content=content,
        items=[_told(each, content) for each in content.get("items", [])],
        rest=_told({"id": None, "notes": content.get("notes", [])}, content),
        starts_at=_moment(content, "starts_at"),
        ends_at=_moment(content, "ends_at"),
        corrections=list(corrections) if found else [],
        confirmed=_confirmed(found),
    )


def _confirmed(minutes: Minutes | None) -> list[Organization]:
    if minutes is None:
        return []
    rows = Confirmation.objects.filter(minutes=minutes).select_related("organization")
    return [each.organization for each in rows.order_by("organization__name")]


def _told(item: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
    """An item of the content with what belongs to it, states in words."""
    labels: Any = {**dict(ItemPurpose.choices), **dict(ItemState.choices)}
    kinds: Any = dict(ResponseKind.choices)
    decisions = [
        each
        | {"responses": [one | {"label": kinds.get(one["kind"], "")} for one in each["responses"]]}
        for each in content.get("decisions", [])
        if each.get("item") == item["id"]
    ]
    actions = [each for each in content.get("actions", []) if each.get("item") == item["id"]]
    return item | {
        "decisions": decisions,
        "actions": actions,
        "purpose_label": labels.get(item.get("purpose"), ""),
        "state_label": labels.get(item.get("state"), ""),
    }


def _moment(content: dict[str, Any], name: str) -> datetime | None:
    return datetime.fromisoformat(content[name]) if name in content else None

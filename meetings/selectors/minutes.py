"""What the records of a meeting say: the body of its minutes."""

from typing import Any

from meetings.arithmetic.attendance import Stretch, seconds
from meetings.models import (
    ActionItem,
    Attendance,
    Decision,
    DecisionResponse,
    Evidence,
    Interest,
    ItemClock,
    Meeting,
    Note,
    SeatCount,
)
from meetings.selectors.agendas import agreement_of, items_of


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
    for each in came.select_related("person__user"):
        people.setdefault(each.seat_id, []).append(str(each.person.user))
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
                {"organization": one.seat.organization.name, "kind": one.kind, "reason": one.reason}
                for one in DecisionResponse.objects.filter(decision=each).select_related(
                    "seat__organization"
                )
            ],
        }
        for each in rows.select_related("outcome").order_by("year", "number")
    ]


def _actions(meeting: Meeting) -> list[dict[str, Any]]:
    rows = ActionItem.objects.filter(meeting=meeting).select_related("organization", "owner__user")
    return [
        {
            "text": each.text,
            "organization": each.organization.name,
            "owner": str(each.owner.user) if each.owner else "",
            "due": each.due_on.isoformat(),
        }
        for each in rows
    ]

"""What the demonstration's bodies met about in two years. All of it is made up."""

import itertools
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from backbone.management.demo.talked import ACTIONS, ASKED_FOR, DECISIONS, DECLINED, ITEMS
from initiatives.choices import Sector
from initiatives.models import Membership
from initiatives.permissions import Role
from measures.models import Indicator
from meetings import models as met
from meetings.arithmetic.recurrence import Occurrence, occurrences
from meetings.choices import ActionState, DecisionState, ItemPurpose, ItemState, MeetingState
from meetings.selectors.decisions import frozen_number
from meetings.selectors.minutes import content_of
from meetings.services.minutes import digest_of

BACK = timedelta(days=731)
LEVELS = ("executive", "management", "management", "governing", "executive", "frontline")
NOTICE = timedelta(days=10)  # so long before a meeting its items were proposed


@dataclass
class Cast:
    """Who takes part, and pools that are gone through one after the other."""

    facilitator: Membership
    leads: list[Membership]
    decisions: Iterator[Any]
    actions: Iterator[Any]
    declined: Iterator[Any]
    proposers: Iterator[Membership]  # of what was declined
    numbers: dict[int, int]
    decides: bool = False
    promises: bool = False


def load(found: Iterable[met.MeetingSeries]) -> None:
    """Two years of meetings of these series, in the scope that is open."""
    facilitator = Membership.objects.select_related("user").get(roles=[Role.FACILITATOR])
    rows = Membership.objects.filter(roles__overlap=[Role.PARTNER_LEAD, Role.FUNDER])
    people = list(rows.select_related("user", "organization").order_by("organization__name", "id"))
    by_organization = {each.organization_id: each for each in reversed(people)}
    leads = list(by_organization.values())[::-1]
    cast = Cast(
        facilitator=facilitator,
        leads=leads,
        decisions=iter(DECISIONS),
        actions=iter(ACTIONS),
        declined=iter(DECLINED),
        proposers=_turned_down(leads),
        numbers={},
    )
    for number, each in enumerate(leads):
        each.level = LEVELS[number % len(LEVELS)]
    Membership.objects.bulk_update(leads, ["level"])
    # Who sits there now sat there then.
    met.Seat.objects.update(starts_on=timezone.localdate() - BACK)
    held = [
        (series, series.body, one)
        for series in found
        for one in occurrences(series.recurrence, timezone.now() - BACK, timezone.now())
    ]
    latest = {series.pk: one.day for series, _body, one in sorted(held, key=_when)}
    # What was decided and promised is told of the latest meetings.
    deciding, promising = len(held) - 2 * len(DECISIONS), len(held) - len(ACTIONS)
    for place, (series, body, one) in enumerate(sorted(held, key=_when)):
        cast.decides, cast.promises = place >= deciding, place >= promising
        _hold(cast, series, body, one, place, is_last=latest[series.pk] == one.day)
    for title, text in ASKED_FOR:
        _propose(cast, held[-1][1], title, text, at=timezone.now() - timedelta(days=3))


def _turned_down(leads: list[Membership]) -> Iterator[Membership]:
    """Whose proposals did not get through: two of three an association's, so that the ledger has
    something to say.
    """
    few = [each for each in leads if each.organization.sector == Sector.NONPROFIT]
    return itertools.cycle(
        person
        for one, two, other in zip(few, [*few[1:], few[0]], leads, strict=False)
        for person in (one, two, other)
    )


def _propose(
    cast: Cast, body: Any, title: str, text: str, *, at: datetime, reason: str = ""
) -> None:
    """Something put forward that is on no agenda: declined with a reason, or not answered yet."""
    lead = next(cast.proposers)
    met.AgendaItem.here(
        body=body,
        title=title,
        text=text,
        proposer=lead.organization,
        proposed_by=lead,
        owner=lead,
        state=ItemState.DECLINED if reason else ItemState.PROPOSED,
        reason=reason,
        created_at=at,
    ).save()


def _when(row: tuple[Any, Any, Occurrence]) -> datetime:
    return row[2].starts_at


def _hold(
    cast: Cast, series: Any, body: Any, one: Occurrence, place: int, *, is_last: bool
) -> None:
    """One meeting with who came, what was said, decided and promised, and its minutes."""
    meeting = met.Meeting.here(
        series=series,
        day=one.day,
        local_date=one.day,
        local_time=series.starts_at,
        minutes=series.minutes,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        started_at=one.starts_at,
        ended_at=one.ends_at,
        place=series.place,
        facilitator=cast.facilitator,
        state=MeetingState.CLOSED,
    )
    meeting.save()
    present = _come(meeting, body, place)
    items = _talk(cast, meeting, body, place)
    if place % 2 == 0:
        _decide(cast, meeting, items[0], present)
    _promise(cast, meeting, items[-1], place)
    if place % 4 == 1 and (declined := next(cast.declined, None)):
        title, reason = declined
        _propose(cast, body, title, "", at=meeting.starts_at - NOTICE, reason=reason)
    _minute(cast, meeting, is_last=is_last)


def _come(meeting: Any, body: Any, place: int) -> list[Any]:
    """Most come, some send word, a few do neither."""
    seats = list(met.Seat.objects.filter(body=body).select_related("holder", "organization"))
    present, counts, came = [], [], []
    for number, seat in enumerate(seats):
        luck = (place * 7 + number * 5) % 11
        status = {0: "absent", 1: "absent_with_notice", 2: "by_delegate"}.get(luck, "present")
        is_there = status in {"present", "by_delegate"}
        by_delegate = status == "by_delegate"
        counts.append(
            met.SeatCount.here(
                meeting=meeting,
                seat=seat,
                counted=is_there,
                status=status,
                level=("management" if by_delegate else seat.holder.level) if is_there else "",
                by_delegate=by_delegate,
            )
        )
        if is_there:
            present.append(seat)
        if status == "present":
            came.append(
                met.Attendance.here(
                    meeting=meeting,
                    seat=seat,
                    person=seat.holder,
                    mode="remote" if number % 3 else "room",
                    came_at=meeting.starts_at,
                    left_at=meeting.ends_at,
                )
            )
    met.SeatCount.objects.bulk_create(counts)
    met.Attendance.objects.bulk_create(came)
    return present


def _talk(cast: Cast, meeting: Any, body: Any, place: int) -> list[Any]:
    """Three items with their clocks and what was noted on each."""
    items, at = [], meeting.starts_at
    for number in range(3):
        title, text, notes = ITEMS[(place * 3 + number) % len(ITEMS)]
        lead = cast.leads[(place + number) % len(cast.leads)]
        decides = number == 0 and place % 2 == 0
        item = met.AgendaItem.here(
            body=body,
            meeting=meeting,
            purpose=ItemPurpose.DECIDE if decides else ItemPurpose.DISCUSS,
            title=title,
            text=text,
            minutes=25,
            position=number,
            proposer=lead.organization,
            proposed_by=lead,
            owner=lead,
            state=ItemState.DEALT_WITH,
            created_at=meeting.starts_at - NOTICE,
        )
        item.save()
        ends = at + timedelta(minutes=20 + (place + number) % 12)
        met.ItemClock.here(item=item, meeting=meeting, started_at=at, ended_at=ends).save()
        met.Note.objects.bulk_create(
            met.Note.here(
                meeting=meeting,
                item=item,
                key=uuid.uuid4(),
                text=each,
                written_by=cast.facilitator,
                written_at=at + timedelta(minutes=line),
            )
            for line, each in enumerate(notes)
        )
        items.append(item)
        at = ends
    return items


def _decide(cast: Cast, meeting: Any, item: Any, present: list[Any]) -> None:
    said = next(cast.decisions, None) if cast.decides else None
    if said is None or not present:
        return
    question, options, chosen, rationale, dissent = said
    at = meeting.ends_at - timedelta(minutes=20)
    decision = met.Decision.here(
        body=meeting.series.body,
        meeting=meeting,
        item=item,
        question=question,
        framed_by=cast.facilitator,
        created_at=at - timedelta(days=6),
    )
    decision.save()
    rows = []
    for position, text in enumerate(options):
        row = met.DecisionOption.here(decision=decision, text=text, position=position)
        row.save()
        rows.append(row)
    _lay_evidence(cast, decision, at)
    gains = item.proposer
    met.Interest.here(
        decision=decision,
        organization=gains,
        text="Our own programme would take part.",
        declared_by=item.owner,
        declared_at=at,
    ).save()
    for number, seat in enumerate(present):
        kind = "reservation" if dissent != "none" and number == 1 else "consent"
        met.DecisionResponse.here(
            decision=decision,
            seat=seat,
            kind=kind,
            reason=dissent if kind != "consent" else "",
            given_by=seat.holder,
            given_at=at,
        ).save()
    local = timezone.localtime(at, meeting.series.zone)
    cast.numbers[local.year] = cast.numbers.get(local.year, 0) + 1
    decision.outcome, decision.rationale, decision.dissent = rows[chosen], rationale, dissent
    decision.state, decision.decided_at = DecisionState.IN_FORCE, at
    decision.decided_by = cast.facilitator
    decision.year, decision.number = local.year, cast.numbers[local.year]
    decision.quorum_needed, decision.quorum_counted = meeting.series.quorum, len(present)
    decision.review_on = (at + timedelta(days=365)).date()
    if decision.review_on <= timezone.localdate():
        decision.state = DecisionState.REVIEW_DUE
    decision.save()


def _lay_evidence(cast: Cast, decision: Any, at: datetime) -> None:
    """The number of the period before, kept as it is published now."""
    indicator = Indicator.objects.agreed().order_by("id").first()
    frozen = frozen_number(indicator, ends_by=at.date()) if indicator else None
    met.Evidence.here(
        decision=decision,
        text="How many were counted before we met.",
        indicator=indicator if frozen else None,
        period_id=frozen["period_id"] if frozen else None,
        frozen=frozen,
        as_of=at,
        certainty="moderate",
        added_by=cast.facilitator,
    ).save()


def _promise(cast: Cast, meeting: Any, item: Any, place: int) -> None:
    """Most is done by now; the latest are open, two of them late."""
    text = next(cast.actions, None) if cast.promises else None
    if text is None:
        return
    lead = cast.leads[place % len(cast.leads)]
    due = meeting.local_date + timedelta(days=21)
    slipped = 1 if place % 5 == 0 else 0
    action = met.ActionItem.here(
        body=meeting.series.body,
        meeting=meeting,
        item=item,
        text=text,
        owner=lead,
        organization=lead.organization,
        requester=cast.facilitator,
        due_on=due + timedelta(days=14 * slipped),
        first_due_on=due,
        slipped=slipped,
        created_at=meeting.ends_at,
    )
    if meeting.local_date < timezone.localdate() - timedelta(days=75):
        action.state = ActionState.ACCEPTED
        action.done_at = _noon(due)
    elif place % 3 == 0:
        action.state, action.note = ActionState.CLAIMED_DONE, "Done, the list is with Fran."
    action.save()


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)


def _minute(cast: Cast, meeting: Any, *, is_last: bool) -> None:
    """Approved ones, but for the last meeting of each series: those are circulated."""
    sent = meeting.ends_at + timedelta(days=1)
    minutes = met.Minutes.here(
        meeting=meeting,
        content=content_of(meeting),
        generated_at=meeting.ends_at,
        circulated_at=sent,
        state="circulated" if is_last else "approved",
    )
    if is_last:
        met.Meeting.objects.filter(pk=meeting.pk).update(state=MeetingState.MINUTES_CIRCULATED)
    else:
        minutes.content["corrections"] = []
        minutes.approved_at, minutes.approved_by = sent + timedelta(days=9), cast.facilitator
        minutes.digest = digest_of(minutes)
    minutes.save()

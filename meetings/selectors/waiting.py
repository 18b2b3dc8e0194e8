"""What of the meetings waits for a member: on the page of today, and on that of meetings."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _, ngettext

from initiatives.models import Membership
from initiatives.permissions import Permission
from initiatives.today import Waiting, each_of, said_by, waits
from initiatives.together import together
from meetings.choices import (
    BEFORE,
    ActionState,
    AgendaAnswerKind,
    CorrectionState,
    DecisionState,
    DelegationState,
    ItemPurpose,
    ItemState,
    MeetingState,
    MinutesState,
)
from meetings.models import (
    Acknowledgement,
    ActionItem,
    AgendaAnswer,
    AgendaItem,
    BriefingAnswer,
    Confirmation,
    Correction,
    Decision,
    DecisionResponse,
    Delegation,
    Meeting,
    Minutes,
    PreRead,
    Reply,
    Seat,
)
from meetings.selectors.agendas import CARRIES, digest_of_items
from meetings.selectors.rights import given_to, reach

AHEAD = timedelta(days=14)
MOST = 5
HUE = "meetings"
SOON = timedelta(days=7)
SHOWN = 20
WORDS = 15  # of a request for a change
OPEN, DONE = "open change", "answered change"  # what a seat said of an agenda, besides yes
MINUTES_TO_ANSWER, MINUTES_TO_READ, MINUTES_TO_JUDGE = 5, 5, 1


def _held(membership: Membership) -> Any:
    """The member's seats in bodies that meet soon."""
    soon = _meeting_soon().filter(series__body=OuterRef("body_id"))
    return Seat.objects.current().filter(Exists(soon), holder=membership)


@waits.when(_held)
def seats_to_answer(membership: Membership, held: list[Seat]) -> Iterator[Waiting]:
    """The member holds a seat that was not answered for: whether they come, what they read."""
    seats = {each.body_id: each for each in held}
    soon = _meeting_soon().filter(series__body__in=seats).select_related("series")[:MOST]
    here, ours = {"meeting__in": soon.values("pk")}, {"seat__in": held}
    undecided = [ItemState.DECLINED, ItemState.PROPOSED]
    read = Acknowledgement.objects.filter(user=membership.user_id)
    meetings, replies, items, answers, papers, known = together(
        [
            soon,
            Reply.objects.filter(**here, **ours),
            AgendaItem.objects.filter(**here).exclude(state__in=undecided),
            AgendaAnswer.objects.filter(**here, **ours),
            PreRead.objects.filter(**here).order_by("number"),
            read.filter(pre_read__meeting__in=soon.values("pk")),
        ]
    )
    replied = {each.meeting_id for each in replies}
    answered = {each.meeting_id: _said(each) for each in answers}
    unread = _unread(papers, {each.pre_read_id for each in known})
    slug = membership.initiative.slug
    for meeting in meetings:
        url = reverse("meetings:seat", args=[slug, meeting.pk, seats[meeting.series.body_id].pk])
        said = {"name": meeting.series.name}
        about: dict[str, Any] = {"due_on": _day(meeting), "condition": HUE, "note": meeting.place}
        if meeting.pk not in replied:
            yield Waiting(_("Will you be there? %(name)s") % said, url, minutes=1, **about)
        agenda = [each for each in items if each.meeting_id == meeting.pk]
        answer = answered.get(meeting.pk)
        if agenda and answer not in {OPEN, digest_of_items(agenda)}:
            text = _("Is this the agenda you want? %(name)s")
            if answer == DONE:
                text = _("Your change was answered. Is this the agenda you want? %(name)s")
            yield Waiting(text % said, url, minutes=2, **about)
        if unread[meeting.pk]:
            text = _("Read before you meet: %(name)s") % said
            yield Waiting(text, url, minutes=unread[meeting.pk], **about)


def _briefings(membership: Membership) -> QuerySet[Delegation]:
    deciding = AgendaItem.objects.filter(
        meeting=OuterRef("meeting"), purpose=ItemPurpose.DECIDE, state=ItemState.SCHEDULED
    )
    said = BriefingAnswer.objects.filter(
        item=OuterRef("pk"), briefing__seat=OuterRef(OuterRef("seat"))
    )
    unread = [DelegationState.NAMED, DelegationState.NOTIFIED]
    rows = Delegation.objects.annotate(is_asked=Exists(deciding.filter(~Exists(said)))).filter(
        Q(state__in=unread) | Q(state=DelegationState.BRIEFED, is_asked=True),
        delegate=membership,
        meeting__state__in=BEFORE,
        meeting__ends_at__gt=timezone.now(),
    )
    return rows.select_related("meeting__series", "seat__organization")[:MOST]


@waits.for_each(_briefings)
def briefing_to_answer(membership: Membership, sent: Delegation) -> Waiting:
    """The member is sent for a seat, and was not briefed, or there is more to decide since."""
    text = _("Answer the briefing: %(name)s, %(day)s")
    note = _("you come for %(organization)s; the seat counts once it is answered")
    if not sent.is_asked:  # type: ignore[attr-defined]
        text = _("Read the briefing: %(name)s, %(day)s")
        note = _("you come for %(organization)s; so far there is nothing to decide")
    day = date_format(_day(sent.meeting), "DATE_FORMAT")
    return Waiting(
        text % {"name": sent.meeting.series.name, "day": day},
        reverse("meetings:seat", args=[membership.initiative.slug, sent.meeting_id, sent.seat_id]),
        note=note % {"organization": sent.seat.organization.name},
        due_on=_day(sent.meeting),
        condition=HUE,
        minutes=2,
    )


def _items(membership: Membership) -> Any:
    wide = membership.may(Permission.MEETINGS_AGENDA)
    given = given_to(membership, Permission.MEETINGS_AGENDA)
    if not (wide or given):
        return None
    proposed = Q(state=ItemState.PROPOSED) & (
        Q(meeting=None) | Q(meeting__state__in=BEFORE, meeting__ends_at__gt=timezone.now())
    )
    asking = Q(state=ItemState.ACCEPTED, meeting=None, times_carried__gt=CARRIES)
    rows = AgendaItem.objects.filter(proposed | asking).select_related("meeting__series", "body")
    if not wide:
        here = Q(meeting__series__in=given) | Q(meeting=None, body__series__in=given)
        rows = rows.filter(here).distinct()
    return rows.order_by("created_at", "id")


@waits.when(_items)
def items_to_place(membership: Membership, found: list[AgendaItem]) -> Iterator[Waiting]:
    """Items wait for whoever sets agendas: new ones, and those that were carried too often."""
    slug = membership.initiative.slug
    new: dict[int, list[AgendaItem]] = defaultdict(list)
    for item in found:
        if item.state == ItemState.PROPOSED:
            new[item.meeting_id or 0].append(item)
            continue
        yield Waiting(
            _("Schedule it, hand it over or close it: %(title)s") % {"title": item.title},
            reverse("meetings:item", args=[slug, item.pk]),
            note=_("carried over too often, in %(body)s") % {"body": item.body.name},
            condition=HUE,
            minutes=2,
        )
    for items in list(new.values())[:MOST]:
        first, number = items[0], len(items)
        place = (
            ("meetings:meeting", first.meeting_id) if first.meeting else ("meetings:item", first.pk)
        )
        text = ngettext("%(number)d item is proposed", "%(number)d items are proposed", number)
        yield Waiting(
            text % {"number": number},
            reverse(place[0], args=[slug, place[1]]),
            note=first.meeting.series.name if first.meeting else first.body.name,
            due_on=_day(first.meeting) if first.meeting else None,
            condition=HUE,
            minutes=number,
            number=number,
        )


def _changes(membership: Membership) -> Any:
    """Requests for a change of agendas that the member sets."""
    wide = membership.may(Permission.MEETINGS_AGENDA)
    if not (wide or membership.may_where_given(Permission.MEETINGS_AGENDA)):
        return None
    rows = AgendaAnswer.objects.filter(
        reach(membership, Permission.MEETINGS_AGENDA),
        kind=AgendaAnswerKind.CHANGE,
        resolved_at=None,
        meeting__state__in=BEFORE,
        meeting__ends_at__gt=timezone.now(),
        seat__in=Seat.objects.current(),
    )
    rows = rows.select_related("meeting__series", "seat__organization")
    return rows.order_by("meeting__starts_at", "id")[:SHOWN]


@waits.for_each(_changes)
def changes_to_answer(membership: Membership, answer: AgendaAnswer) -> Waiting:
    """A seat wants another agenda, and whoever sets it has not said what becomes of that."""
    said = {"organization": answer.seat.organization.name, "name": answer.meeting.series.name}
    url = reverse("meetings:meeting", args=[membership.initiative.slug, answer.meeting_id])
    return Waiting(
        _("%(organization)s asks for another agenda: %(name)s") % said,
        f"{url}#changes",
        note=Truncator(answer.text).words(WORDS),
        due_on=_day(answer.meeting),
        condition=HUE,
        minutes=2,
    )


def _actions(membership: Membership) -> QuerySet[ActionItem]:
    day = timezone.localdate()
    mine = Q(owner=membership, state=ActionState.OPEN, drop_asked=False, due_on__lte=day + SOON)
    if membership.may(Permission.MEETINGS_SEAT):
        mine |= Q(
            owner=None,
            organization_id=membership.organization_id,
            state=ActionState.OPEN,
            drop_asked=False,
            due_on__lte=day + SOON,
        )
    asked = Q(requester=membership) & (Q(state=ActionState.CLAIMED_DONE) | Q(drop_asked=True))
    rows = ActionItem.objects.pending().filter(mine | asked).select_related("organization")
    return rows.order_by("due_on", "id")[:SHOWN]


@waits.for_each(_actions)
def actions_due(membership: Membership, action: ActionItem) -> Waiting:
    """What one promised and is due, and what one asked for that waits for a word."""
    is_claimed = action.state == ActionState.CLAIMED_DONE
    is_asked = is_claimed or action.drop_asked
    text = _("Is it done? %(text)s") if is_claimed else "%(text)s"
    if action.drop_asked:
        text = _("May it be let go? %(text)s")
    return Waiting(
        text % {"text": action.text},
        reverse("meetings:action", args=[membership.initiative.slug, action.pk]),
        note=action.organization.name if is_asked else _("promised"),
        due_on=None if is_asked else action.due_on,
        condition=HUE,
        minutes=MINUTES_TO_JUDGE if is_asked else None,
    )


def _decisions(membership: Membership) -> QuerySet[Decision]:
    seats = Seat.objects.current().own(membership).filter(body_id=OuterRef("body_id"))
    said = DecisionResponse.objects.filter(
        decision=OuterRef("pk"), seat__organization_id=membership.organization_id
    )
    closed = [MeetingState.CANCELLED, MeetingState.MINUTES_CIRCULATED, MeetingState.CLOSED]
    open_ones = (
        Q(state__in=[DecisionState.FRAMED, DecisionState.OPEN]) & Exists(seats) & ~Exists(said)
    )
    open_ones &= Q(meeting=None) | ~Q(meeting__state__in=closed)
    closes = reach(membership, Permission.DECISIONS_CLOSE)
    open_ones |= Q(closes, state=DecisionState.REVIEW_DUE)
    rows = Decision.objects.filter(open_ones).select_related("body").order_by("review_on", "id")
    return rows[:SHOWN]


@waits.for_each(_decisions)
def decisions_to_answer(membership: Membership, decision: Decision) -> Waiting:
    """Questions on which one's seat has not answered, and decisions to be looked at again."""
    is_review = decision.state == DecisionState.REVIEW_DUE
    text = _("Look again at %(what)s") if is_review else _("What do we say? %(what)s")
    return Waiting(
        text % {"what": str(decision) if is_review else decision.question},
        reverse("meetings:decision", args=[membership.initiative.slug, decision.pk]),
        note=decision.body.name,
        due_on=decision.review_on if is_review else None,
        condition=HUE,
        minutes=MINUTES_TO_ANSWER,
    )


def _minutes(membership: Membership) -> Any:
    seats = Seat.objects.current().own(membership)
    said = Correction.objects.filter(
        minutes=OuterRef("pk"), organization_id=membership.organization_id
    )
    ours = Q(meeting__series__body__in=seats.values("body_id"), state=MinutesState.CIRCULATED)
    right = Confirmation.objects.filter(
        minutes=OuterRef("pk"), organization_id=membership.organization_id
    )
    held: Any = ours & ~Exists(said) & ~Exists(right)
    approves = reach(membership, Permission.MEETINGS_MINUTE)
    held |= Q(approves, state=MinutesState.CIRCULATED)
    held |= Q(reach(membership, Permission.MEETINGS_RUN), state=MinutesState.DRAFT)
    proposed = Correction.objects.filter(minutes=OuterRef("pk"), state=CorrectionState.PROPOSED)
    rows = Minutes.objects.filter(held).annotate(
        is_disputed=Exists(proposed), is_to_approve=ExpressionWrapper(approves, BooleanField())
    )
    rows = rows.select_related("meeting__series").order_by("circulated_at", "id")
    return rows[:SHOWN]


@waits.for_each(_minutes)
def minutes_to_see_to(membership: Membership, minutes: Any) -> Waiting:
    """Minutes to read for mistakes, to answer, to approve, and those nobody has sent yet."""
    if minutes.state == MinutesState.DRAFT:
        text = _("Send the minutes: %(name)s")
    elif minutes.is_to_approve:
        text = _("Approve the minutes: %(name)s")
    else:
        text = _("Are the minutes right? %(name)s")
    return Waiting(
        text % {"name": minutes.meeting},
        reverse("meetings:minutes", args=[membership.initiative.slug, minutes.meeting_id]),
        note=_("somebody says that something is wrong") if minutes.is_disputed else "",
        condition=HUE,
        minutes=MINUTES_TO_READ,
    )


def all_of(membership: Membership) -> list[Waiting]:
    """The same for the page of meetings: what is due first comes first."""
    sources = [
        (_held, seats_to_answer),
        (_briefings, each_of(briefing_to_answer)),
        (_items, items_to_place),
        (_changes, each_of(changes_to_answer)),
    ]
    return said_by(sources, membership)


def _meeting_soon() -> Any:
    until = timezone.now() + AHEAD
    return Meeting.objects.upcoming().filter(state__in=BEFORE, starts_at__lt=until)


def _said(answer: AgendaAnswer) -> str:
    if answer.kind == AgendaAnswerKind.CHANGE:
        return OPEN if answer.is_open_change else DONE
    return answer.digest


def _unread(papers: list[PreRead], known: set[int]) -> dict[int, int]:
    """By meeting, the minutes of reading that are left."""
    newest = {(each.meeting_id, each.name): each for each in papers}
    found: dict[int, int] = defaultdict(int)
    for each in newest.values():
        if each.pk not in known:
            found[each.meeting_id] += each.minutes
    return found


def _day(meeting: Meeting) -> date:
    return meeting.starts_at.astimezone(meeting.series.zone).date()

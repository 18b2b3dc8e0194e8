"""The meetings of a twin."""

import uuid
from datetime import time, timedelta

from django.core.files.base import ContentFile
from django.utils import timezone

from backbone.management.twins.base import Twin, issue, new
from initiatives import links
from initiatives.choices import LinkPurpose
from initiatives.models import Membership, Notice, Organization
from initiatives.permissions import Role
from meetings import models as met
from meetings.selectors.minutes import content_of
from meetings.services import files
from meetings.services.series import open_meeting


def seed(twin: Twin, organization: Organization) -> None:
    """A body with one seat, a series, one meeting to come with an item."""
    canary = twin.canary
    lead = Membership.objects.get(roles=[Role.PARTNER_LEAD], organization=organization)
    body = new(met.Body, code="steering", name=f"Steering {canary}", purpose=f"To steer {canary}")
    seat = new(met.Seat, body=body, organization=organization, holder=lead)
    day = timezone.localdate() + timedelta(days=7)
    series = new(
        met.MeetingSeries,
        body=body,
        name=f"Steering meeting {canary}",
        rule="FREQ=WEEKLY",
        starts_on=day,
        starts_at=time(14, 0),
        time_zone="Europe/Berlin",
        notice_days=10,  # so that the paper came late
        place=f"Hall {canary}",
    )
    meeting = open_meeting(actor=lead, series=series, day=day)
    item = new(
        met.AgendaItem,
        body=body,
        meeting=meeting,
        title=f"Item {canary}",
        proposer=organization,
        proposed_by=lead,
    )
    for title in ("Decide", "Learn"):
        new(
            met.AgendaItem,
            body=body,
            meeting=meeting,
            title=f"{title} {canary}",
            purpose=title.lower(),
            state="scheduled",
            proposer=organization,
            proposed_by=lead,
        )
    new(met.Body, code="group", name=f"Group {canary}")
    _seed_agenda(twin, meeting, seat, item, lead)
    _seed_decision(twin, meeting, item, lead)
    _seed_letters(twin, meeting, lead)
    facilitation = new(
        met.Facilitation,
        series=series,
        membership=Membership.objects.get(roles=[Role.SERIES_FACILITATOR]),
        starts_on=timezone.localdate() - timedelta(days=30),
        ends_on=timezone.localdate(),  # over: what it let in is shut again
    )
    twin.objects |= {
        "body_id": body.pk,
        "seat_id": seat.pk,
        "series_id": series.pk,
        "facilitation_id": facilitation.pk,
        "meeting_id": meeting.pk,
        "item_id": item.pk,
    }


def _seed_agenda(
    twin: Twin, meeting: met.Meeting, seat: met.Seat, item: met.AgendaItem, lead: Membership
) -> None:
    canary, private, now = twin.canary, twin.private_canary, timezone.now()
    said = {"meeting": meeting, "seat": seat}
    answer = new(
        met.AgendaAnswer, **said, kind="change", text=canary, digest="0" * 64, answered_by=lead
    )
    pre_read = new(
        met.PreRead,
        meeting=meeting,
        item=met.AgendaItem.objects.get(purpose="decide"),
        file=files.keep(ContentFile(canary.encode())),
        file_name="paper.txt",
        name=f"Paper {canary}",
        text=canary,
        digest="0" * 64,
        published_by=lead,
    )
    new(met.Acknowledgement, pre_read=pre_read, user=lead.user)
    new(met.PreReadWaiver, item=item, organization=seat.organization, given_by=lead)
    new(met.Reply, **said, kind="maybe", note=private, replied_by=lead)
    delegation = new(met.Delegation, **said, delegate=lead, named_by=lead, mandate=private)
    briefing = new(
        met.Briefing, **said, content={"decide": [], "stands": [private]}, digest="0" * 64
    )
    new(met.BriefingAnswer, briefing=briefing, item=item, line="ask", note=private)
    attendance = new(met.Attendance, **said, person=lead, came_at=now)
    seat_link = new(met.SeatLink, **said, membership=lead)
    issue(twin, LinkPurpose.SEAT, seat_link.pk)
    new(met.SeatCount, **said, counted=True, status="present")
    note = new(met.Note, meeting=meeting, item=item, key=uuid.uuid4(), text=canary, written_by=lead)
    new(met.ItemClock, meeting=meeting, item=item)
    minutes = new(met.Minutes, meeting=meeting, content=content_of(meeting), summary=canary)
    new(met.Confirmation, minutes=minutes, organization=seat.organization, given_by=lead)
    correction = new(
        met.Correction,
        minutes=minutes,
        number=1,
        organization=seat.organization,
        text=canary,
        written_by=lead,
    )
    twin.objects |= {
        "agenda_answer_id": answer.pk,
        "pre_read_id": pre_read.pk,
        "delegation_id": delegation.pk,
        "briefing_id": briefing.pk,
        "attendance_id": attendance.pk,
        "note_id": note.pk,
        "minutes_id": minutes.pk,
        "correction_id": correction.pk,
    }


def _seed_decision(
    twin: Twin, meeting: met.Meeting, item: met.AgendaItem, lead: Membership
) -> None:
    canary, body = twin.canary, meeting.series.body
    decision = new(
        met.Decision,
        body=body,
        meeting=meeting,
        item=item,
        question=f"Question {canary}?",
        framed_by=lead,
    )
    option = new(met.DecisionOption, decision=decision, text=f"Option {canary}")
    criterion = new(met.Criterion, decision=decision, name=f"Criterion {canary}")
    new(met.Score, option=option, criterion=criterion, value=3)
    evidence = new(met.Evidence, decision=decision, text=f"Evidence {canary}", added_by=lead)
    new(met.Interest, decision=decision, organization=lead.organization, text=canary)
    seat = met.Seat.objects.get()
    new(met.DecisionResponse, decision=decision, seat=seat, kind="consent", given_by=lead)
    action = new(
        met.ActionItem,
        body=body,
        meeting=meeting,
        text=f"Action {canary}",
        owner=lead,
        organization=lead.organization,
        requester=lead,
        due_on=timezone.localdate(),
        first_due_on=timezone.localdate(),
    )
    twin.objects |= {
        "decision_id": decision.pk,
        "option_id": option.pk,
        "criterion_id": criterion.pk,
        "evidence_id": evidence.pk,
        "action_id": action.pk,
    }


def _seed_letters(twin: Twin, meeting: met.Meeting, lead: Membership) -> None:
    series = meeting.series
    new(
        met.CalendarEnvelope,
        series=series,
        meeting=meeting,
        membership=lead,
        method="REQUEST",
        uid=series.uid,
        sequence=0,
    )
    issue(twin, LinkPurpose.CALENDAR, lead.pk)
    link = links.SignedLink.objects.get(digest=links.digest(twin.tokens["calendar"]))
    new(met.CalendarFeed, membership=lead, link=link)
    new(met.QuietSetting, user=lead.user)
    new(met.MinutesCeiling, minutes=60)
    new(
        met.DigestEntry,
        notice=Notice.objects.order_by("id").first(),
        user=lead.user,
        series=series,
        starts_at=meeting.starts_at,
    )
    issue(twin, LinkPurpose.WEEKLY, lead.user_id, user=lead.user)
    announcement = new(
        met.Announcement, title=f"News {twin.canary}", text=twin.canary, written_by=lead
    )
    new(met.RequestAnswer, announcement=announcement, membership=lead, text=twin.private_canary)
    new(met.AskedMinutes, user=lead.user, subject_type="x", subject_id=1, minutes=5)
    twin.objects |= {"announcement_id": announcement.pk}

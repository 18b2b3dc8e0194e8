"""The meetings of a twin."""

from datetime import time, timedelta

from django.utils import timezone

from backbone.management.twins.base import Twin, new
from initiatives.models import Membership, Organization
from initiatives.permissions import Role
from meetings import models as met
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
    twin.objects |= {
        "body_id": body.pk,
        "seat_id": seat.pk,
        "series_id": series.pk,
        "meeting_id": meeting.pk,
        "item_id": item.pk,
    }

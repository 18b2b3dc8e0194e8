"""The page of today when everything waits at once: its queries do not grow with what waits."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agenda import models as agreed
from agenda.selectors import ratification_waiting
from backbone.management.twins import seed
from backbone.management.twins.base import new
from initiatives import today
from initiatives.models import Membership
from initiatives.permissions import Permission, Role
from initiatives.tenancy import scope
from initiatives.together import together
from measures.models import Assignment, Round, Submission
from meetings import models as met

pytestmark = pytest.mark.django_db(transaction=True)

MOST_QUERIES = 15  # with the two ends of the transaction
# What waits while a version is written, circulated or ratified does not while one is answered.
OTHER_TIMES = {"_commenting", "_drafted", "_openings", "_undecided", "_unmeasured"}
OF_ORGANIZATIONS = {"_asked"}  # the backbone is asked for no view


@pytest.fixture
def twin(monkeypatch):
    monkeypatch.setattr(ratification_waiting, "CALL_BEFORE", timedelta(days=30))
    return seed()[0]


def member_of(role):
    rows = Membership.objects.filter(roles=[role], organization__code__in=["first", "backbone"])
    return rows.select_related("user", "organization", "initiative").get()


def everything_waits(member):
    """One thing of every kind for the member, beside what the twins have already."""
    ours, now = {"organization": member.organization}, timezone.now()
    other = Membership.objects.exclude(organization=member.organization).first()
    _in_meetings(member, other, ours)
    for kind, sent in (("news", {}), ("request", {"state": "sent", "sent_at": now})):
        text = {"title": kind, "text": kind, "kind": kind}
        new(met.Announcement, **text, minutes=5, written_by=other, **sent)
    agreed.GlossaryTerm.objects.update(state="in_discussion")
    for table in (agreed.TermVariant, agreed.Contact, agreed.ResolutionConfirmation):
        table.objects.all().delete()
    for source, words in (("noted", ""), ("objection", "Ours"), ("noted", "Ours")):
        noticed = new(agreed.Difference, kind="goal", title=source, source=source)
        side = new(agreed.DifferenceSide, difference=noticed, label="Ours", statement=words)
        new(agreed.SideMember, difference=noticed, side=side, **ours)
    agreed.Reservation.objects.update(**ours, review_on=timezone.localdate())
    _in_measures(member, other, ours)


def _in_meetings(member, other, ours):
    met.Seat.objects.update(**ours, holder=member)
    for table in (
        *(met.Reply, met.AgendaAnswer, met.Acknowledgement),
        *(met.DecisionResponse, met.Confirmation, met.Correction),
    ):
        table.objects.all().delete()
    met.Minutes.objects.update(state="circulated", circulated_at=timezone.now())
    met.Delegation.objects.update(delegate=member)
    met.ActionItem.objects.update(owner=member, **ours)
    if member.may(Permission.MEETINGS_AGENDA):
        said = {"meeting": met.Meeting.objects.get(), "seat": met.Seat.objects.get()}
        new(met.AgendaAnswer, **said, kind="change", text="?", digest="0", answered_by=other)


def _in_measures(member, other, ours):
    Round.objects.update(due_at=timezone.now() + timedelta(days=1))
    Submission.objects.update(**ours)
    Assignment.objects.update(**ours)
    if member.may(Permission.MEASURES_COLLECT):
        submission = {"round": Round.objects.get(), "organization": other.organization}
        new(Submission, **submission, state="submitted")


def silent_sources(member):
    """The sources that are asked for the member and have nothing."""
    asked = [(rows.__name__, rows(member)) for rows, _lines in today.waits.sources]
    return {name for name, rows in asked if rows is not None and not together([rows])[0]}


@pytest.mark.parametrize("role", [Role.PROJECT_MANAGER, Role.PARTNER_LEAD])
def test_whatever_waits_the_page_of_today_makes_few_queries(twin, role):
    with scope(twin.initiative_id):
        member = member_of(role)
        everything_waits(member)
        silent = silent_sources(member) - {"<lambda>", "newcomers", "asked_about"}
        assert silent <= OTHER_TIMES | (OF_ORGANIZATIONS if member.is_backbone else set())
        lines = today.waiting(member)
    client = Client()
    client.force_login(member.user)
    page = reverse("initiatives:today", args=[twin.slug])
    client.get(page)  # what is remembered between requests
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(page)
    assert answer.status_code == 200
    assert all(str(each.url) in answer.content.decode() for each in lines)
    assert len(queries) <= MOST_QUERIES


def test_rows_that_came_together_are_as_if_each_were_asked_for_alone(twin):
    with scope(twin.initiative_id):
        member = member_of(Role.PARTNER_LEAD)
        everything_waits(member)
        sources = [rows(member) for rows, _lines in today.waits.sources]
        asked = [rows for rows in sources if rows is not None]
        for alone, brought in zip(asked, together(asked), strict=True):
            assert brought == list(alone)
            for one, other in zip(alone, brought, strict=True):
                for name in set(one.__dict__) - {"_state"} - other.get_deferred_fields():
                    assert getattr(other, name) == getattr(one, name), name

"""A small initiative that meets: a body with three seats and a weekly series."""

from datetime import time, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from initiatives.models import Initiative, Membership, Notice, Organization, User
from initiatives.permissions import Role
from initiatives.tenancy import scope
from meetings.models import MeetingSeries, Seat
from meetings.services.bodies import add_seats, create_body
from meetings.services.facilitations import give_series
from meetings.services.series import create_series
from tests.meetings.days import START


def member(organization, role, name, level="management"):
    user = User.objects.create(email=f"{name}@{organization.code}.test", name=name.title())
    row = Membership.here(organization=organization, user=user, roles=[role], level=level)
    row.save()
    return row


@pytest.fixture
def meets():
    """``initiative``, ``manager``, ``leads`` (three), ``body``, ``series``; open ``scope`` to use."""
    initiative = Initiative.objects.create(slug="meets", name="Meets")
    with scope(initiative.pk):
        backbone = Organization.here(code="bb", name="Backbone", kind="backbone", state="active")
        backbone.save()
        manager = member(backbone, Role.PROJECT_MANAGER, "pat")
        facilitator = member(backbone, Role.FACILITATOR, "fran")
        leads = []
        for code in ("ark", "bee", "cat"):
            organization = Organization.here(code=code, name=code.title(), state="active")
            organization.save()
            leads.append(member(organization, Role.PARTNER_LEAD, code))
        body = create_body(actor=manager, name="Steering")
        add_seats(actor=manager, body=body, organizations=[each.organization for each in leads])
        series = create_series(
            actor=manager,
            body=body,
            name="Steering meeting",
            rule="FREQ=WEEKLY;BYDAY=TU",
            starts_on=START,
            starts_at=time(14, 0),
            minutes=60,
            time_zone="Europe/Berlin",
            place="Hall",
        )
    return SimpleNamespace(
        initiative=initiative,
        manager=manager,
        facilitator=facilitator,
        leads=leads,
        body=body,
        series=series,
        scope=lambda: scope(initiative.pk),
        seats=lambda: list(Seat.objects.filter(body=body).order_by("id")),
        again=lambda: MeetingSeries.objects.get(pk=series.pk),
    )


def beside(meets, body):
    names = ("starts_on", "starts_at", "minutes", "time_zone", "rule")
    fields = {name: getattr(meets.series, name) for name in names}
    return create_series(actor=meets.manager, body=body, name=f"Other of {body}", **fields)


@pytest.fixture
def guest(meets):
    """``meets`` with ``eve`` from outside, who was given its series; ``other`` series are not hers:
    one of the same body, one of another.
    """
    with meets.scope():
        outside = Organization.here(code="out", name="Outside", state="active")
        outside.save()
        meets.eve = member(outside, Role.SERIES_FACILITATOR, "eve")
        second = create_body(actor=meets.manager, name="Working group")
        add_seats(actor=meets.manager, body=second, organizations=[meets.leads[0].organization])
        meets.other = [beside(meets, body) for body in (meets.body, second)]
        meets.given = give_series(
            actor=meets.manager,
            series=meets.series,
            membership=meets.eve,
            starts_on=timezone.localdate(),
            last_day=timezone.localdate() + timedelta(days=30),
        )
    return meets


@pytest.fixture
def away(meets):
    """``meets`` with a ``meeting`` that has a budget to decide on, and ``ola`` from outside who
    comes for the first lead, by a ``path``.
    """
    from tests.meetings import away as away_, held

    with meets.scope():
        meets.meeting = held.opened(meets)
        meets.item = held.scheduled(meets, meets.meeting, purpose="decide")
        meets.ola = away_.named(meets)
        meets.path = away_.path_in(Notice.objects.get(recipient=away_.OLA))
    return meets

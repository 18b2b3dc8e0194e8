"""Who sits where, who comes, and when: seats, the map of attendance, rules in words."""

from datetime import date, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from initiatives.models import Organization
from initiatives.permissions import Role
from meetings.models import Meeting, MeetingSeries, Seat, SeatCount
from meetings.selectors.heat_map import heat_map, last_quarters
from meetings.services.bodies import add_seats, fill_seat
from meetings.services.series import ConflictError, open_meeting
from meetings.templatetags.rules import rule_words
from tests.meetings.conftest import member
from tests.meetings.days import START
from tests.meetings.test_agendas import many_seats

pytestmark = pytest.mark.django_db(transaction=True)


def page(meets, name, *ids):
    return reverse(f"meetings:{name}", args=[meets.initiative.slug, *ids])


def queries(client, address):
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)


def test_a_lead_fills_the_own_seat_and_no_other(meets, client):
    with meets.scope():
        own, other, _third = meets.seats()
        zoe = member(own.organization, "partner_reporter", "zoe", level="executive")
    client.force_login(meets.leads[0].user)
    address = page(meets, "seat_holder", meets.body.pk, own.pk)
    assert client.get(page(meets, "seat_holder", meets.body.pk, other.pk)).status_code == 403
    stale = client.post(address, {"holder": zoe.pk, "version": 0})
    assert stale.status_code == 422
    foreign = client.post(address, {"holder": meets.leads[1].pk, "version": own.version})
    assert foreign.status_code == 422
    assert client.post(address, {"holder": zoe.pk, "version": own.version}).status_code == 302
    shown = client.get(page(meets, "body", meets.body.pk)).content.decode()
    assert "Zoe" in shown
    assert "Executive" in shown
    end = page(meets, "seat_end", meets.body.pk, own.pk)
    assert client.post(end).status_code == 403
    client.force_login(meets.manager.user)
    assert client.post(end).status_code == 302
    assert client.post(end).status_code == 302
    with meets.scope():
        assert Seat.objects.current().count() == 2


def test_two_who_fill_a_seat_at_once_are_told(meets):
    with meets.scope():
        seat = meets.seats()[0]
        zoe = member(seat.organization, "partner_reporter", "zoe")
        fill_seat(actor=meets.manager, seat=seat, holder=zoe, version=seat.version)
        with pytest.raises(ConflictError):
            fill_seat(actor=meets.leads[0], seat=seat, holder=None, version=seat.version)
        with pytest.raises(PermissionDenied):
            fill_seat(actor=meets.leads[1], seat=seat, holder=None)


def test_the_page_of_a_body_asks_the_same_number_of_queries_for_forty_seats(meets, client):
    client.force_login(meets.manager.user)
    address = page(meets, "body", meets.body.pk)
    queries(client, address)
    few = queries(client, address)
    many_seats(meets, 37)
    assert queries(client, address) == few <= 25


def attended(meets, weeks_ago, *verdicts):
    """A meeting of the past, with each seat's verdict: counted, level, by delegate."""
    day = timezone.localdate() - timedelta(weeks=weeks_ago)
    starts = timezone.now() - timedelta(weeks=weeks_ago)
    meeting = Meeting.here(
        series=meets.series,
        day=day,
        local_date=day,
        local_time=time(14),
        minutes=60,
        starts_at=starts,
        ends_at=starts + timedelta(hours=1),
        state="closed",
    )
    meeting.save()
    for seat, (counted, level, by_delegate) in zip(meets.seats(), verdicts, strict=True):
        SeatCount.here(
            meeting=meeting,
            seat=seat,
            counted=counted,
            status="present" if counted else "absent",
            level=level if counted else "",
            by_delegate=by_delegate,
        ).save()


def both(meets):
    attended(meets, 1, (True, "executive", False), (True, "frontline", True), (False, "", False))
    attended(meets, 2, (True, "executive", False), (False, "", False), (False, "", False))


def test_the_map_counts_by_organization_level_and_quarter(meets):
    with meets.scope():
        both(meets)
        found = heat_map(meets.manager)
        assert [row.name for row in found.rows] == ["Ark", "Bee", "Cat"]
        ark, bee, cat = (row.whole for row in found.rows)
        assert (ark.counted, ark.held, ark.tone, ark.said) == (2, 2, "good", [("Executive", 2)])
        assert (bee.counted, bee.held, bee.tone, bee.by_delegate) == (1, 2, "warn", 1)
        assert (cat.counted, cat.held, cat.tone) == (0, 2, "bad")
        assert (found.total.whole.counted, found.total.whole.held) == (3, 6)
        executive = heat_map(meets.manager, level="executive")
        assert [row.whole.counted for row in executive.rows] == [2, 0, 0]
        assert sum(cell.held for cell in found.rows[0].cells) == 2


def test_partners_see_their_own_row_and_funders_sectors(meets, client):
    with meets.scope():
        both(meets)
        organization = Organization.here(code="fund", name="Fund", kind="funder", state="active")
        organization.save()
        funder = member(organization, Role.FUNDER, "finn")
        observer = member(organization, Role.OBSERVER, "ollie")
        own = heat_map(meets.leads[1])
        assert [row.name for row in own.rows] == ["Bee"]
        assert own.total.whole.held == 6
        sectors = heat_map(funder)
        assert [row.name for row in sectors.rows] == ["Sector not said"]
    for who, seen, hidden in (
        (meets.manager, "Cat", "By sector"),
        (meets.leads[1], "Bee", ">Cat<"),
        (funder, "By sector", ">Cat<"),
    ):
        client.force_login(who.user)
        shown = client.get(page(meets, "attendance")).content.decode()
        assert seen in shown
        assert hidden not in shown
    client.force_login(observer.user)
    assert client.get(page(meets, "attendance")).status_code == 403


def test_the_map_asks_the_same_number_of_queries_for_forty_organizations(meets, client):
    client.force_login(meets.manager.user)
    with meets.scope():
        both(meets)
    address = page(meets, "attendance")
    queries(client, address)
    few = queries(client, address)
    many_seats(meets, 37)
    with meets.scope():
        attended(meets, 3, *[(True, "management", False)] * 40)
    assert queries(client, address) == few <= 15
    series = page(meets, "series", meets.series.pk)
    assert queries(client, series) <= 20


def test_quarters_are_the_last_eight():
    found = last_quarters(date(2027, 2, 3))
    assert (found[0], found[-1], len(found)) == (date(2025, 4, 1), date(2027, 1, 1), 8)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("", "once, on 5 January 2027"),
        ("FREQ=DAILY;INTERVAL=3", "every 3 days"),
        ("FREQ=WEEKLY", "every Tuesday"),
        ("FREQ=WEEKLY;BYDAY=MO,WE,FR", "every Monday, Wednesday and Friday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "every 2 weeks on Tuesday"),
        ("FREQ=MONTHLY;BYDAY=2TU", "every second Tuesday of the month"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "every last Friday of the month"),
        ("FREQ=MONTHLY;INTERVAL=3;BYDAY=1TU", "every 3 months on the first Tuesday"),
        ("FREQ=MONTHLY;BYMONTHDAY=15", "on day 15 of every month"),
        ("FREQ=MONTHLY", "on day 5 of every month"),
        ("FREQ=YEARLY", "every year on 5 January"),
        ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1", "by a rule of its own"),
        ("FREQ=MONTHLY;BYDAY=TU", "by a rule of its own"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "on the last day of every month"),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=1TU", "by a rule of its own"),
    ],
)
def test_a_rule_in_words(rule, words):
    first = date(2027, 1, 5)  # a Tuesday; nothing here asks whether it is past
    series = MeetingSeries(
        rule=rule, starts_on=first, starts_at=time(14), time_zone="Europe/Berlin"
    )
    said = rule_words(series)
    assert said.startswith(words)
    assert said.endswith(", 14:00 Europe/Berlin")


def test_the_overview_groups_what_is_ahead_and_says_what_waits(meets, client):
    with meets.scope():
        add_seats(actor=meets.manager, body=meets.body, organizations=[])
        meeting = open_meeting(actor=meets.manager, series=meets.series, day=START)
        Meeting.objects.filter(pk=meeting.pk).update(
            starts_at=timezone.now() + timedelta(days=3),
            ends_at=timezone.now() + timedelta(days=3, hours=1),
        )
    client.force_login(meets.leads[0].user)
    shown = client.get(page(meets, "overview")).content.decode()
    assert "every Tuesday, 14:00 Europe/Berlin" in shown
    assert "Will you be there? Steering meeting" in shown


def test_a_series_says_who_facilitates_and_which_levels_it_counts_on(client, meets):
    slug, series = meets.initiative.slug, meets.series
    with meets.scope():
        meeting = open_meeting(actor=meets.manager, series=series, day=START)
        other = member(meets.manager.organization, Role.FACILITATOR, "fay")
    client.force_login(meets.manager.user)
    page = reverse("meetings:series_change", args=[slug, series.pk])
    said = {
        name: value for name, value in client.get(page).context["form"].initial.items() if value
    }
    said |= {"version": series.version, "pattern": "weekly"}
    wrong = client.post(page, said | {"facilitator": meets.leads[0].pk})
    assert wrong.status_code == 422  # a partner's lead runs no meetings
    said |= {"facilitator": other.pk, "required_levels": ["executive", "frontline"]}
    said |= {"lead_organization": meets.leads[1].organization_id}
    assert client.post(page, said).status_code == 302
    shown = client.get(reverse("meetings:series", args=[slug, series.pk])).content.decode()
    for words in ("Executive, Frontline", "Fay", "Bee"):
        assert words in shown
    with meets.scope():
        meeting.refresh_from_db()
        assert (meeting.facilitator_id, meeting.sequence) == (other.pk, series.sequence)
    move = reverse("meetings:meeting_move", args=[slug, meeting.pk])
    said = {
        name: value for name, value in client.get(move).context["form"].initial.items() if value
    }
    assert client.post(move, said | {"facilitator": meets.facilitator.pk}).status_code == 302
    with meets.scope():
        meeting.refresh_from_db()
        assert (meeting.facilitator_id, meeting.sequence) == (meets.facilitator.pk, 0)
        assert not meeting.is_moved


def test_a_meeting_that_is_cancelled_says_which_one_takes_its_place(client, meets):
    with meets.scope():
        meeting = open_meeting(actor=meets.manager, series=meets.series, day=START)
    client.force_login(meets.manager.user)
    page = reverse("meetings:meeting_cancel", args=[meets.initiative.slug, meeting.pk])
    said = {"version": meeting.version, "reason": "Snow"}
    for day in (START, START + timedelta(days=1)):  # itself, and a day that the rule does not name
        assert client.post(page, said | {"instead": day.isoformat()}).status_code == 422
    later = START + timedelta(days=7)
    assert later.isoformat() in client.get(page).content.decode()
    answer = client.post(page, said | {"instead": later.isoformat()}, follow=True)
    assert "Another one takes its place" in answer.content.decode()
    with meets.scope():
        meeting.refresh_from_db()
        assert (meeting.state, meeting.replaced_by.day) == ("cancelled", later)

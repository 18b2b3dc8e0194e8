"""The map of attendance at its real size, and the page that leads to everything else."""

import re
from datetime import time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from initiatives.choices import MemberLevel
from initiatives.models import Organization
from meetings.models import Meeting, Seat, SeatCount
from meetings.selectors.agendas import digest_of
from meetings.selectors.heat_map import LEAST, heat_map
from meetings.selectors.overview import overview_of
from meetings.services.agendas import answer_agenda
from meetings.services.bodies import add_seats, create_body, end_seat
from meetings.services.series import cancel_meeting, change_series
from tests.meetings.conftest import beside
from tests.meetings.days import START, written
from tests.meetings.held import opened, scheduled

pytestmark = pytest.mark.django_db(transaction=True)
QUARTER = timedelta(days=91)


def quarters_held(meets, organizations):
    """A meeting in each of eight quarters, with so many organizations of all levels."""
    made = Organization.objects.bulk_create(
        Organization.here(code=f"o-{n:03}", name=f"Organization {n:03}", state="active")
        for n in range(organizations)
    )
    seats = Seat.objects.bulk_create(Seat.here(body=meets.body, organization=each) for each in made)
    now, levels = timezone.now(), MemberLevel.values
    for back in range(8):
        starts = now - back * QUARTER
        meeting = Meeting.here(
            series=meets.series,
            day=starts.date(),
            local_date=starts.date(),
            local_time=starts.time(),
            minutes=60,
            starts_at=starts,
            ends_at=starts + timedelta(hours=1),
            state="closed",
        )
        meeting.save()
        SeatCount.objects.bulk_create(
            SeatCount.here(
                meeting=meeting,
                seat=seat,
                counted=(came := n % 8 >= back),
                status="present" if came else "absent",
                level=levels[(n + back) % len(levels)] if came else "",
                by_delegate=came and n % 5 == 0,
            )
            for n, seat in enumerate(seats)
        )


def asked(client, meets, query=""):
    client.force_login(meets.manager.user)
    url = reverse("meetings:attendance", args=["meets"]) + query
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        page = client.get(url)
    assert page.status_code == 200
    return page.content.decode(), len(caught)


def test_two_hundred_organizations_cost_as_many_queries_as_five(client, meets):
    with meets.scope():
        quarters_held(meets, 5)
    _page, few = asked(client, meets)
    with meets.scope():
        Meeting.objects.all().delete()
        Seat.objects.all().delete()
        Organization.objects.filter(code__startswith="o-").delete()
        quarters_held(meets, 200)
    page, many = asked(client, meets)
    assert many == few <= 15
    # A phone gets fifty, paper gets all, and the sum is of all on either.
    assert len(re.findall(r"Organization \d{3}", page)) == 50
    whole, _queries = asked(client, meets, "?all=1")
    assert len(re.findall(r"Organization \d{3}", whole)) == 200
    for each in (page, whole):
        assert re.search(r"All together.*?of 1600", each, re.DOTALL)


def test_the_map_has_a_cell_for_each_organization_and_quarter_that_says_which(client, meets):
    with meets.scope():
        quarters_held(meets, 3)
        found = heat_map(meets.manager)
    page, _queries = asked(client, meets)
    for cell in found.total.cells:
        # On a phone there is no head: each cell names its quarter.
        assert page.count(f'data-label="{cell.quarter}"') == 4
    assert 'role="region"' in page
    assert 'tabindex="0"' in page


def test_who_came_least_comes_first_where_that_is_asked(meets):
    with meets.scope():
        quarters_held(meets, 16)
        names = [row.name for row in heat_map(meets.manager).rows]
        least = heat_map(meets.manager, order=LEAST).rows
    assert names == sorted(names)
    shares = [row.whole.counted / row.whole.held for row in least]
    assert shares == sorted(shares)
    assert {row.name for row in least} == set(names)


def overview(client, person):
    client.force_login(person.user)
    return client.get(reverse("meetings:overview", args=["meets"])).content.decode()


def test_the_next_meeting_comes_first_with_what_it_asks_of_the_reader(client, meets, monkeypatch):
    monkeypatch.setattr("meetings.selectors.waiting.AHEAD", timedelta(days=999))
    with meets.scope():
        meeting = opened(meets)
        scheduled(meets, meeting)
        lead, seat = meets.leads[0], meets.seats()[0]
        digest = digest_of(meeting)
        answer_agenda(
            actor=lead, meeting=meeting, seat=seat, kind="change", digest=digest, text="Vans"
        )
        pages = {person: overview_of(person) for person in (lead, meets.facilitator)}
        # Not what waits for another meeting.
        scheduled(meets, opened(meets, weeks=1), "Staff")
        after = overview_of(lead)
    assert [each.text for each in pages[lead].asked] == [
        "Will you be there? Steering meeting",
    ]
    assert [each.text for each in pages[meets.facilitator].asked] == [
        "Ark asks for another agenda: Steering meeting"
    ]
    assert [each.text for each in after.asked] == [each.text for each in pages[lead].asked]
    assert len(after.waits) == 2
    page = overview(client, lead)
    order = [
        "Next:",
        "Will you be there?",
        "Also waiting for you",
        "Also in the next sixty days",
        "Look up",
    ]
    places = [page.index(each) for each in order]
    assert places == sorted(places)


def test_a_cancelled_meeting_is_not_the_next_one(meets):
    with meets.scope():
        meeting = opened(meets)
        cancel_meeting(actor=meets.manager, meeting=meeting, version=meeting.version, reason="Snow")
        page = overview_of(meets.leads[0])
    assert page.next.day > meeting.day
    assert page.others[0].is_cancelled


def test_the_next_meeting_is_one_where_the_readers_organization_sits(client, meets):
    with meets.scope():
        second = create_body(actor=meets.manager, name="Working group")
        add_seats(actor=meets.manager, body=second, organizations=[meets.leads[0].organization])
        early = beside(meets, second)
        early = change_series(actor=meets.manager, series=early, version=1, starts_at=time(9))
        found = {person: overview_of(person) for person in (*meets.leads[:2], meets.manager)}
    lead, other, manager = found.values()
    assert (lead.next.series, lead.is_ours) == (early, True)
    assert (other.next.series, other.is_ours) == (meets.series, True)
    assert (manager.next.series, manager.is_ours) == (early, True)
    with meets.scope():
        end_seat(actor=meets.manager, seat=meets.seats()[1])
    assert "Your organization has no seat in it." in overview(client, meets.leads[1])


def test_a_day_is_written_in_one_form(client, meets):
    """Whoever reads it: of a meeting that is over, of a series that meets once, in a list."""
    with meets.scope():
        assert str(opened(meets)) == f"Steering meeting, {written(START)}"
    client.force_login(meets.manager.user)
    for name, args in (("overview", []), ("series", [meets.series.pk])):
        page = client.get(reverse(f"meetings:{name}", args=["meets", *args])).content.decode()
        seen = re.sub(r"<[^>]*>", " ", page.split("<main", 1)[1])
        assert not re.search(r"\d{4}-\d{2}-\d{2}", seen), name
        assert f"{START:%B %Y}" in seen


def test_the_page_of_meetings_asks_the_same_however_much_is_ahead(client, meets, monkeypatch):
    monkeypatch.setattr("meetings.selectors.waiting.AHEAD", timedelta(days=999))

    def cost(person):
        client.force_login(person.user)
        url = reverse("meetings:overview", args=["meets"])
        client.get(url)
        with CaptureQueriesContext(connection) as caught:
            client.get(url)
        return len(caught)

    with meets.scope():
        scheduled(meets, opened(meets))
    few = [cost(person) for person in (meets.leads[0], meets.facilitator)]
    with meets.scope():
        for week in range(1, 5):
            meeting = opened(meets, weeks=week)
            scheduled(meets, meeting, f"Item {week}")
            digest = digest_of(meeting)
            for number, seat in enumerate(meets.seats()):
                answer_agenda(
                    actor=meets.leads[number],
                    meeting=meeting,
                    seat=seat,
                    kind="change",
                    digest=digest,
                    text="Vans",
                )
    many = [cost(person) for person in (meets.leads[0], meets.facilitator)]
    assert all(after <= before for before, after in zip(few, many, strict=True)), (few, many)
    assert max(few) <= 25

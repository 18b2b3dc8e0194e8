"""What somebody who facilitates a series alone finds on the pages, and who gives a series away."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from initiatives.models import Act
from initiatives.permissions import Permission
from meetings.models import Facilitation, Meeting
from meetings.selectors.agendas import digest_of
from meetings.selectors.heat_map import heat_map
from meetings.selectors.rights import given_to
from meetings.services import bodies, running
from meetings.services.actions import assign_action
from meetings.services.agendas import answer_agenda
from meetings.services.announcements import write_announcement
from meetings.services.papers import publish_paper
from meetings.urls import urlpatterns
from tests.meetings.days import START
from tests.meetings.guests import held

pytestmark = pytest.mark.django_db(transaction=True)


PAGES = [
    ("series", "series_id"),
    ("series_change", "series_id"),
    ("meeting", "meeting_id"),
    ("meeting_move", "meeting_id"),
    ("meeting_cancel", "meeting_id"),
    ("running", "meeting_id"),
    ("minutes", "meeting_id"),
    ("item_propose", "meeting_id"),
    ("paper_publish", "meeting_id"),
    ("item", "item_id"),
    ("decision", "decision_id"),
]


def knock(client, meets, name, key, parts, method="get"):
    series, meeting, item, decision = parts
    ids = {
        "series_id": series.pk,
        "meeting_id": meeting.pk,
        "item_id": item.pk,
        "decision_id": decision.pk,
    }
    url = reverse(f"meetings:{name}", args=[meets.initiative.slug, ids[key]])
    return getattr(client, method)(url)


def test_her_pages_open_and_those_of_other_series_are_not_found(client, guest):
    with guest.scope():
        mine = (guest.series, *held(guest, guest.series))
        others = [(each, *held(guest, each)) for each in guest.other]
    client.force_login(guest.eve.user)
    for name, key in PAGES:
        assert knock(client, guest, name, key, mine).status_code == 200, name
    posts = [("item_schedule", "item_id"), ("item_decline", "item_id"), ("item_move", "item_id")]
    posts += [("item_delegate", "item_id"), ("seats_ask", "meeting_id")]
    for theirs in others:
        for name, key in PAGES:
            assert knock(client, guest, name, key, theirs).status_code == 404, name
        for name, key in posts:
            assert knock(client, guest, name, key, theirs, "post").status_code == 404, name


def test_her_pages_close_with_her_days(client, guest):
    with guest.scope():
        mine = (guest.series, *held(guest, guest.series))
        Facilitation.objects.update(ends_on=timezone.localdate())
    client.force_login(guest.eve.user)
    for name, key in PAGES:
        assert knock(client, guest, name, key, mine).status_code == 404, name


def every_form(meets):
    """The address of each page of meetings, with what is of her series in it."""
    series, (meeting, item, decision) = meets.series, held(meets, meets.series)
    seat = meets.body.seats.order_by("id").first()
    lead, digest = seat.holder, digest_of(meeting)
    wish = answer_agenda(
        actor=lead, meeting=meeting, seat=seat, kind="change", digest=digest, text="Vans"
    )
    paper = publish_paper(
        actor=meets.facilitator, meeting=meeting, name="Vans", text="Ten.", minutes=4
    )
    action = assign_action(
        actor=meets.manager,
        body=meets.body,
        meeting=meeting,
        text="Call",
        due_on=START,
        organization=lead.organization,
    )
    draft = write_announcement(
        actor=meets.manager, title="T", text="T", kind="news", minutes=1, body=meets.body
    )
    ids = {
        "series_id": series.pk,
        "meeting_id": meeting.pk,
        "item_id": item.pk,
        "decision_id": decision.pk,
        "body_id": meets.body.pk,
        "seat_id": seat.pk,
        "agenda_answer_id": wish.pk,
        "pre_read_id": paper.pk,
        "action_id": action.pk,
        "announcement_id": draft.pk,
        "facilitation_id": meets.given.pk,
        "day": f"{START + timedelta(weeks=1):%Y-%m-%d}",
    }
    for each in urlpatterns:
        names = [name for name in each.pattern.converters if name != "initiative"]
        if names:
            args = {name: ids[name] for name in names}
            yield each.name, reverse(f"meetings:{each.name}", kwargs={"initiative": "meets"} | args)


def test_c10_no_page_and_no_form_of_her_series_is_hers_outside_her_days(client, guest):
    """Of series, agendas, the order of items, answers, attendance, announcements: of whatever has
    an address, so that what comes tomorrow is tried as well.
    """
    today = timezone.localdate()
    with guest.scope():
        forms = list(every_form(guest))
    assert len(forms) > 30
    client.force_login(guest.eve.user)
    opened = {name for name, url in forms if client.get(url).status_code == 200}
    assert {"series", "series_change", "meeting", "item", "running", "decision"} <= opened
    for days in ({"ends_on": today}, {"starts_on": today + timedelta(days=1), "ends_on": None}):
        with guest.scope():
            Facilitation.objects.update(**{"starts_on": today - timedelta(days=9)} | days)
            before = Act.objects.count()
        for name, url in forms:
            for method in (client.get, client.post):
                assert method(url).status_code in {403, 404, 405}, (name, days)
        with guest.scope():
            assert Act.objects.count() == before


def test_c10_attendance_is_that_of_her_series_and_ends_with_her_days(client, guest):
    with guest.scope():
        for series in (guest.series, *guest.other):
            meeting, *_rest = held(guest, series)
            running.start_meeting(actor=guest.facilitator, meeting=meeting)
            running.end_meeting(actor=guest.facilitator, meeting=meeting)
        Meeting.objects.update(starts_at=timezone.now() - timedelta(days=1))
        [mine] = [heat_map(guest.eve)]
        whole = heat_map(guest.manager)
    assert [row.name for row in mine.rows] == ["Ark", "Bee", "Cat"]
    assert (mine.total.whole.held, whole.total.whole.held) == (3, 7)
    client.force_login(guest.eve.user)
    url = reverse("meetings:attendance", args=["meets"])
    assert client.get(url).status_code == 200
    with guest.scope():
        Facilitation.objects.update(ends_on=timezone.localdate())
    assert client.get(url).status_code == 403


def test_where_her_organization_sits_she_sees_and_does_not_set(client, guest):
    """Seen by a seat, another series of the body is there for her, and not hers to change."""
    with guest.scope():
        bodies.add_seats(
            actor=guest.manager, body=guest.body, organizations=[guest.eve.organization]
        )
        theirs = (guest.other[0], *held(guest, guest.other[0]))
    client.force_login(guest.eve.user)
    assert knock(client, guest, "meeting", "meeting_id", theirs).status_code == 200
    for name, key in PAGES:
        if name in {"series_change", "meeting_move", "meeting_cancel", "paper_publish"}:
            assert knock(client, guest, name, key, theirs).status_code == 403, name
    for name, key in [("item_decline", "item_id"), ("seats_ask", "meeting_id")]:
        assert knock(client, guest, name, key, theirs, "post").status_code == 403, name


def test_pages_say_what_she_was_given_and_until_when(client, guest):
    client.force_login(guest.eve.user)
    page = client.get(reverse("meetings:overview", args=["meets"])).content.decode()
    assert "What you facilitate" in page
    assert "Steering meeting" in page
    with guest.scope():
        last = guest.given.last_day
    assert f"{last.day} " in page
    client.force_login(guest.manager.user)
    page = client.get(reverse("meetings:series", args=["meets", guest.series.pk]))
    assert "eve" in page.content.decode().lower()


def test_a_series_is_given_and_taken_back_on_its_page(client, guest):
    client.force_login(guest.manager.user)
    other = guest.other[1]
    give = reverse("meetings:series_give", args=["meets", other.pk])
    sent = {"membership": guest.eve.pk, "starts_on": "2026-01-01", "last_day": "2099-12-31"}
    assert client.post(give, sent).status_code == 302
    with guest.scope():
        row = Facilitation.objects.get(series=other)
        assert given_to(guest.eve, Permission.MEETINGS_RUN) == {guest.series.pk, other.pk}
    end = reverse("meetings:series_take_back", args=["meets", other.pk, row.pk])
    assert client.post(end).status_code == client.post(end).status_code == 302
    with guest.scope():
        assert given_to(guest.eve, Permission.MEETINGS_RUN) == {guest.series.pk}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"membership": "0"}, "does not have that role"),
        ({"last_day": "2025-12-31"}, "before the first"),
        ({"starts_on": "9999-01-01"}, "1900"),
        ({"starts_on": ""}, "required"),
    ],
)
def test_a_mistake_in_giving_is_told_on_the_page(client, guest, change, text):
    client.force_login(guest.manager.user)
    give = reverse("meetings:series_give", args=["meets", guest.other[1].pk])
    sent = {"membership": guest.eve.pk, "starts_on": "2026-01-01", "last_day": ""} | change
    answer = client.post(give, sent)
    assert answer.status_code == 422
    assert text in answer.content.decode()
    with guest.scope():
        assert not Facilitation.objects.filter(series=guest.other[1]).exists()

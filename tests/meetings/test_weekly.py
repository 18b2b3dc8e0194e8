"""One mail a week and person, over all initiatives, once, in the morning of their Monday."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import Client
from django.utils import timezone

from initiatives import today
from initiatives.models import Initiative, InitiativeProfile, Membership, Notice, Organization
from initiatives.notices import IN_DOUBT
from initiatives.tenancy import current_initiative_id, scope
from meetings.models import AskedMinutes, Attendance, WeeklyChoice, WeeklyMail
from meetings.services import weekly
from meetings.services.announcements import send_announcement, write_announcement
from meetings.services.quiet import set_weekly
from meetings.services.series import open_meeting
from tests.meetings.days import START

pytestmark = pytest.mark.django_db(transaction=True)
MONDAY = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)


@pytest.fixture
def busy(meets, monkeypatch):
    """``meets``, and something that waits for every partner's lead."""

    def rows(membership):
        leads = "partner_lead" in membership.roles
        return Organization.objects.filter(pk=membership.organization_id) if leads else None

    def lines(membership, _found):
        return [today.Waiting(f"Answer {membership.initiative.name}", "/i/x/", minutes=3)]

    monkeypatch.setattr(today.waits, "sources", [(rows, lines)])
    return meets


def second_initiative(user, name="Second"):
    made = Initiative.objects.create(slug=name.lower(), name=name)
    with scope(made.pk):
        own = Organization.here(code="own", name="Own", state="active")
        own.save()
        Membership.here(organization=own, user=user, roles=["partner_lead"]).save()
    return made


def plan_all():
    """Rows for everyone, due now."""
    weekly.plan_weekly(MONDAY)
    WeeklyMail.objects.update(not_before=timezone.now())


def sent_to():
    return sorted(address for each in mail.outbox for address in each.to)


def news(meets, **fields):
    with meets.scope():
        given = {"title": "A new school", "text": "It opens in May.", "kind": "news"}
        found = write_announcement(actor=meets.manager, **{**given, **fields})
        return send_announcement(actor=meets.manager, announcement=found, version=1)


def test_one_mail_over_all_initiatives(busy):
    ada = busy.leads[0].user
    second_initiative(ada)
    plan_all()
    assert weekly.send_weekly() == 3
    assert sent_to() == ["ark@ark.test", "bee@bee.test", "cat@cat.test"]
    letter = next(each for each in mail.outbox if each.to == [ada.email])
    assert letter.subject == "Your week: 2 things wait for you, 6 minutes"
    html = letter.alternatives[0][0]
    for words in ("Answer Meets", "Answer Second", "3 minutes"):
        assert words in letter.body
        assert words in html
    other = next(each for each in mail.outbox if each.to != [ada.email])
    assert "Second" not in other.body + other.alternatives[0][0]


def test_where_nothing_waits_nothing_is_sent(busy):
    plan_all()
    weekly.send_weekly()
    quiet = WeeklyMail.objects.get(user=busy.manager.user)
    assert quiet.state == "cancelled"
    assert busy.manager.user.email not in sent_to()


def test_it_is_planned_once_and_sent_once(busy):
    plan_all()
    assert weekly.plan_weekly(MONDAY) == 0
    assert weekly.plan_weekly(MONDAY + timedelta(hours=3)) == 0
    weekly.send_weekly()
    assert weekly.send_weekly() == 0
    assert len(mail.outbox) == 3


def test_f10_planners_and_senders_at_once_send_each_once(busy):
    weekly.plan_weekly(MONDAY - timedelta(hours=2))  # too early for everyone

    def work(number):
        try:
            if number % 2:
                weekly.plan_weekly(MONDAY)
            WeeklyMail.objects.filter(state="waiting").update(not_before=timezone.now())
            weekly.send_weekly()
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(12)))
    weekly.send_weekly()
    assert sent_to() == ["ark@ark.test", "bee@bee.test", "cat@cat.test"]


@pytest.mark.parametrize(
    ("zone", "before", "due", "week"),
    [
        ("UTC", "2026-11-30T06:59Z", "2026-11-30T07:00Z", date(2026, 11, 30)),
        ("Europe/Berlin", "2026-03-30T04:59Z", "2026-03-30T05:00Z", date(2026, 3, 30)),
        ("Europe/Berlin", "2026-10-26T05:59Z", "2026-10-26T06:00Z", date(2026, 10, 26)),
        ("America/New_York", "2026-03-09T10:59Z", "2026-03-09T11:00Z", date(2026, 3, 9)),
        ("Asia/Kolkata", "2026-11-30T01:29Z", "2026-11-30T01:30Z", date(2026, 11, 30)),
        ("Pacific/Apia", "2026-11-29T17:59Z", "2026-11-29T18:00Z", date(2026, 11, 30)),
        ("Pacific/Honolulu", "2026-11-30T16:59Z", "2026-11-30T17:00Z", date(2026, 11, 30)),
    ],
)
def test_f9_it_comes_at_seven_on_their_monday(meets, zone, before, due, week):
    with meets.scope():
        InitiativeProfile.here(time_zone=zone).save()
        Membership.objects.update(starts_on=date(2026, 1, 1))
    assert weekly.plan_weekly(datetime.fromisoformat(before)) == 0
    moment = datetime.fromisoformat(due)
    assert weekly.plan_weekly(moment) == 5
    assert {each.week for each in WeeklyMail.objects.all()} == {week}
    assert {each.not_before for each in WeeklyMail.objects.all()} == {moment}


def test_f9_a_clock_that_jumps_makes_nothing_up(meets):
    assert weekly.plan_weekly(MONDAY + timedelta(days=3)) == 0
    assert weekly.plan_weekly(MONDAY + timedelta(days=2)) == 0
    assert weekly.plan_weekly(MONDAY + timedelta(days=7, hours=1)) == 5
    assert weekly.plan_weekly(MONDAY + timedelta(days=7)) == 0  # and back by an hour


def test_who_does_not_want_it_gets_none(busy):
    set_weekly(user=busy.leads[0].user, wanted=False)
    plan_all()
    weekly.send_weekly()
    assert sent_to() == ["bee@bee.test", "cat@cat.test"]


def test_the_letter_itself_ends_it(busy):
    plan_all()
    weekly.send_weekly()
    letter = mail.outbox[0]
    address = letter.extra_headers["List-Unsubscribe"].strip("<>")
    assert address in letter.body
    path = address[address.index("/link/") :]
    client = Client()
    assert client.get(path).status_code == 200
    assert not WeeklyChoice.objects.filter(is_off=True).exists(), "looking changes nothing"
    assert client.post(path).status_code == 200
    [choice] = WeeklyChoice.objects.filter(is_off=True)
    assert choice.user.email == letter.to[0]


def test_news_come_with_the_next_mail_and_only_then(busy):
    news(busy)
    plan_all()
    weekly.send_weekly()
    assert len(mail.outbox) == 5, "the backbone reads the news too"
    assert all("A new school" in each.body for each in mail.outbox)
    mail.outbox.clear()
    WeeklyMail.objects.update(week=date(2026, 11, 23))
    plan_all()
    weekly.send_weekly()
    assert len(mail.outbox) == 3
    assert not any("A new school" in each.body for each in mail.outbox)


def test_news_of_a_body_are_told_in_the_body(busy):
    news(busy, body=busy.body)
    plan_all()
    weekly.send_weekly()
    assert sent_to() == ["ark@ark.test", "bee@bee.test", "cat@cat.test"]


def test_who_left_reads_nothing_of_it(busy):
    news(busy)
    plan_all()
    with busy.scope():
        Membership.objects.filter(pk=busy.leads[0].pk).update(
            starts_on=timezone.localdate() - timedelta(days=2), ends_on=timezone.localdate()
        )
    weekly.send_weekly()
    assert "ark@ark.test" not in sent_to()


def test_once_a_month_it_says_what_came_back(busy):
    first = date(2026, 12, 7)
    with busy.scope():
        now = timezone.now().replace(day=15)
        before = (now.replace(day=1) - timedelta(days=3)).replace(hour=12)
        AskedMinutes.here(
            user=busy.leads[0].user, subject_type="x", subject_id=1, minutes=25, at=before
        ).save()
        met = busy.series  # a meeting attended

        meeting = open_meeting(actor=None, series=met, day=START)
        Attendance.here(
            meeting=meeting,
            seat=busy.seats()[0],
            person=busy.leads[0],
            came_at=before,
            left_at=before,
        ).save()
    WeeklyMail.objects.create(user=busy.leads[0].user, week=first, not_before=timezone.now())
    weekly.send_weekly()
    [letter] = mail.outbox
    assert "what you gave, what came back" in letter.body
    assert "1 meeting, 25 minutes of requests" in letter.body
    mail.outbox.clear()
    WeeklyMail.objects.create(
        user=busy.leads[0].user, week=date(2026, 12, 14), not_before=timezone.now()
    )
    weekly.send_weekly()
    assert "what came back" not in mail.outbox[0].body


def test_a_crash_in_between_leaves_one_more_try_under_the_same_name(busy):
    plan_all()
    long_ago = timezone.now() - IN_DOUBT - timedelta(seconds=1)
    ada = WeeklyMail.objects.filter(user=busy.leads[0].user)
    ada.update(not_before=long_ago)
    row = weekly._claim()  # and the sender dies
    ada.update(claimed_at=long_ago)
    weekly.send_weekly()
    names = [each.extra_headers["Message-ID"] for each in mail.outbox]
    assert len(names) == len(set(names)) == 3
    assert f"<weekly-{row.pk}@localhost>" in names
    ada.update(state="sending", last_error="Interrupted while being sent.", claimed_at=long_ago)
    weekly.send_weekly()
    assert len(mail.outbox) == 3, "in doubt for the second time, it is left to people"
    assert ada.get().state == "failed"


def test_without_a_mail_server_everything_waits(busy, monkeypatch):
    plan_all()

    def refuse(*_):
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailBackend, "open", refuse)
    with pytest.raises(ConnectionRefusedError):
        weekly.send_weekly()
    assert set(WeeklyMail.objects.values_list("state", flat=True)) == {"waiting"}


def test_one_initiative_that_fails_takes_nothing_from_the_others(busy, monkeypatch):
    ada = busy.leads[0].user
    second = second_initiative(ada)
    whole = weekly.part_of

    def part_of(*args):

        if current_initiative_id() == second.pk:
            raise LookupError("broken")
        return whole(*args)

    monkeypatch.setattr(weekly, "part_of", part_of)
    plan_all()
    assert weekly.send_weekly() == 3
    letter = next(each for each in mail.outbox if each.to == [ada.email])
    assert "Answer Meets" in letter.body
    assert "Second" not in letter.body


def test_what_an_initiative_says_is_stored_nowhere_else(busy):
    news(busy)
    plan_all()
    weekly.send_weekly()
    kept = str(list(WeeklyMail.objects.values()))
    assert "Meets" not in kept
    assert "school" not in kept
    with busy.scope():
        assert not Notice.objects.filter(kind="weekly").exists()


def test_the_page_of_letters(busy):
    client = Client()
    client.force_login(busy.leads[0].user)
    body = client.get("/letters/").content.decode()
    assert "/i/meets/meetings/quiet/" in body
    assert "checked" in body
    assert client.post("/letters/", {}).status_code == 302
    assert WeeklyChoice.objects.get(user=busy.leads[0].user).is_off
    assert "checked" not in client.get("/letters/").content.decode()

"""A word to many: its cost is seen first, it leaves once, and news wait for the weekly mail."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from initiatives.models import Notice
from initiatives.notices import notify
from initiatives.tenancy import scope
from measures.models import Round, Submission
from meetings.choices import AnnouncementClass
from meetings.models import Announcement, AskedMinutes, QuietSetting, RequestAnswer
from meetings.selectors.announcements import announcements_for, cost_of, recipients
from meetings.selectors.asked import asked_this_month
from meetings.services.announcements import (
    answer_request,
    change_announcement,
    send_announcement,
    set_ceiling,
    write_announcement,
)
from meetings.services.series import ConflictError
from tests import factories
from tests.meetings.conftest import member

pytestmark = pytest.mark.django_db(transaction=True)


def draft(meets, **fields):
    given = {"title": "A survey", "text": "Please fill it in.", "kind": "request", "minutes": 5}
    return write_announcement(actor=meets.manager, **{**given, **fields})


def send(meets, found, **fields):
    return send_announcement(
        actor=meets.manager, announcement=found, **{"version": found.version, **fields}
    )


def letters():
    return sorted(Notice.objects.filter(kind="announcement").values_list("recipient", flat=True))


def test_a_request_is_mailed_to_each_once(meets):
    with meets.scope():
        found = draft(meets)
        send(meets, found)
        send(meets, found)  # a double click
        assert letters() == [
            *("ark@ark.test", "bee@bee.test", "cat@cat.test", "fran@bb.test", "pat@bb.test"),
        ]
        assert AskedMinutes.objects.count() == 5


def test_a_request_says_where_to_answer(meets):
    with meets.scope():
        found = send(meets, draft(meets, title="Beds & rooms"))
        letter = Notice.objects.filter(kind="announcement").first()
        author = found.written_by.user
        assert letter.context["answer_to"] == author.email
    body = signed_in(meets.leads[0]).get(page(meets, "announcement", found.pk)).content.decode()
    assert f'href="mailto:{author.email}?subject=Beds%20%26%20rooms"' in body


def test_c9_news_are_never_mailed_on_their_own(meets):
    with meets.scope():
        send(meets, draft(meets, kind=AnnouncementClass.NEWS))
        assert letters() == []


def test_a_double_click_sends_once(meets):
    with meets.scope():
        found = draft(meets)

    def click(_number):
        try:
            with scope(meets.initiative.pk):
                send(meets, found)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(click, range(12)))
    with meets.scope():
        assert len(letters()) == AskedMinutes.objects.count() == 5


def test_to_a_body_and_to_a_sector(meets):
    with meets.scope():
        organization = meets.leads[1].organization
        organization.sector = "business"
        organization.save()
        body = draft(meets, body=meets.body)
        assert {each.user.email for each in recipients(body)} == {
            *("ark@ark.test", "bee@bee.test", "cat@cat.test"),
        }
        sector = draft(meets, sector="business")
        assert [each.user.email for each in recipients(sector)] == ["bee@bee.test"]


def test_nobody_who_left_is_written_to(meets):
    with meets.scope():
        lead = meets.leads[0]
        lead.ends_on = timezone.localdate()
        lead.starts_on = timezone.localdate() - timedelta(days=9)
        lead.save()
        meets.leads[1].user.is_active = False
        meets.leads[1].user.save()
        organization = meets.leads[2].organization
        organization.state = "left"
        organization.save()
        assert {each.user.email for each in recipients(draft(meets))} == {
            *("pat@bb.test", "fran@bb.test"),
        }


def test_somebody_with_two_memberships_is_asked_once(meets):
    with meets.scope():
        twice = meets.leads[0].user
        row = meets.leads[1]
        type(row).here(organization=row.organization, user=twice, roles=["observer"]).save()
        assert len(recipients(draft(meets))) == 5


def test_c9_above_the_ceiling_it_needs_a_word(meets):
    with meets.scope():
        set_ceiling(actor=meets.manager, minutes=10)
        send(meets, draft(meets, minutes=6, body=meets.body))
        found = draft(meets, minutes=5)
        cost = cost_of(found, recipients(found), timezone.now())
        assert (cost.people, cost.total, len(cost.over)) == (5, "25 minutes", 3)
        with pytest.raises(ValidationError) as error:
            send(meets, found)
        assert "3 people" in error.value.message_dict["confirmed"][0]
        assert len(letters()) == 3
        sent = send(meets, found, confirmed=True)
    assert sent.over_budget_confirmed


def test_minutes_of_last_month_do_not_count(meets):
    with meets.scope():
        send(meets, draft(meets, minutes=60))
        AskedMinutes.objects.update(at=timezone.now() - timedelta(days=32))
        found = draft(meets, minutes=60)
        assert cost_of(found, recipients(found), timezone.now()).over == ()


def test_what_was_looked_at_is_what_is_sent(meets):
    with meets.scope():
        found = draft(meets)
        change_announcement(actor=meets.manager, announcement=found, version=1, minutes=50)
        with pytest.raises(ConflictError):
            send(meets, found, version=1)
        with pytest.raises(ConflictError):
            change_announcement(actor=meets.manager, announcement=found, version=1, title="x")
        send(meets, found, version=2)
        with pytest.raises(ValidationError):
            change_announcement(actor=meets.manager, announcement=found, version=3, title="x")


def test_only_the_project_manager_sends(meets):
    with meets.scope():
        coordinator = member(meets.manager.organization, "education_coordinator", "edu")
        found = write_announcement(actor=coordinator, title="t", text="t", kind="news")
        with pytest.raises(PermissionDenied):
            send_announcement(actor=coordinator, announcement=found, version=1)
        with pytest.raises(PermissionDenied):
            write_announcement(actor=meets.leads[0], title="t", text="t", kind="news")


def test_members_read_what_was_sent_to_them(meets):
    with meets.scope():
        organization = meets.leads[1].organization
        organization.sector = "business"
        organization.save()
        draft(meets)
        for_all = send(meets, draft(meets, title="All"))
        for_body = send(meets, draft(meets, title="Body", body=meets.body))
        send(meets, draft(meets, title="Sector", sector="business"))
        assert {*announcements_for(meets.leads[0])} == {for_all, for_body}
        assert {*announcements_for(meets.facilitator)} == {for_all}
        assert announcements_for(meets.manager).count() == 4


def page(meets, name, *args):
    return reverse(f"meetings:{name}", args=[meets.initiative.slug, *args])


def signed_in(membership):
    client = Client()
    client.force_login(membership.user)
    return client


def test_the_desk_shows_the_cost_and_sends(meets):
    client = signed_in(meets.manager)
    given = {"title": "Hello", "text": "Text", "kind": "request", "minutes": 5, "audience": ""}
    answer = client.post(page(meets, "announcement_new"), given)
    with meets.scope():
        found = Announcement.objects.get()
    where = page(meets, "announcement", found.pk)
    assert answer["Location"] == where
    assert "5 people × 5 min = 25 minutes" in client.get(where).content.decode()
    sending = page(meets, "announcement_send", found.pk)
    assert client.post(sending, {"version": 7}).status_code == 422
    assert client.post(sending, {"version": 1}).status_code == 302
    assert client.post(sending, {"version": 1}).status_code == 302
    with meets.scope():
        assert len(letters()) == 5


def test_a_form_that_is_wrong_keeps_what_was_typed(meets):
    client = signed_in(meets.manager)
    answer = client.post(page(meets, "announcement_new"), {"title": "Keep me", "minutes": 0})
    assert answer.status_code == 422
    assert "Keep me" in answer.content.decode()
    with meets.scope():
        assert not Announcement.objects.exists()


def test_a_list_asks_the_same_of_the_database_however_long(meets):
    client, asked = signed_in(meets.leads[0]), []
    client.get(page(meets, "announcements"))
    for more in (3, 40):
        with meets.scope():
            for _number in range(more):
                send(meets, draft(meets, kind="news", minutes=1, body=meets.body))
        with CaptureQueriesContext(connection) as found:
            assert client.get(page(meets, "announcements")).status_code == 200
        asked.append(len(found))
    assert asked[0] == asked[1] <= 22


def test_one_says_how_one_wants_to_be_reminded(meets):
    client = signed_in(meets.leads[0])
    where = page(meets, "quiet")
    wrong = client.post(where, {"quiet_from": "22:00"})
    assert wrong.status_code == 422
    assert "22:00" in wrong.content.decode()
    given = {"as_digest": "on", "quiet_from": "22:00", "quiet_until": "07:00"}
    assert client.post(where, given).status_code == 302
    with meets.scope():
        found = QuietSetting.objects.get(user=meets.leads[0].user)
    assert (found.as_digest, found.without_reminders, found.quiet_from.hour) == (True, False, 22)
    assert "checked" in client.get(where).content.decode()


def test_papers_to_fill_count_among_the_minutes_of_a_month_once_each(meets):
    with meets.scope():
        lead = meets.leads[0]
        organization = lead.organization
        calendar = factories.calendar()
        for code in ("meals", "beds"):
            factories.indicator(code, calendar=calendar, organizations=[organization])
        opened = Round.here(
            period=factories.period("2026-M1"), opens_at=timezone.now(), due_at=timezone.now()
        )
        opened.save()
        paper = Submission.here(round=opened, organization=organization)
        paper.save()
        for occasion in ("opened", "due"):
            notify(
                "round_due",
                paper,
                occasion=occasion,
                recipient=lead.user.email,
                user=lead.user,
                url="",
            )
        assert asked_this_month(timezone.now()) == {lead.user_id: 6}


def test_a_request_is_answered_in_place(meets):
    with meets.scope():
        found = send(meets, draft(meets, title="Beds", body=meets.body))
    ark, bee = (signed_in(meets.leads[number]) for number in (0, 1))
    where = page(meets, "announcement", found.pk)
    assert "You are asked: Beds" in ark.get(f"/i/{meets.initiative.slug}/").content.decode()
    assert ark.post(where, {"text": "  "}).status_code == 422
    too_long = ark.post(where, {"text": "x" * 5_001})
    assert too_long.status_code == 422
    assert "x" * 5_001 in too_long.content.decode()
    assert ark.post(where, {"text": "Twelve beds"}).status_code == 302
    assert ark.post(where, {"text": "Twelve beds"}).status_code == 302
    assert ark.post(where, {"text": "Thirteen beds"}).status_code == 302
    assert "You are asked: Beds" not in ark.get(f"/i/{meets.initiative.slug}/").content.decode()
    with meets.scope():
        assert [each.text for each in RequestAnswer.objects.all()] == ["Thirteen beds"]
    assert "Thirteen beds" in ark.get(where).content.decode()
    assert "Thirteen beds" not in bee.get(where).content.decode()
    read = signed_in(meets.manager).get(where).content.decode()
    assert "Thirteen beds" in read
    assert "1 of 3 people answered" in read


def test_nobody_answers_what_they_were_not_asked(meets):
    with meets.scope():
        unsent, news = draft(meets), draft(meets, kind=AnnouncementClass.NEWS)
        send(meets, news)
        of_body = send(meets, draft(meets, body=meets.body))
        for who, found in (
            (meets.leads[0], unsent),
            (meets.leads[0], news),
            (meets.facilitator, of_body),
        ):
            with pytest.raises(PermissionDenied):
                answer_request(actor=who, announcement=found, text="Yes")
        assert not RequestAnswer.objects.exists()

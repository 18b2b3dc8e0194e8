"""A letter about an occasion is written once and sent once, whatever happens in between."""

import smtplib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.template import TemplateDoesNotExist
from django.utils import timezone

from initiatives import jobs, notices, smtp
from initiatives.choices import JobState, NoticeState
from initiatives.models import Initiative, Job, Notice, Organization, User
from initiatives.schedule import send_notices
from initiatives.tenancy import scope
from tests.waiting import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def initiative():
    return Initiative.objects.create(slug="river", name="River & Sea's edge")


@pytest.fixture
def organization(initiative):
    with scope(initiative.pk):
        return Organization.objects.create(initiative=initiative, code="a", name="Ark <b>")


@pytest.fixture(autouse=True)
def nudged(monkeypatch):
    found = []
    monkeypatch.setattr(jobs, "wake", lambda job_id: found.append(job_id) or True)
    return found


def write(organization, **options):
    given = {"occasion": "first", "recipient": "Ada@Example.org", "url": "https://c.example/x?a=1"}
    with scope(organization.initiative_id):
        return notices.notify(
            "invitation", organization, **{**given, "organization": organization.name, **options}
        )


def state(notice):
    with scope(notice.initiative_id):
        return Notice.objects.get(pk=notice.pk)


def change(notice, **fields):
    with scope(notice.initiative_id):
        Notice.objects.filter(pk=notice.pk).update(**fields)


def crash_while_sending(notice):
    """The sender claimed it and was not heard of again."""
    assert notices._claim(notice.initiative_id).pk == notice.pk
    change(notice, claimed_at=timezone.now() - notices.IN_DOUBT - timedelta(seconds=1))


def fail_with(monkeypatch, error):
    def refuse(*_):
        raise error

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)


def test_a_letter_is_written_once_and_sent_once(organization, nudged):
    notice = write(organization)
    assert write(organization, recipient="ada@example.org ") is None
    assert write(organization, occasion="second") is not None
    job = Job.objects.get()
    assert (job.kind, set(nudged)) == ("send_notices", {job.pk})
    assert jobs.run(job.pk)
    assert len(mail.outbox) == 2
    found = state(notice)
    assert found.state == NoticeState.SENT
    assert found.context == {}, "a token is kept as a hash alone"
    assert notices.send_due(organization.initiative_id) == 0


def test_what_the_letter_says(organization, settings):
    settings.SITE_URL = "https://concert.example:8443"
    user = User.objects.create_user("ada@example.org", name="Ada O'Neil")
    notice = write(organization, user=user, inviter="Bo")
    notices.send_due(organization.initiative_id)
    letter = mail.outbox[0]
    assert letter.to == ["ada@example.org"]
    assert letter.subject == "You are invited to River & Sea's edge"
    assert letter.extra_headers["Message-ID"] == f"<notice-{notice.pk}@concert.example>"
    assert letter.extra_headers["Auto-Submitted"] == "auto-generated"
    for words in ("Hello Ada O'Neil,", "Ark <b>", "https://c.example/x?a=1\n"):
        assert words in letter.body
    html, kind = letter.alternatives[0]
    assert kind == "text/html"
    assert 'href="https://c.example/x?a=1"' in html
    assert "Ark &lt;b&gt;" in html
    assert "Ark <b>" not in html


@pytest.mark.parametrize("kind", ["invitation", "returned", "round_due"])
def test_every_kind_can_be_said(organization, kind):
    context = {
        "url": "https://c.example/form",
        "organization": "Ark",
        "period": "March 2026",
        "due": "April 9, 2026",
        "reason": "Is 12\nright?",
    }
    with scope(organization.initiative_id):
        notices.notify(kind, organization, occasion="x", recipient="a@example.org", **context)
    notices.send_due(organization.initiative_id)
    letter = mail.outbox[0]
    assert letter.subject
    assert "\n" not in letter.subject
    assert "https://c.example/form" in letter.body
    assert "{" not in letter.subject + letter.body


def test_a_kind_without_words_is_the_writers_mistake(organization):
    with pytest.raises(TemplateDoesNotExist), scope(organization.initiative_id):
        notices.notify("unheard_of", organization, occasion="x", recipient="a@example.org")


def test_a_letter_for_later_waits_for_the_clock(organization):
    notice = write(organization, not_before=timezone.now() + timedelta(hours=1))
    send_notices()
    assert not Job.objects.exists()
    assert notices.send_due(organization.initiative_id) == 0
    change(notice, not_before=timezone.now())
    send_notices()
    assert jobs.run(Job.objects.get().pk)
    assert len(mail.outbox) == 1


def test_a_letter_that_would_come_too_late_is_not_sent(organization):
    notice = write(organization, not_after=timezone.now() - timedelta(seconds=1))
    assert notices.send_due(organization.initiative_id) == 0
    assert state(notice).state == NoticeState.CANCELLED
    assert mail.outbox == []


def test_a_letter_can_be_taken_back_until_it_left(organization):
    first, second = write(organization), write(organization, occasion="second")
    with scope(organization.initiative_id):
        assert notices.cancel(organization, occasion="first") == 1
    assert notices.send_due(organization.initiative_id) == 1
    with scope(organization.initiative_id):
        assert notices.cancel(organization) == 0
    assert state(first).state == NoticeState.CANCELLED
    assert state(second).state == NoticeState.SENT


def test_after_a_crash_it_is_tried_once_more(organization):
    notice = write(organization)
    crash_while_sending(notice)
    Job.objects.all().delete()
    send_notices()  # the clock finds it
    assert jobs.run(Job.objects.get().pk)
    assert state(notice).state == NoticeState.SENT
    assert len(mail.outbox) == 1


def test_after_two_crashes_it_is_given_up(organization):
    notice = write(organization)
    crash_while_sending(notice)
    crash_while_sending(notice)
    assert notices.send_due(organization.initiative_id) == 0
    assert state(notice).state == NoticeState.FAILED
    assert mail.outbox == []


def test_one_being_sent_is_left_to_its_sender(organization):
    notice = write(organization)
    assert notices._claim(organization.initiative_id).pk == notice.pk
    assert notices.send_due(organization.initiative_id) == 0


def test_another_sender_passes_over_what_one_claims(organization):
    first, second = write(organization), write(organization, occasion="second")
    with scope(organization.initiative_id):
        assert Notice.objects.select_for_update().get(pk=first.pk)
        with ThreadPoolExecutor(1) as other:
            sender = other.submit(send_and_close, organization.initiative_id)
            assert sender.result(timeout=PATIENCE) == 1
    assert state(first).state == NoticeState.WAITING
    assert state(second).state == NoticeState.SENT


def send_and_close(initiative_id):
    try:
        return notices.send_due(initiative_id)
    finally:
        connection.close()


def test_a_long_queue_is_sent_in_turns(organization, monkeypatch):
    write(organization)
    monkeypatch.setattr(notices, "LONGEST_RUN", -1.0)
    assert jobs.run(Job.objects.get().pk)
    assert mail.outbox == []
    monkeypatch.setattr(notices, "LONGEST_RUN", 60.0)
    send_notices()
    assert jobs.run(Job.objects.latest("id").pk)
    assert len(mail.outbox) == 1


def test_without_a_mail_server_every_letter_goes_on_waiting(organization, monkeypatch):
    def refuse(_):
        raise ConnectionRefusedError

    notice = write(organization)
    monkeypatch.setattr(EmailBackend, "open", refuse)
    assert not jobs.run(Job.objects.get().pk)
    assert Job.objects.get().state == JobState.RUNNING
    found = state(notice)
    assert (found.state, found.attempts) == (NoticeState.WAITING, 0)


def test_a_connection_lost_in_the_middle_leaves_it_in_doubt(organization, monkeypatch):
    notice = write(organization)
    fail_with(monkeypatch, smtplib.SMTPServerDisconnected("gone"))
    assert not jobs.run(Job.objects.get().pk)
    assert state(notice).state == NoticeState.SENDING


def test_a_refusal_for_now_is_tried_again_later(organization, monkeypatch):
    notice = write(organization)
    fail_with(monkeypatch, smtplib.SMTPRecipientsRefused({"ada@example.org": (450, b"busy")}))
    assert notices.send_due(organization.initiative_id) == 0
    found = state(notice)
    assert (found.state, found.attempts) == (NoticeState.WAITING, 1)
    assert found.not_before > timezone.now() + timedelta(minutes=1)
    assert "busy" in found.last_error
    change(notice, not_before=timezone.now(), attempts=smtp.ATTEMPTS - 1)
    notices.send_due(organization.initiative_id)
    assert state(notice).state == NoticeState.FAILED


def test_a_letter_refused_for_now_is_tried_for_more_than_a_day():
    waits = [smtp.pause(number) for number in range(1, smtp.ATTEMPTS)]
    assert waits == sorted(waits)
    assert sum(waits, timedelta()) > timedelta(days=1)


def test_a_refused_sender_is_our_mistake_and_loses_no_letter(organization, monkeypatch):
    notice = write(organization)
    fail_with(monkeypatch, smtplib.SMTPSenderRefused(530, b"sign in", "concert@localhost"))
    notices.send_due(organization.initiative_id)
    assert state(notice).state == NoticeState.WAITING


def test_a_line_lost_before_the_letter_was_handed_over_leaves_no_doubt(organization, monkeypatch):
    notice = write(organization)
    fail_with(monkeypatch, smtp.NotTaken("gone"))
    assert notices.send_due(organization.initiative_id) == 0
    found = state(notice)
    assert (found.state, found.claimed_at) == (NoticeState.WAITING, None)


def test_a_refusal_for_good_is_final_and_keeps_nobody_else(organization, monkeypatch):
    bad = write(organization)
    good = write(organization, recipient="bo@example.org")
    send = EmailBackend.send_messages

    def refuse_ada(self, messages):
        if messages[0].to == ["ada@example.org"]:
            raise smtplib.SMTPDataError(550, b"unknown")
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", refuse_ada)
    assert notices.send_due(organization.initiative_id) == 1
    assert state(bad).state == NoticeState.FAILED
    assert state(good).state == NoticeState.SENT

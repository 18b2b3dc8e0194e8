"""A reminder comes once: whoever plans it, however often, whatever moves."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from initiatives.models import Notice
from initiatives.notices import send_due
from initiatives.services import end_membership
from initiatives.tenancy import scope
from meetings.models import Meeting, MeetingSeries, QuietSetting
from meetings.services.bodies import fill_seat
from meetings.services.quiet import set_quiet
from meetings.services.reminders import plan_reminders, take_back
from meetings.services.replies import name_delegate
from meetings.services.series import (
    cancel_meeting,
    change_series,
    create_series,
    move_meeting,
    open_meeting,
)
from meetings.services.starts import recompute_starts
from tests.meetings.conftest import member
from tests.meetings.days import DAY, START, WEEK, before, berlin, clocks_go

pytestmark = pytest.mark.django_db(transaction=True)
NOW = before()
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


def reminders(**filters):
    rows = Notice.objects.filter(kind="meeting_reminder", **filters).exclude(state="cancelled")
    return list(rows.order_by("id"))


def test_each_seat_is_reminded_once_a_day_before(meets):
    with meets.scope():
        assert plan_reminders(NOW) == 3
        assert plan_reminders(NOW + timedelta(minutes=1)) == 0
        found = reminders()
    assert {each.not_before for each in found} == {berlin(START - DAY)}
    assert {each.not_after for each in found} == {berlin(START)}


def test_f10_planners_at_once_write_one_reminder_each(meets):
    def plan(_number):
        try:
            with scope(meets.initiative.pk):
                return plan_reminders(NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        written = sum(pool.map(plan, range(12)))
    with meets.scope():
        assert written == len(reminders()) == 3


def move(meets, meeting, version, day, at=time(14, 0)):
    return move_meeting(
        actor=meets.manager, meeting=meeting, version=version, local_date=day, local_time=at
    )


def test_a_moved_meeting_is_reminded_of_at_its_new_time_alone(meets):
    with meets.scope():
        plan_reminders(NOW)
        meeting = open_meeting(actor=meets.manager, series=meets.series, day=START)
        moved = move(meets, meeting, 1, START, time(17, 0))
        assert reminders() == []
        assert plan_reminders(NOW) == 3
        assert {each.not_after for each in reminders()} == {moved.starts_at}
        move(meets, moved, 2, START)  # and back to where it was
        assert plan_reminders(NOW) == 3
        found = reminders()
    assert len(found) == 3
    assert {each.not_after for each in found} == {berlin(START)}


def test_a_cancelled_meeting_takes_its_reminders_along(meets):
    with meets.scope():
        plan_reminders(NOW)
        meeting = open_meeting(actor=meets.manager, series=meets.series, day=START)
        cancel_meeting(actor=meets.manager, meeting=meeting, version=1, reason="Snow")
        assert reminders() == []
        assert plan_reminders(NOW) == 0


def test_a_changed_series_is_reminded_of_at_its_new_time(meets):
    with meets.scope():
        plan_reminders(NOW)
        change_series(actor=meets.manager, series=meets.series, version=1, starts_at=time(16, 0))
        assert plan_reminders(NOW) == 3
        assert {each.not_after for each in reminders()} == {berlin(START, 16)}


def test_f9_nothing_for_meetings_that_are_past(meets):
    with meets.scope():
        assert plan_reminders(berlin(START) + SECOND) == 0
        assert plan_reminders(NOW + 4 * DAY) == 0
        # The clock jumps three days: of what lay in between nothing is made up for.
        assert plan_reminders(NOW + WEEK) == 3
        assert {each.not_after for each in reminders()} == {berlin(START + WEEK)}


@pytest.mark.parametrize(
    ("zone", "way", "at"),
    [
        ("Europe/Berlin", 1, "14:00+01:00"),
        ("Europe/Berlin", -1, "14:00+02:00"),
        ("America/New_York", 1, "14:00-05:00"),
        ("America/New_York", -1, "14:00-04:00"),
        ("Asia/Kolkata", None, "14:00+05:30"),
        ("Pacific/Apia", None, "14:00+13:00"),
    ],
)
def test_f9_a_day_before_is_the_same_hour_whatever_the_clocks_do(meets, zone, way, at):
    day = clocks_go(way or 1, zone if way else "Europe/Berlin")
    with meets.scope():
        MeetingSeries.objects.update(ends_on=START)
        once = create_series(
            actor=meets.manager,
            body=meets.body,
            name="Once",
            starts_on=day,
            starts_at=time(14, 0),
            minutes=60,
            time_zone=zone,
        )
        moment = datetime.fromisoformat(f"{day - DAY}T{at}")
        assert plan_reminders(moment - timedelta(hours=5)) == 3
        assert {each.not_before for each in reminders(subject_id=once.pk)} == {moment}


@pytest.mark.parametrize(
    ("way", "later", "at", "planned", "due"),
    [
        # Planned on Friday in winter time, sent on Saturday, held on Sunday in summer time.
        (1, 0, time(14, 0), (-2, "15:00"), (-1, "13:00")),
        (-1, 0, time(14, 0), (-2, "14:00"), (-1, "12:00")),
        # The hour of the letter is skipped that night, or comes twice.
        (1, 1, time(2, 30), (-1, "01:00"), (0, "01:30")),
        (-1, 1, time(2, 30), (-1, "03:00"), (0, "00:30")),
    ],
)
def test_f9_clocks_that_change_between_planning_and_sending(
    meets, monkeypatch, way, later, at, planned, due
):
    change = clocks_go(way, "Europe/Berlin")
    day = change + later * DAY
    first, due = (
        datetime.fromisoformat(f"{change + days * DAY}T{hour}+00:00")
        for days, hour in (planned, due)
    )
    with meets.scope():
        MeetingSeries.objects.update(ends_on=START)
        fields = {"minutes": 60, "time_zone": "Europe/Berlin", "starts_on": day, "starts_at": at}
        create_series(actor=meets.manager, body=meets.body, name="Once", **fields)
        Notice.objects.all().delete()  # the invitations
    sent = []
    for moment in (first, due - MINUTE, due, due + MINUTE, due + HOUR):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        with meets.scope():
            plan_reminders()
        sent.append(send_due(meets.initiative.pk))
    assert sent == [0, 0, 3, 0, 0]
    assert len(mail.outbox) == 3


def test_who_wants_none_gets_none(meets):
    with meets.scope():
        QuietSetting.here(user=meets.leads[0].user, without_reminders=True).save()
        assert plan_reminders(NOW) == 2


def test_quiet_hours_put_it_off_until_they_end(meets):
    with meets.scope():
        QuietSetting.here(
            user=meets.leads[0].user, quiet_from=time(12, 0), quiet_until=time(18, 0)
        ).save()
        plan_reminders(NOW)
        [found] = reminders(recipient="ark@ark.test")
    assert found.not_before == before(hour=18)


def group(meets, number, **fields):
    return create_series(
        actor=meets.manager,
        body=meets.body,
        name=f"Group {number}",
        starts_on=START,
        starts_at=time(10 + number, 0),
        minutes=60,
        time_zone="Europe/Berlin",
        **fields,
    )


def digests(**filters):
    return list(Notice.objects.filter(kind="meeting_digest", **filters).order_by("id"))


def names(notice):
    return [each["name"] for each in notice.context["meetings"]]


def sent(rows):
    for row in rows:
        row.state, row.claimed_at, row.context = "sent", timezone.now(), {}
        row.save()


def test_a_quiet_hour_never_swallows_a_reminder(meets):
    with meets.scope():
        QuietSetting.here(
            user=meets.leads[0].user, quiet_from=time(20, 0), quiet_until=time(15, 0)
        ).save()
        late = before(hour=22)  # quiet until after the meeting begins
        plan_reminders(late)
        [found] = reminders(recipient="ark@ark.test")
    assert found.not_before == late


def test_who_has_the_seat_no_more_is_reminded_of_nothing(meets):
    with meets.scope():
        plan_reminders(NOW)
        seat = meets.seats()[0]
        other = member(seat.organization, "partner_reporter", "zoe")
        fill_seat(actor=meets.manager, seat=seat, holder=other)
        assert plan_reminders(NOW) == 1
        found = {each.recipient for each in reminders()}
        assert found == {"zoe@ark.test", "bee@bee.test", "cat@cat.test"}
        end_membership(actor=meets.manager, membership=meets.leads[1])
        plan_reminders(NOW)
        assert {each.recipient for each in reminders()} == {"zoe@ark.test", "cat@cat.test"}


def test_who_says_no_after_it_was_planned_gets_none(meets):
    with meets.scope():
        plan_reminders(NOW)
        wants = {"without_reminders": True, "as_digest": False}
        set_quiet(actor=meets.leads[0], **wants)
        plan_reminders(NOW)
        assert len(reminders()) == 2
        set_quiet(actor=meets.leads[0], **{**wants, "without_reminders": False})
        plan_reminders(NOW)
        assert len(reminders()) == 3


def test_one_mail_a_day_takes_in_what_comes_until_it_leaves(meets):
    with meets.scope():
        set_quiet(actor=meets.leads[0], without_reminders=False, as_digest=True)
        plan_reminders(NOW)
        [first] = digests(state="waiting")
        assert names(first) == ["Steering meeting"]
        group(meets, 1)
        plan_reminders(NOW)
        [again] = digests(state="waiting")
        assert names(again) == ["Group 1", "Steering meeting"]
        sent([again])
        group(meets, 2)
        plan_reminders(NOW)
        plan_reminders(NOW)
        assert [names(each) for each in digests(state="waiting")] == [["Group 2"]]


def test_a_digest_never_tells_of_what_is_off(meets):
    with meets.scope():
        set_quiet(actor=meets.leads[0], without_reminders=False, as_digest=True)
        group(meets, 1)
        plan_reminders(NOW)
        meeting = open_meeting(actor=meets.manager, series=meets.series, day=START)
        cancel_meeting(actor=meets.manager, meeting=meeting, version=1, reason="Snow")
        assert digests(state="waiting") == []
        plan_reminders(NOW)
        assert [names(each) for each in digests(state="waiting")] == [["Group 1"]]


def test_after_a_digest_left_a_moved_meeting_is_told_of_anew(meets):
    with meets.scope():
        set_quiet(actor=meets.leads[0], without_reminders=False, as_digest=True)
        plan_reminders(NOW)
        sent(digests())
        meeting = open_meeting(actor=meets.manager, series=meets.series, day=START)
        move(meets, meeting, 1, START, time(17, 0))
        plan_reminders(NOW)
        plan_reminders(NOW)
        assert [names(each) for each in digests(state="waiting")] == [["Steering meeting"]]


def test_a_delegate_is_reminded_of_the_meeting_that_they_come_to_alone(meets):
    with meets.scope():
        group(meets, 1)
        plan_reminders(NOW)
        seat = meets.seats()[0]
        zoe = member(seat.organization, "partner_reporter", "zoe")
        meeting = open_meeting(actor=meets.manager, series=meets.series, day=START)
        name_delegate(actor=meets.leads[0], meeting=meeting, seat=seat, delegate=zoe)
        plan_reminders(NOW)
        found = reminders(recipient="zoe@ark.test")
    assert [each.subject_id for each in found] == [meets.series.pk]


def test_a_flood_comes_as_one_letter(meets):
    with meets.scope():
        for number in (1, 2):
            group(meets, number)
        assert plan_reminders(NOW) == 3
        assert plan_reminders(NOW) == 0
        assert reminders() == []
        found = list(Notice.objects.filter(kind="meeting_digest"))
    assert len(found) == 3
    assert [each["name"] for each in found[0].context["meetings"]] == [
        *("Group 1", "Group 2", "Steering meeting"),
    ]
    assert found[0].not_before == NOW  # 7 o'clock is past


def test_without_meetings_nothing_is_asked_of_the_database_but_the_series(
    meets, django_assert_max_num_queries
):
    with meets.scope(), django_assert_max_num_queries(4):
        assert plan_reminders(timezone.now()) == 0


@pytest.mark.parametrize("jump", [timedelta(hours=1), -timedelta(hours=1), timedelta(days=3)])
def test_f9_a_clock_that_jumps_reminds_once_and_of_nothing_past(meets, monkeypatch, jump):
    """From an hour before the letters are due, forth, back, or past the meeting; then on and on."""
    with meets.scope():
        Notice.objects.all().delete()  # the invitations
        due = berlin(START - DAY)
    moments = [due - timedelta(minutes=70), due - timedelta(minutes=70) + jump]
    moments += [moments[-1] + step * timedelta(minutes=30) for step in range(1, 6)]
    begins, sent = due + timedelta(days=1), 0
    for moment in moments:
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        with meets.scope():
            plan_reminders()
        left = send_due(meets.initiative.pk)
        assert not left or due <= moment < begins, moment
        sent += left
    assert sent == (3 if jump < timedelta(days=1) else 0)
    with meets.scope():
        waiting = [each for each in reminders() if each.state == "waiting"]
        assert all(each.not_after > timezone.now() for each in waiting)


def test_f9_a_meeting_keeps_its_hour_when_a_government_moves_the_clocks(meets):
    """What was computed by the old rule is computed anew, and so are its reminders; no calendar is
    told, for these hold the hour and the zone.
    """
    with meets.scope():
        meeting = open_meeting(actor=meets.manager, series=meets.series, day=START)
        plan_reminders(NOW)
        hour = timedelta(hours=1)
        # As if the zone had been an hour elsewhere when the meeting was made.
        stale = {"starts_at": meeting.starts_at - hour, "ends_at": meeting.ends_at - hour}
        Meeting.objects.filter(pk=meeting.pk).update(**stale)
        take_back(meets.series)
        plan_reminders(NOW)
        assert {each.not_after for each in reminders()} == {stale["starts_at"]}
        letters = Notice.objects.exclude(kind="meeting_reminder").count()
        assert (recompute_starts(), recompute_starts()) == (1, 0)
        again = Meeting.objects.get(pk=meeting.pk)
        assert (again.starts_at, again.sequence) == (meeting.starts_at, meeting.sequence)
        plan_reminders(NOW)
        assert {each.not_after for each in reminders()} == {meeting.starts_at}
        assert len(reminders()) == 3
        assert Notice.objects.exclude(kind="meeting_reminder").count() == letters

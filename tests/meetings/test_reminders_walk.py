"""F9, F10 as a walk: clocks that jump, meetings that move, are called off and come back, seats that
change hands, and planners that come twice. What is sent is right as it leaves, and nobody is
forgotten.
"""

import random
from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from initiatives.models import Notice
from initiatives.notices import send_due
from meetings.models import Seat
from meetings.selectors.calendar import ahead_of
from meetings.services.bodies import fill_seat
from meetings.services.reminders import occasion, plan_reminders
from meetings.services.series import cancel_meeting, change_series, move_meeting, open_meeting
from tests.meetings.conftest import member
from tests.meetings.days import DAY, clocks_go

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)
# Six days before the clocks of Berlin go forward.
BEGIN = datetime.combine(clocks_go(1, "Europe/Berlin") - 6 * DAY, time(7, 20), UTC)


class Walk:
    """One series and its people, with a clock of its own."""

    def __init__(self, meets, monkeypatch, seed):
        self.meets, self.now = meets, BEGIN
        self.dice = random.Random(seed)  # noqa: S311 - dice
        self.sent = {}  # (instant, recipient): when
        monkeypatch.setattr(timezone, "now", lambda: self.now)
        with meets.scope():
            organization = meets.leads[0].organization
            self.hands = [meets.leads[0], member(organization, "partner_reporter", "zoe")]
            change_series(actor=meets.manager, series=meets.again(), version=1, rule="FREQ=DAILY")
            Notice.objects.all().delete()

    def ahead(self):
        found = ahead_of([self.meets.again()], self.now, self.now + 9 * DAY)
        return [each for each in found if not each.is_cancelled]

    def tick(self, forward=HOUR):
        self.now += forward
        with self.meets.scope():
            before = {each.pk for each in self.reminders()}
            for _twice in range(2):
                plan_reminders()
            standing = {occasion(each.starts_at): each.starts_at for each in self.ahead()}
            holders = set(Seat.objects.current().values_list("holder__user__email", flat=True))
        send_due(self.meets.initiative.pk)
        with self.meets.scope():
            new = [each for each in self.reminders() if each.pk not in before]
        for each in new:
            assert each.occasion in standing, f"{each.occasion} does not take place"
            assert self.now < standing[each.occasion], f"{each.occasion} has begun"
            assert each.recipient in holders, f"{each.recipient} is not concerned"
            which = standing[each.occasion], each.recipient
            assert which not in self.sent, f"{which} twice"
            self.sent[which] = self.now

    def reminders(self):
        return list(Notice.objects.filter(kind="meeting_reminder", state="sent"))

    def bend(self):
        """Something happens to the meetings, or to who sits there."""
        with self.meets.scope():
            getattr(self, self.dice.choice(["move", "call_off", "shift", "hand_over", "nothing"]))()

    def nothing(self):
        pass

    def one(self):
        each = self.dice.choice(self.ahead()[:4])
        if each.meeting:
            return each.meeting
        return open_meeting(actor=self.meets.manager, series=each.series, day=each.day)

    def move(self):
        meeting = self.one()
        at = self.now + self.dice.randint(1, 70) * HOUR
        try:
            move_meeting(
                actor=self.meets.manager,
                meeting=meeting,
                version=meeting.version,
                local_date=at.date(),
                local_time=time(at.hour, self.dice.choice([0, 30])),
            )
        except ValidationError as error:
            assert "past" in str(error)  # noqa: PT017 - a throw of the dice, not what is tried

    def call_off(self):
        meeting = self.one()
        cancel_meeting(
            actor=self.meets.manager, meeting=meeting, version=meeting.version, reason="Dice"
        )

    def shift(self):
        series = self.meets.again()
        change_series(
            actor=self.meets.manager,
            series=series,
            version=series.version,
            starts_at=time(self.dice.choice([2, 9, 14, 18]), 30),
        )

    def hand_over(self):
        seat = self.meets.seats()[0]
        holder = next(each for each in self.hands if each.pk != seat.holder_id)
        fill_seat(actor=self.meets.manager, seat=seat, holder=holder)


@pytest.mark.parametrize("seed", [1, 7, 42])
def test_whatever_happens_each_reminder_is_right_and_comes_once(meets, monkeypatch, seed):
    walk = Walk(meets, monkeypatch, seed)
    for _step in range(30):
        walk.bend()
        walk.tick(walk.dice.choice([HOUR, 5 * HOUR, 26 * HOUR, -HOUR]))
    quiet = walk.now
    with meets.scope():
        wanted = [
            (each.starts_at, seat.holder.user.email)
            for each in walk.ahead()
            if quiet + DAY + HOUR < each.starts_at <= quiet + 4 * DAY
            for seat in Seat.objects.current().select_related("holder__user")
        ]
    assert wanted
    for _step in range(33):
        walk.tick(3 * HOUR)
    assert [each for each in wanted if each not in walk.sent] == []
    late = [
        (instant, at)
        for (instant, _to), at in walk.sent.items()
        if quiet + DAY + HOUR < instant and not DAY - 4 * HOUR <= instant - at <= DAY + 2 * HOUR
        if at > quiet
    ]
    assert late == []

"""Who keeps the agenda going sees what comes next, and reminds the silent: nobody twice a day."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from agenda.models import AgendaVersion, ListeningRound
from agenda.services import ratification, versions
from agenda.services.differences.measured import propose_differences
from initiatives.models import Act, Notice
from initiatives.tenancy import scope
from meetings.selectors.asked import asked_this_month, month_begin
from tests.agenda.people import open_round, queries, say
from tests.agenda.ratifying import NO, World, answer, later, on_behalf

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    made = World()
    with made.inside():
        made.agenda = made.opened()
        days_ago(3)
    return made


def days_ago(days):
    """Let all letters so far be as old."""
    Notice.objects.update(created_at=timezone.now() - timedelta(days=days))


def reminders():
    return Notice.objects.filter(kind="ratification_reminder").order_by("recipient")


def remind(world, **options):
    return ratification.remind_by_hand(actor=world.fa, agenda=world.agenda, **options)


def page(client, member, name, *args):
    client.force_login(member.user)
    return client.get(reverse(f"agenda:{name}", args=["here", *args])).content.decode()


def test_the_silent_are_reminded_once_a_day(world):
    with world.inside():
        answer(world.leads[0], world.agenda)
        written = remind(world)
        assert [each.user_id for each in written] == [each.user_id for each in world.leads[1:]]
        assert remind(world) == []
        letter = reminders().first()
        assert letter.context["days"] == 21
        assert letter.not_after == world.agenda.closes_at
        act = Act.objects.get(action="agenda.silent_reminded")
        assert act.detail == {"organizations": 2, "people": 2}
        days_ago(1)
        reminders().update(occasion="by hand the day before")
        assert len(remind(world)) == 2
        assert reminders().count() == 4


def test_one_organization_is_reminded_alone(world):
    with world.inside():
        second = world.leads[1]
        written = remind(world, organization=second.organization)
        assert [each.user_id for each in written] == [second.user_id]
        answer(second, world.agenda)
        with pytest.raises(ValidationError, match="an answer already"):
            remind(world, organization=second.organization)


def test_whoever_had_the_first_letter_today_is_left_in_peace(world):
    with world.inside():
        days_ago(0)
        assert remind(world) == []
        assert not Act.objects.filter(action="agenda.silent_reminded").exists()


def test_the_clock_keeps_quiet_on_a_day_of_reminders_by_hand(world, monkeypatch):
    with world.inside():
        moment = later(days=11, hours=1)
        monkeypatch.setattr(timezone, "now", lambda: moment)
        assert len(remind(world)) == 3
        ratification.advance_ratifications(moment)
        assert reminders().count() == 3
        ratification.advance_ratifications(moment + timedelta(days=1))
        assert reminders().filter(occasion="10 days before").count() == 3


def test_only_who_opens_ratifications_reminds_and_only_while_answers_are_taken(world):
    with world.inside():
        with pytest.raises(PermissionDenied):
            ratification.remind_by_hand(actor=world.leads[0], agenda=world.agenda)
        for lead in world.leads:
            answer(lead, world.agenda)
        with pytest.raises(ValidationError, match="not taken"):
            remind(world)


def test_an_answer_is_asked_of_a_person_once_however_often_they_are_reminded(world):
    now = timezone.now()
    with world.inside():
        last_month = month_begin(now) - timedelta(days=2)
        late = world.leads[2]
        Notice.objects.filter(user=late.user).delete()
        Notice.objects.filter(user=world.leads[0].user).update(created_at=last_month)
        Notice.objects.filter(user=world.leads[1].user).update(created_at=now)
        remind(world)
        asked = asked_this_month(now + timedelta(seconds=9))
        assert asked == {world.leads[1].user_id: 10, late.user_id: 10}


def test_the_overview_says_who_is_missing_until_when_and_what_happens_then(client, world):
    with world.inside():
        answer(world.leads[0], world.agenda)
    said = page(client, world.fa, "overview")
    assert "What comes next" in said
    assert "21 days left" in said
    assert "2 organizations have not answered:" in said
    assert "Org2" in said
    assert "Org3" in said
    assert "no answer is not an agreement" in said
    assert "Remind 2 organizations now" in said
    assert "Ask everyone again" not in said  # nobody was asked in a round yet
    assert "What comes next" not in page(client, world.leads[0], "overview")
    answering = "Do we agree to the common agenda?"  # leads to the place to do it
    assert answering in page(client, world.leads[1], "overview")
    assert answering not in page(client, world.leads[0], "overview")  # has answered
    client.force_login(world.pm.user)
    url = reverse("agenda:silent_remind", args=["here", world.agenda.pk])
    board = client.post(url, follow=True).content.decode()
    assert "A reminder goes to 2 people: Org2; Org3." in board
    assert "has had a letter about it today" in client.post(url, follow=True).content.decode()
    assert "Remind 2 organizations" not in page(client, world.pm, "overview")


def test_what_stands_against_it_and_who_cannot_be_written_to_are_named(client, world):
    with world.inside():
        answer(world.leads[0], world.agenda, action=NO)
        world.leads[1].user.is_active = False
        world.leads[1].user.save()
    said = page(client, world.fa, "overview")
    assert "Org1 objects to: Each school opens a reading room." in said
    assert "comes back as the next draft" in said
    assert "nobody can answer for it yet" in said
    assert "Remind 1 organization now" in said
    board = page(client, world.fa, "ratification", world.agenda.pk)
    assert "Nobody can answer for it yet." in board
    client.force_login(world.fa.user)
    url = reverse("agenda:silent_remind", args=["here", world.agenda.pk])
    one = {"organization": str(world.leads[2].organization_id)}
    assert "1 person: Org3" in client.post(url, one, follow=True).content.decode()
    foreign = World(1, slug="there").leads[0].organization_id
    for other in ("none", str(foreign)):
        assert client.post(url, {"organization": other}).status_code == 404


def test_every_stage_has_its_next_step(client):
    world = World(2)
    with world.inside():
        world.draft((("problem", "Too few read."),))
    said = page(client, world.fa, "overview")
    assert "Version 1 is being written" in said
    assert "There is no primary goal yet" in said
    with world.inside():
        versions.circulate(actor=world.pm, agenda=world.draft())
    said = page(client, world.fa, "overview")
    assert "Version 1 is open for comments until" in said
    assert "Read what is said" in said
    with world.inside():
        AgendaVersion.objects.update(comments_until=timezone.now())
    said = page(client, world.fa, "overview")
    assert "can be put to everyone" in said
    assert "/open/" in said
    with world.inside():
        agenda = ratification.open_ratification(
            actor=world.fa, agenda=AgendaVersion.objects.get(), closes_at=later(days=9)
        )
        for lead in world.leads:
            answer(lead, agenda)
    said = page(client, world.fa, "overview")
    assert "A goal has no agreed indicator: agree on one by" in said


def test_before_there_is_a_version_listening_comes_next(client):
    world = World(2)
    said = page(client, world.fa, "overview")
    assert "Begin by listening" in said
    assert "What comes next" not in said
    asked = queries(client, reverse("agenda:overview", args=[world.initiative.slug]))
    assert asked <= 15 + 2  # the transaction begins and ends
    with world.inside():
        round_ = open_round(world.fa)
    assert "Look who has answered" in page(client, world.fa, "overview")
    for lead in world.leads:
        with scope(world.initiative.pk, user_id=lead.user_id):
            say(lead, round_, goal=["Prevent it"])
    said = page(client, world.fa, "overview")
    assert "All views are on the table: write the first version" in said
    assert "Ask everyone again" in said


def test_what_differs_is_talked_about_before_it_is_written(client):
    world = World(2)
    with world.inside():
        round_ = open_round(world.fa)
    for lead, goal in zip(world.leads, ("Prevent it", "Make it rarer"), strict=True):
        with scope(world.initiative.pk, user_id=lead.user_id):
            say(lead, round_, goal=([goal], 3))
    with world.inside():
        propose_differences(ListeningRound.objects.get())
    said = page(client, world.fa, "overview")
    assert "All views are on the table: talk about what differs" in said
    assert "write the first version" not in said
    with world.inside():
        agenda = versions.start_version(actor=world.pm)
    first = "Save what you wrote first"
    assert first in page(client, world.fa, "version_edit", agenda.pk)
    with world.inside():
        world.draft()
    assert first not in page(client, world.fa, "version_edit", agenda.pk)


@pytest.mark.parametrize("name", ["overview", "ratification"])
def test_the_pages_ask_as_often_for_many_as_for_few(client, name):
    asked = []
    for slug, partners in (("few", 3), ("many", 30)):
        world = World(partners, slug=slug)
        with world.inside():
            agenda = world.opened()
            answer(world.leads[0], agenda, action=NO)
            on_behalf(world, world.leads[1], agenda)
            days_ago(1)
        client.force_login(world.pm.user)
        args = [slug] if name == "overview" else [slug, agenda.pk]
        asked.append(queries(client, reverse(f"agenda:{name}", args=args)))
    assert asked[0] == asked[1]
    assert asked[1] <= 22

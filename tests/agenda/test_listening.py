"""Sealed positions: A7, by row rule, whatever is asked; revealed once; late ones marked."""

import io
import json
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection
from django.urls import reverse
from django.utils import timezone

from agenda.choices import ListeningState, StatementState
from agenda.models import (
    Asked,
    Difference,
    ListeningRound,
    Outsider,
    PositionFacet,
    PositionStatement,
)
from agenda.services import facets, listening
from agenda.services.differences.measured import propose_differences
from agenda.services.newcomers import admit_newcomer
from agenda.services.positions import ConflictError
from initiatives import clock, links
from initiatives.choices import LinkPurpose
from initiatives.models import Act, InitiativeProfile, Notice
from initiatives.permissions import Role
from initiatives.tenancy import scope
from tests import factories
from tests.agenda import people

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "only nightingales know this"
TABLES = ("agenda_positionstatement", "agenda_positionfacet")


class World:
    """An initiative with a facilitator, three leads and an open round."""

    def __init__(self, number=3, slug="meals", **options):
        self.initiative = factories.initiative(slug)
        with scope(self.initiative.pk):
            self.facilitator = people.backbone()
            self.leads = people.leads(number)
            self.round = people.open_round(self.facilitator, **options)

    def as_(self, member):
        return scope(self.initiative.pk, user_id=member.user_id)

    def here(self):
        return scope(self.initiative.pk)

    def say(self, lead, **given):
        with self.as_(lead):
            return people.say(lead, self.round, **(given or {"problem": SECRET}))

    def pass_deadline(self):
        """Time passes by the superuser's hand: nobody else moves a deadline forward."""
        from tests import database

        with database.admin(connection.settings_dict["NAME"]) as admin:
            admin.execute("SET session_replication_role = replica")
            admin.execute(
                "UPDATE agenda_listeninground SET opens_at = now() - interval '9 days',"
                " closes_at = now() - interval '1 minute'"
            )


@pytest.fixture
def world():
    return World()


def sql(statement, *params):
    with connection.cursor() as cursor:
        cursor.execute(statement, params or None)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def test_a7_sealed_statements_are_unreadable_outside_their_organization(world):
    first, second, _third = world.leads
    world.say(first)
    for reader in (second, world.facilitator, None):
        with world.as_(reader) if reader else world.here():
            assert not PositionStatement.objects.exists()
            assert not PositionFacet.objects.exists()
            for table in TABLES:
                assert sql(f"SELECT count(*) FROM {table}") == [(0,)]
                assert sql(f"SELECT to_jsonb(t)::text FROM {table} t") == []
    with world.as_(first):
        assert PositionFacet.objects.get().text == SECRET


def test_a7_a_draft_stays_sealed_after_the_reveal(world):
    first, second, third = world.leads
    world.say(first, problem="shown", submit=True)
    world.say(second, problem=SECRET, submit=False)
    world.pass_deadline()
    with world.here():
        assert listening.advance_rounds() == 1
    with world.as_(third):
        assert [each.text for each in PositionFacet.objects.all()] == ["shown"]


def test_a7_nobody_writes_in_the_name_of_another_organization(world):
    first, second, _third = world.leads
    world.say(first)
    with pytest.raises(DatabaseError, match="row-level security"), world.as_(second):
        PositionStatement.here(round=world.round, organization=first.organization).save()
    with world.as_(second):
        assert sql("UPDATE agenda_positionstatement SET note = 'mine'") == 0
        assert sql("DELETE FROM agenda_positionfacet") == 0
    with world.as_(first):
        asked = Asked.objects.get(organization=second.organization)
        with pytest.raises(PermissionDenied):
            people.write_position(actor=first, asked=asked, answers=[], token="0.0")


def test_a7_the_seal_is_not_opened_before_its_time(world):
    world.say(world.leads[0])
    revealed = "UPDATE agenda_listeninground SET state = 'revealed', revealed_at = now()"
    for statement in (
        revealed,
        "UPDATE agenda_listeninground SET closes_at = now() + interval '1 second'",
        "UPDATE agenda_listeninground SET state = 'drafting'",
        "UPDATE agenda_listeninground SET reveal_rule = 'deadline'",
        "DELETE FROM agenda_asked",
    ):
        with pytest.raises(IntegrityError), world.as_(world.facilitator):
            sql(statement)
    with world.here():
        assert listening.advance_rounds() == 0


def test_a7_nothing_leaks_by_acts_letters_dumps_or_jobs(world):
    world.say(world.leads[0], problem=SECRET, goal=["Prevent it"])
    out = io.StringIO()
    call_command("dump_initiative", world.initiative.slug, stdout=out)
    with world.here():
        acts = json.dumps(list(Act.objects.values("subject_label", "detail")))
        letters = json.dumps(list(Notice.objects.values("context", "occasion")))
        assert Act.objects.filter(action="agenda.position_submitted").count() == 1
    for text in (out.getvalue(), acts, letters):
        assert SECRET not in text
        assert "Prevent it" not in text


def test_a7_pages_show_who_answered_and_not_what(world, client):
    world.say(world.leads[0])
    for reader in (world.facilitator, world.leads[1]):
        client.force_login(reader.user)
        for name in ("agenda:overview", "agenda:listening", "agenda:side_by_side"):
            args = [world.initiative.slug] + ([] if "over" in name else [world.round.pk])
            assert SECRET not in client.get(reverse(name, args=args)).content.decode()


def test_revealed_when_all_are_in_and_once(world):
    for lead in world.leads:
        world.say(lead, goal=["Prevent it"])
    with world.here():
        round_ = ListeningRound.objects.get()
        assert round_.state == ListeningState.REVEALED
        assert PositionStatement.objects.revealed().count() == 3
        assert listening.advance_rounds() == 0
        assert Act.objects.filter(action="agenda.positions_revealed").count() == 1
        assert Notice.objects.filter(kind="positions_revealed").count() == 3


def test_where_the_deadline_is_the_rule_all_in_is_not_enough():
    world = World(reveal_rule="deadline")
    for lead in world.leads:
        world.say(lead)
    with world.here():
        assert ListeningRound.objects.get().state == ListeningState.OPEN
    world.pass_deadline()
    with world.here():
        assert listening.advance_rounds() == 1


def test_written_after_the_reveal_is_marked(world):
    world.say(world.leads[0], problem="in time")
    world.pass_deadline()
    late = world.say(world.leads[1], problem="after")
    assert late.is_late
    with world.here():
        assert ListeningRound.objects.get().is_revealed
        in_time = PositionStatement.objects.get(organization=world.leads[0].organization)
        assert not in_time.is_late
    again = world.say(world.leads[0], problem="thought again")
    assert again.is_late
    with world.here():
        states = PositionStatement.objects.filter(organization=world.leads[0].organization)
        assert sorted(states.values_list("state", flat=True)) == ["submitted", "superseded"]


def test_changed_until_the_reveal(world):
    lead = world.leads[0]
    first = world.say(lead, problem="one")
    second = world.say(lead, problem="two", submit=False)
    assert first.pk == second.pk
    with world.as_(lead):
        assert PositionFacet.objects.get().text == "two"
        assert second.state == StatementState.SUBMITTED


def test_two_editors_of_one_organization(world):
    lead = world.leads[0]
    world.say(lead, problem="one", token="0.0", submit=False)
    with pytest.raises(ConflictError):
        world.say(lead, problem="two", token="0.0", submit=False)


def test_a_reporter_drafts_and_the_lead_submits(world):
    lead = world.leads[0]
    with world.here():
        reporter = people.member(lead.organization, Role.PARTNER_REPORTER)
        newcomer = Outsider.objects.get(user=reporter.user)
    with world.as_(lead):
        admit_newcomer(actor=lead, newcomer=newcomer)
    world.say(reporter, problem="draft", submit=False)
    with pytest.raises(PermissionDenied):
        world.say(reporter, problem="draft")
    assert world.say(lead, problem="draft").is_submitted
    with pytest.raises(PermissionDenied):
        world.say(reporter, problem="changed behind the lead", submit=False)


def test_answers_fit_their_questions(world):
    lead = world.leads[0]
    for wrong in ({"goal": ["Conquer it"]}, {"horizon": 26}, {"horizon": -1}):
        with pytest.raises(ValidationError):
            world.say(lead, **wrong)


def test_a_link_answers_without_an_account(world, client):
    lead = world.leads[0]
    with world.here():
        letter = Notice.objects.get(kind="position_asked", user=lead.user)
    page = letter.context["url"].partition("testserver")[2] or letter.context["url"]
    page = "/" + page.split("/", 3)[3]
    shown = client.get(page)
    assert shown.status_code == 200
    sheet = shown.context["sheet"]
    data = {"token": sheet.token, "action": "submit"}
    for form in sheet.answers:
        data |= {f"{form.prefix}-importance": "2", f"{form.prefix}-flexibility": "1"}
        if form.facet.key == "problem":
            data[f"{form.prefix}-answer"] = SECRET
    assert client.post(page, data).status_code == 302
    assert SECRET in client.get(page).content.decode()
    with world.here():
        assert Asked.objects.get(organization=lead.organization).answered_at
        assert Act.objects.get(action="agenda.position_submitted").means == "link"


def test_a_link_of_who_has_left_opens_nothing(world, client):
    lead = world.leads[0]
    with world.here():
        asked = Asked.objects.get(organization=lead.organization)
        token, _link = links.issue(LinkPurpose.POSITION, asked.pk, user=lead.user)
        lead.starts_on = lead.ends_on = timezone.localdate() - timedelta(days=1)
        lead.save()
    assert client.get(reverse("position_link", args=[token])).status_code == 404


def test_questions_stay_once_the_round_is_open(world):
    with world.here(), pytest.raises(ValidationError):
        facets.remove_facet(actor=world.facilitator, facet=people.facet(world.round, "goal"))


def test_reminders_go_to_who_has_not_answered_once():
    world = World(closes_at=timezone.now() + timedelta(days=4))
    world.say(world.leads[0])
    for _ in range(2):
        with world.here():
            listening.advance_rounds()
    with world.here():
        reminded = Notice.objects.filter(occasion__startswith="reminder")
        assert {each.user_id for each in reminded} == {e.user_id for e in world.leads[1:]}
        assert reminded.count() == 2


def test_differences_are_found_once(world):
    for lead, goal, years in zip(
        world.leads, (["Prevent it"], ["Make it rarer"], ["Prevent it"]), (2, 20, 20), strict=True
    ):
        world.say(lead, goal=(goal, 3), horizon=(years, 0))
    with world.here():
        assert propose_differences(ListeningRound.objects.get()) == 1
        assert propose_differences(ListeningRound.objects.get()) == 0
        found = Difference.objects.get()
        assert found.facet.key == "goal"
        assert sorted(each.holders.count() for each in found.sides.all()) == [1, 2]


def test_nothing_is_found_before_the_reveal(world):
    world.say(world.leads[0], goal=(["Prevent it"], 3))
    with world.here():
        assert propose_differences(world.round) == 0


def test_pages_ask_no_more_of_more_organizations(client):
    counts = []
    for slug, number in (("few", 2), ("many", 12)):
        world = World(number, slug=slug)
        for lead in world.leads:
            world.say(lead, goal=["Prevent it"], problem="It is one.")
        client.force_login(world.leads[0].user)
        args = [slug, world.round.pk]
        names = ("listening", "side_by_side", "position")
        counts.append(
            [people.queries(client, reverse(f"agenda:{each}", args=args)) for each in names]
        )
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 30


def test_a_round_lasts_until_the_end_of_its_day_where_people_are(client):
    world = World()
    with world.here():
        InitiativeProfile.here(time_zone="America/Denver").save()
        clock.forget()
    client.force_login(world.facilitator.user)
    day = timezone.localdate() + timedelta(days=20)
    typed = {"name": "Again", "closes_on": day.isoformat(), "reveal_rule": "all_in"}
    new = reverse("agenda:listening_new", args=[world.initiative.slug])
    answer = client.post(new, typed)
    assert answer.status_code == 302
    with world.here():
        closes_at = ListeningRound.objects.get(name="Again").closes_at
        assert closes_at.astimezone(ZoneInfo("America/Denver")).strftime("%F %H:%M") == (
            f"{day.isoformat()} 23:59"
        )
    shown = client.get(answer["Location"]).content.decode()
    assert f"{day.day} {day:%B} {day.year}, 23:59" in shown
    assert client.post(new, typed | {"closes_on": "2020-01-01"}).status_code == 422


@pytest.mark.parametrize("day", ["9999-12-31", "3000-01-01"])
def test_a_day_that_no_clock_can_show_is_refused(client, world, day):
    """West of Greenwich its end lies in the year 10000: the page would fail for everyone."""
    client.force_login(world.facilitator.user)
    form = {"name": "How?", "closes_on": day, "reveal_rule": "all_in"}
    path = reverse("agenda:listening_new", args=[world.initiative.slug])
    answer = client.post(path, form)
    assert answer.status_code == 422
    assert "between 1900 and 2999" in answer.text
    with world.here():
        assert ListeningRound.objects.count() == 1

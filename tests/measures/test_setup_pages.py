"""An initiative's measurement laid out in the browser: calendars, indicators, rounds."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from initiatives import clock
from initiatives.models import Act, InitiativeProfile, Membership, User
from initiatives.permissions import Role
from initiatives.services import create_initiative, create_organization, create_place
from initiatives.tenancy import scope, visitor
from measures import rollups
from measures.models import (
    Assignment,
    Calendar,
    Category,
    Indicator,
    IndicatorVersion,
    Period,
    Round,
    Submission,
    Target,
)
from measures.services.rounds import advance_rounds
from measures.services.setup import create_calendars

pytestmark = pytest.mark.django_db(transaction=True)


class World:
    """A new initiative with calendars and two partners, and its manager's browser."""

    def __init__(self):
        user = User.objects.create_user("mia@example.org", "a quiet choir sings", name="Mia")
        with visitor(user.pk):
            self.manager = create_initiative(user=user, name="Read", slug="reading")
        self.initiative_id = self.manager.initiative_id
        with self.scope():
            create_calendars(actor=None, kinds=["gregorian"])
            place = create_place(actor=self.manager, name="Springfield")
            self.school = create_organization(
                actor=self.manager, name="School", sector="government", state="active"
            )
            self.library = create_organization(
                actor=self.manager, name="Library", places=[place], state="active"
            )
            self.place, self.calendar = place, Calendar.objects.get()
        self.client = Client()
        self.client.force_login(user)

    def scope(self):
        return scope(self.initiative_id)

    def url(self, name, *args):
        return reverse(f"measures:{name}", args=["reading", *args])

    def get(self, name, *args):
        return self.client.get(self.url(name, *args))

    def post(self, page, /, *args, **data):
        return self.client.post(self.url(page, *args), data)

    def typed(self, **more):
        return {
            "name": "Meals served",
            "kind": "count",
            "definition": "Warm meals given out.",
            "unit": "meals",
            "scale": "100",
            "direction": "increase",
            "calendar": self.calendar.pk,
            "frequency": "year",
            **more,
        }

    def draft(self, **more):
        response = self.post("indicator_new", **self.typed(**more))
        assert response.status_code == 302, response.context["form"].errors
        return int(response["Location"].rstrip("/").split("/")[-1])

    def agreed(self, **more):
        pk = self.draft(**more)
        assert self.post("assignment_new", pk, who="partners").status_code == 302
        assert self.post("indicator_state", pk, state="agreed").status_code == 302
        return pk

    def period(self):
        """Last year."""
        with self.scope():
            return Period.objects.get(code=str(timezone.localdate().year - 1))


@pytest.fixture
def world():
    return World()


def test_an_indicator_goes_from_draft_to_agreed_with_its_parts(world):
    pk = world.draft(breakdown="Age group", categories="Under 18\n18 and older\nUnder 18\n")
    with world.scope():
        found = Indicator.objects.get(pk=pk)
        assert (found.code, found.state) == ("meals_served", "draft")
        assert [each.name for each in Category.objects.all()] == [
            "Under 18",
            "18 and older",
            "Not stated",
        ]
        assert found.partition.cells.filter(is_leaf=True).count() == 3
        assert IndicatorVersion.objects.get().definition == "Warm meals given out."
    assert world.post("indicator_state", pk, state="proposed").status_code == 302
    assert world.post("indicator_state", pk, state="agreed").status_code == 302
    assert world.post("indicator_state", pk, state="agreed").status_code == 302  # twice is once
    assert world.post("indicator_state", pk, state="draft").status_code == 422
    with world.scope():
        assert Act.objects.filter(action="measures.indicator_agreed").count() == 1


def test_a_ratio_in_percent_says_so_and_is_computed_so(world):
    world.draft(kind="ratio", unit="")
    with world.scope():
        found = Indicator.objects.get()
        assert (found.unit, found.versions.get().scale) == ("%", 100)


def test_nothing_is_agreed_that_nobody_defined(world):
    pk = world.draft(definition="")
    refused = world.post("indicator_state", pk, state="agreed")
    assert refused.status_code == 422
    assert b"write the definition first" in refused.content


def test_what_was_typed_stays_and_nothing_is_stored(world):
    wrong = {"minimum": "10", "maximum": "1", "decimals": "99", "name": "Kept"}
    response = world.post("indicator_new", **world.typed(**wrong))
    assert response.status_code == 422
    page = response.content.decode()
    assert "Kept" in page
    assert "below the smallest" in page
    assert world.post("indicator_new", **world.typed(minimum="about ten")).status_code == 422
    assert world.post("indicator_new", **world.typed(breakdown="Age")).status_code == 422
    with world.scope():
        assert not Indicator.objects.exists()


def edited(world, pk, **more):
    form = world.get("indicator_edit", pk).context["form"]
    values = {name: form[name].value() for name in form.fields}
    values = {name: each for name, each in values.items() if each not in (None, False)}
    return world.client.post(world.url("indicator_edit", pk), values | more)


def test_two_who_change_one_indicator_are_told(world):
    pk = world.draft()
    version = world.get("indicator_edit", pk).context["form"]["version"].value()
    assert edited(world, pk, name="Warm meals", frequency="month").status_code == 302
    late = edited(world, pk, name="Cold meals", version=version)
    assert late.status_code == 422
    assert b"Somebody else changed this" in late.content
    with world.scope():
        found = Indicator.objects.get()
        assert (found.name, found.frequency) == ("Warm meals", "month")


def hand_in(world, value="7"):
    """A round for last year, and the library's submission accepted with one number."""
    today = timezone.localdate()
    dates = {"opens_on": today - timedelta(days=3), "due_on": today + timedelta(days=3)}
    response = world.post("rounds", period=world.period().pk, **dates)
    assert response.status_code == 302, response.context["form"].errors
    with world.scope():
        advance_rounds()
        submission = Submission.objects.get(organization=world.library)
        reporter = User.objects.create_user("lea@example.org", "a quiet choir sings")
        Membership.here(
            user=reporter, organization=world.library, roles=[Role.PARTNER_REPORTER]
        ).save()
        indicator = Indicator.objects.get()
    client = Client()
    client.force_login(reporter)
    typed = {"version": "1", f"{indicator.pk}-0": value, "action": "submit"}
    assert client.post(world.url("submission", submission.pk), typed).status_code == 302
    world.post("accept_submissions", submission=submission.pk)
    return client


def test_what_numbers_rest_on_stays_once_there_are_some(world):
    pk = world.agreed()
    hand_in(world)
    assert edited(world, pk, name="Warm meals", kind="stock", frequency="month").status_code == 302
    with world.scope():
        found = Indicator.objects.get()
        assert (found.name, found.kind, found.frequency) == ("Warm meals", "count", "year")


def test_a_new_meaning_begins_on_its_day(world):
    pk = world.draft()
    new = {"effective_from": "2026-01-01", "definition": "Warm meals, breakfast too."}
    assert world.post("definition_new", pk, **new).status_code == 302
    again = world.post("definition_new", pk, **new)
    assert again.status_code == 422
    assert b"breakfast too" in again.content
    with world.scope():
        assert [each.definition for each in IndicatorVersion.objects.all()] == [
            "Warm meals given out.",
            "Warm meals, breakfast too.",
        ]


def test_targets_are_added_and_never_changed(world):
    pk, period = world.draft(), world.period()
    for value, reason in (("1000", "Agreed in May"), ("1200", "More is possible")):
        for _twice in range(2):
            answer = world.post("target_new", pk, period=period.pk, value=value, reason=reason)
            assert answer.status_code == 302
    with world.scope():
        assert list(Target.objects.values_list("value", flat=True)) == [1000, 1200]
    page = world.get("indicator_setup", pk).content.decode()
    assert "Agreed in May" in page
    assert world.post("target_new", pk, period=period.pk, value="", reason="").status_code == 422
    assert world.post("baseline_new", pk, period=period.pk, value="500").status_code == 302


def asked(world):
    with world.scope():
        rows = Assignment.objects.order_by("organization__name")
        return [each.organization.name for each in rows.select_related("organization")]


def test_many_are_asked_at_once(world):
    pk = world.draft()
    assert world.post("assignment_new", pk, who="sector", sector="government").status_code == 302
    assert asked(world) == ["School"]
    assert world.post("assignment_new", pk, who="place", place=world.place.pk).status_code == 302
    assert asked(world) == ["Library", "School"]
    assert world.post("assignment_new", pk, who="partners").status_code == 302
    assert len(asked(world)) == 2
    assert world.post("assignment_new", pk, who="sector", sector="citizens").status_code == 422
    assert world.post("assignment_new", pk, who="chosen", organizations="999").status_code == 422


def test_who_is_asked_no_more_is_expected_no_more(world):
    world.agreed()
    hand_in(world)
    with world.scope():
        rollups.drain()
        pk = Assignment.objects.get(organization=world.school).pk
    today = timezone.localdate().isoformat()
    assert world.get("assignment_end", pk).status_code == 200
    assert world.post("assignment_end", pk, ends_on="").status_code == 422
    assert world.post("assignment_end", pk, ends_on=today).status_code == 302
    with world.scope():
        assert Assignment.objects.get(pk=pk).ends_on.isoformat() == today


def test_a_round_is_laid_out_moved_and_closed(world):
    world.agreed()
    reporter = hand_in(world)
    with world.scope():
        round_ = Round.objects.get()
        assert round_.state == "open"
    page = world.get("round_setup", round_.pk)
    sheet = page.context["sheet"]
    assert [each.organization.name for each in sheet.missing] == ["School"]
    assert {each.state for each in sheet.missing} == {"not_started"}  # nobody wrote on it
    form = page.context["form"]
    dates = {name: form[name].value() or "" for name in ("opens_on", "due_on", "version")}
    wrong = world.post("round_setup", round_.pk, **dates, closes_on="2001-01-01")
    assert wrong.status_code == 422
    assert b"closes before it is due" in wrong.content
    assert world.post("round_setup", round_.pk, **dates, closes_on="2999-01-01").status_code == 302
    late = world.post("round_setup", round_.pk, **dates, closes_on="")
    assert late.status_code == 422
    for _twice in range(2):
        assert world.post("round_close", round_.pk).status_code == 302
    with world.scope():
        assert Round.objects.get().state == "closed"
        assert Act.objects.filter(action="measures.round_closed").count() == 1
        advance_rounds()
        assert Round.objects.get().state == "closed"
    assert reporter.get(world.url("rounds")).status_code == 403
    again = world.post("rounds", period=world.period().pk, opens_on="2026-01-01")
    assert again.status_code == 422


def test_a_round_lasts_until_the_end_of_its_last_day_where_people_are(world):
    world.agreed()
    with world.scope():
        InitiativeProfile.objects.update(time_zone="America/Denver")
        clock.forget()
    dates = {"opens_on": "2026-11-01", "due_on": "2026-11-16", "closes_on": "2999-12-31"}
    assert world.post("rounds", period=world.period().pk, **dates).status_code == 302
    with world.scope():
        round_ = Round.objects.get()
    assert round_.due_at.isoformat() == "2026-11-17T06:59:59+00:00"
    form = world.get("round_setup", round_.pk).context["form"]
    assert form["due_on"].value().isoformat() == "2026-11-16"
    assert "16 November 2026" in world.get("rounds").content.decode()


def test_a_calendar_is_added_once_and_reaches_further(world):
    given = {"first_year": "2020", "last_year": "2022", "start_month": "8"}
    school = {"name": "School years", "kind": "school"}
    assert world.post("calendars", **given, **school).status_code == 302
    assert world.post("calendars", **given, **school).status_code == 422
    with world.scope():
        calendar = Calendar.objects.get(kind="school")
        before = calendar.periods.count()
    wrong = world.post("calendar_extend", calendar.pk, first_year="2022", last_year="2001")
    assert wrong.status_code == 422
    more = {"first_year": "2022", "last_year": "2023"}
    for _twice in range(2):
        assert world.post("calendar_extend", calendar.pk, **more).status_code == 302
    with world.scope():
        assert calendar.periods.count() == before + before // 3


def test_today_says_what_waits_for_whom(world):
    assert "First steps" in world.client.get("/i/reading/").content.decode()
    world.agreed()
    reporter = hand_in(world)
    answer = world.client.get("/i/reading/")
    page, steps = answer.content.decode(), answer.context["waiting"].steps
    left = [each.text for each in steps if not each.is_done]
    assert [each[:9] for each in left] == ["Have some", "Ask each ", "Write dow", "Say who m"]
    assert "1 organization has not handed in" in page
    with world.scope():
        submission = Submission.objects.get(organization=world.library)
    world.post("reopen_submission", submission.pk, reason="Count again", until="2999-01-01T10:00")
    seen = reporter.get("/i/reading/").content.decode()
    assert f"Look again at {world.period().code}" in seen
    assert "Count again" in seen
    with world.scope():
        submission.refresh_from_db()
        typed = {f"{Indicator.objects.get().pk}-0": "9", "action": "submit"}
    handed = reporter.post(
        world.url("submission", submission.pk), typed | {"version": str(submission.version)}
    )
    assert handed.status_code == 302
    assert "1 form waits for you" in world.client.get("/i/reading/").content.decode()


def test_partners_do_not_lay_out_measurement(world):
    world.agreed()
    reporter = hand_in(world)
    for name in ("indicators", "indicator_new", "rounds", "calendars"):
        assert reporter.get(world.url(name)).status_code == 403
        assert reporter.post(world.url(name), {}).status_code in {403, 405}


def test_a_list_that_is_not_short_is_a_warning(world):
    for n in range(16):
        world.agreed(name=f"Indicator {n}")
    assert "16 indicators are agreed" in world.get("indicators").content.decode()

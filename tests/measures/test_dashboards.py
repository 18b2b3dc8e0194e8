"""The dashboard, what a number was computed from, and links for readers without an account."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.contrib.staticfiles import finders
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from initiatives import today
from initiatives.models import Act, Initiative, Membership, Organization
from initiatives.templatetags.concert import number
from initiatives.tenancy import scope
from measures.models import (
    Assignment,
    Calendar,
    Indicator,
    IndicatorVersion,
    Period,
    Rollup,
    ShareLink,
    Target,
)
from measures.selectors.figures import Figure

pytestmark = pytest.mark.django_db(transaction=True)
MOST_QUERIES = 15


def here(model, **fields):
    row = model.here(**fields)
    row.save()
    return row


class World:
    """An initiative whose organizations each reported i + 1 in 2025, and one of them nothing."""

    def __init__(self, slug="reading", count=3):
        self.slug = slug
        self.initiative = Initiative.objects.create(slug=slug, name="Reading Together")
        with scope(self.initiative.pk):
            self.fill(count)

    def fill(self, count):
        Organization.objects.bulk_create(
            Organization.here(code=f"o{i}", name=f"Partner {i:03}") for i in range(count)
        )
        self.organizations = list(Organization.objects.order_by("id"))
        calendar = here(Calendar, code="c", name="Years")
        self.indicator = here(
            Indicator,
            code="readers",
            name="Children who read",
            kind="count",
            unit="children",
            calendar=calendar,
            frequency="year",
        )
        version = here(IndicatorVersion, indicator=self.indicator, effective_from=date(2020, 1, 1))
        self.periods = [
            here(
                Period,
                calendar=calendar,
                frequency="year",
                code=str(year),
                name=str(year),
                starts_on=date(year, 1, 1),
                ends_on=date(year + 1, 1, 1),
            )
            for year in (2024, 2025)
        ]
        Assignment.objects.bulk_create(
            Assignment.here(indicator=self.indicator, organization=each, starts_on=date(2020, 1, 1))
            for each in self.organizations
        )
        here(Target, indicator=self.indicator, period=self.periods[0], value=Decimal(1000))
        self.total = sum(range(1, count))
        self.roll_up(version, count)

    def roll_up(self, version, count):
        def row(whose, scope_id, period, value, **fields):
            return Rollup.here(
                indicator=self.indicator,
                version=version,
                scope=whose,
                scope_id=scope_id,
                period=period,
                value=value,
                status="normal",
                **fields,
            )

        last = self.periods[1]
        Rollup.objects.bulk_create(
            [
                row("initiative", self.initiative.pk, self.periods[0], 1, expected=1, reported=1),
                row(
                    "initiative",
                    self.initiative.pk,
                    last,
                    self.total,
                    expected=count,
                    reported=count - 1,
                ),
                *(
                    row("organization", each.pk, last, number + 1, expected=1, reported=1)
                    for number, each in enumerate(self.organizations[:-1])
                ),
            ]
        )

    def sign_in(self, client, role, organization=0):
        user = get_user_model().objects.create_user(email=f"{role}@{self.slug}.org", name=role)
        with scope(self.initiative.pk):
            here(
                Membership,
                user=user,
                organization=self.organizations[organization],
                roles=[role],
            )
        client.force_login(user)
        return user

    def at(self, path=""):
        return f"/i/{self.slug}/measures/{path}"

    @property
    def computed(self):
        return self.at(f"indicators/{self.indicator.pk}/computed/{self.periods[1].pk}/")


@pytest.fixture
def world():
    return World()


def page(client, address, status=200):
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def reads(queries):
    """How many statements read rows; telling the database whose they are is not one of them."""
    statements = [each["sql"] for each in queries]
    return sum(sql.startswith("SELECT") and "set_config" not in sql for sql in statements)


def test_the_dashboard_says_value_change_coverage_target_and_who_is_missing(client, world):
    world.sign_in(client, "data_manager")
    shown = page(client, world.at())
    assert (
        "3 children in 2025; 2 of 3 reported (67 %); 1 children in 2024, when 1 of 1 reported."
        in shown
    )
    assert "target 1,000 children from 2024" in shown
    assert "Partner 002" in shown  # has not reported
    assert world.computed in shown


def test_who_has_not_reported_is_named_only_to_who_collects(client, world):
    world.sign_in(client, "funder")
    shown = page(client, world.at())
    assert "2 of 3 reported" in shown
    assert "Partner 002" not in shown


def test_who_only_reads_is_led_to_today_when_something_waits(world, client, monkeypatch):
    world.sign_in(client, "funder")
    today_link = f'href="{reverse("initiatives:today", args=[world.initiative.slug])}"'
    assert today_link not in page(client, world.at())
    monkeypatch.setattr(today, "waiting", lambda _member: [today.Waiting("Read it", "/", number=2)])
    shown = page(client, world.at())
    assert today_link in shown
    assert "2 things wait for you" in shown


@pytest.mark.parametrize("path", ["", "own/"])
def test_a_page_takes_as_many_queries_for_ten_organizations_as_for_a_hundred(client, path):
    counts = []
    for count in (10, 100):
        world = World(f"with-{count}", count)
        world.sign_in(client, "data_manager")
        for _each in range(2):  # the first request after signing in starts the session
            with CaptureQueriesContext(connection) as queries:
                page(client, world.at(path))
        counts.append(reads(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= MOST_QUERIES


@pytest.mark.parametrize("which", ["indicator", "computed"])
def test_an_indicators_pages_take_as_many_queries_for_a_hundred(client, which):
    counts = []
    for count in (10, 100):
        world = World(f"with-{count}", count)
        world.sign_in(client, "data_manager")
        address = world.at(f"indicators/{world.indicator.pk}/")
        for _each in range(2):  # the first request after signing in starts the session
            with CaptureQueriesContext(connection) as queries:
                page(client, address if which == "indicator" else world.computed)
        counts.append(reads(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= MOST_QUERIES


def test_an_indicators_page_has_a_line_a_table_and_a_chart_on_demand(client, world):
    world.sign_in(client, "observer")
    shown = page(client, world.at(f"indicators/{world.indicator.pk}/"))
    assert '<svg class="line-chart"' in shown
    assert "<table" in shown
    assert 'data-plotly="/static/plotly/plotly.min.js"' in shown
    assert '<script src="/static/plotly' not in shown


def test_coverage_over_all_is_shown_and_not_clamped(client, world):
    with scope(world.initiative.pk):
        Rollup.objects.filter(scope="initiative", period=world.periods[1]).update(reported=4)
    world.sign_in(client, "observer")
    assert "4 of 3 reported (133 %)" in page(client, world.at())


def test_a_collector_sees_each_number_put_in(client, world):
    world.sign_in(client, "data_manager")
    shown = page(client, world.computed)
    assert "1 + 2 = 3 children" in shown
    assert "Partner 000" in shown
    assert "Partner 001" in shown


def test_a_partner_sees_only_its_own_number_put_in(client, world):
    world.sign_in(client, "partner_reporter", organization=1)
    shown = page(client, world.computed)
    assert "the sum over 2 organizations = 3 children" in shown
    assert "Partner 001" in shown
    assert "Partner 000" not in shown


def test_a_funder_sees_the_sum_and_no_organizations_number(client, world):
    world.sign_in(client, "funder", organization=2)
    shown = page(client, world.computed)
    assert "the sum over 2 organizations = 3 children" in shown
    assert "Partner 000" not in shown
    assert "Partner 001" not in shown
    other = world.organizations[0].pk
    page(client, f"{world.computed}?organization={other}", status=404)


def test_an_organization_reads_its_own_numbers(client, world):
    world.sign_in(client, "partner_lead", organization=1)
    shown = page(client, world.at("own/"))
    own = world.organizations[1].pk
    assert "2 children in 2025" in shown
    assert f"?organization={own}" in shown
    assert "as reported = 2 children" in page(client, f"{world.computed}?organization={own}")


def test_outsiders_find_nothing(client, world):
    other = World("other")
    other.sign_in(client, "project_manager")
    page(client, world.at(), status=404)
    page(client, other.at(f"indicators/{world.indicator.pk}/"), status=404)


def test_a_share_opens_sums_without_names_until_it_is_closed(client, world):
    world.sign_in(client, "data_manager")
    day = timezone.localdate() + timedelta(days=5)
    given = {"name": "Foundation", "expires_on": day.isoformat()}
    response = client.post(world.at("shares/"), given)
    shown = response.content.decode()
    assert response.status_code == 200
    token = shown.split("/link/dashboard/")[1].split("/")[0]
    assert token not in page(client, world.at("shares/"))
    client.logout()
    address = f"/link/dashboard/{token}/"
    read = page(client, address)
    assert "3 children in 2025" in read
    assert "the sum over 2 organizations = 3 children" in read
    assert "Partner 0" not in read
    assert "<nav" not in read
    assert client.post(address).status_code == 405
    with scope(world.initiative.pk):
        share = ShareLink.objects.select_related("link").get()
        assert share.link.object_id == share.pk
        user = get_user_model().objects.get(email="data_manager@reading.org")
    client.force_login(user)
    assert client.post(world.at(f"shares/{share.pk}/revoke/")).status_code == 302
    page(client, address, status=404)
    with scope(world.initiative.pk):
        acts = list(Act.objects.order_by("id").values_list("action", flat=True))
    assert acts == ["measures.share_created", "measures.share_revoked"]


def test_a_share_past_its_day_opens_nothing(client, world):
    world.sign_in(client, "data_manager")
    past = timezone.localdate() - timedelta(days=3)
    response = client.post(world.at("shares/"), {"name": "Foundation", "expires_on": past})
    assert response.status_code == 422
    assert "still to come" in response.content.decode()
    assert "Foundation" in response.content.decode()


@pytest.mark.parametrize("role", ["funder", "observer", "partner_lead"])
def test_only_who_may_share_gives_out_links(client, world, role):
    world.sign_in(client, role)
    page(client, world.at("shares/"), status=403)


def test_the_chart_library_comes_out_of_the_installed_package():
    found = finders.find("plotly/plotly.min.js")
    assert found.endswith("package_data/plotly.min.js")
    assert not finders.find("plotly/widgetbundle.js")


@pytest.mark.parametrize(
    ("value", "decimals", "said"),
    [("66.6667", 0, "67"), ("66.5", 0, "67"), ("-0.04", 1, "0.0"), ("9" * 30, None, "999,")],
)
def test_a_number_is_rounded_and_not_cut_off(value, decimals, said):
    assert number(Decimal(value), decimals).startswith(said)


def test_the_dashboard_has_a_chart_and_a_row_for_each_indicator(client, world):
    world.sign_in(client, "data_manager")
    shown = page(client, world.at())
    assert '<svg class="line-chart"' in shown
    row = shown[shown.index("All numbers") :]
    assert "2 / 3" in row
    assert f'href="{world.computed}"' in row


def test_what_the_same_organizations_owe_is_said_once(client, world):
    with scope(world.initiative.pk):
        other = Indicator.objects.get(pk=world.indicator.pk)
        other.pk, other.code, other.name = None, "second", "Second number"
        other.save()
        for made in list(Assignment.objects.all()):
            made.pk, made.indicator = None, other
            made.save()
        for made in list(Rollup.objects.all()):
            Rollup.objects.bulk_create(
                [
                    Rollup.here(
                        **{
                            field.attname: getattr(made, field.attname)
                            for field in Rollup._meta.concrete_fields
                            if field.attname not in {"id", "initiative_id", "indicator_id"}
                        },
                        indicator_id=other.pk,
                    )
                ]
            )
    world.sign_in(client, "data_manager")
    shown = page(client, world.at())
    assert shown.count("Partner 002") == 1
    assert "Second number" in shown


def test_a_number_before_its_first_target_says_which_one_comes(client, world, monkeypatch):
    world.sign_in(client, "data_manager")
    shown = page(client, world.computed)
    assert "<dd>target 1,000 children from 2024</dd>" in shown
    assert "Value (children)" in shown
    monkeypatch.setattr(Figure, "goal_at", lambda *_: None)
    shown = page(client, world.computed)
    assert "<dd>none yet; first target 1,000 children from 2024</dd>" in shown

"""What a funder is given: a page without a rail, words to quote, and numbers to take along."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format

from initiatives import links, today
from initiatives.choices import LinkPurpose
from initiatives.models import Organization
from initiatives.tenancy import scope
from measures import charts
from measures.models import Indicator, Rollup, ShareLink
from measures.selectors import dashboards
from tests import factories
from tests.measures.test_dashboards import World, page, reads
from tests.measures.test_places import Ground

pytestmark = pytest.mark.django_db(transaction=True)
MOST_QUERIES = 12


@pytest.fixture
def ground():
    return Ground()


def rows_at(client, address):
    response = client.get(address)
    assert response.status_code == 200
    assert response.streaming
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("role", ["funder", "observer"])
def test_who_only_reads_gets_a_page_without_a_rail(client, role):
    world = World()
    world.sign_in(client, role)
    shown = page(client, world.at())
    assert 'class="report' in shown
    assert 'class="rail"' not in shown
    said = "3 children in 2025; 2 of 3 reported (67 %); 1 children in 2024, when 1 of 1 reported; target 1,000 children from 2024."
    assert f"Children who read: {said}" in shown
    assert "How was this computed?" in shown
    assert "Partner 00" not in shown
    assert 'class="rail"' not in page(client, world.at(f"indicators/{world.indicator.pk}/"))
    assert 'class="rail"' not in page(client, world.computed)


def test_who_only_reads_begins_with_whether_it_works(client):
    world = World()
    world.sign_in(client, "funder")
    assert client.get("/?signed-in").url == world.at()
    assert f'href="{world.at()}"' in page(client, "/")
    assert page(client, world.at()).count("It is too early to say whether the target is met") == 1
    world.sign_in(client, "partner_lead")
    assert client.get("/?signed-in").url == world.at().removesuffix("measures/")


def test_who_takes_part_keeps_the_rail(client):
    world = World()
    world.sign_in(client, "partner_lead")
    assert 'class="rail"' in page(client, world.at())


def test_the_report_takes_as_many_queries_for_many_indicators(client):
    counts = []
    for count in (1, 30):
        world = World(f"with-{count}", 10)
        with scope(world.initiative.pk):
            for number in range(count):
                factories.indicator(f"i{number}", calendar=world.indicator.calendar)
        world.sign_in(client, "funder")
        for _each in range(2):
            with CaptureQueriesContext(connection) as queries:
                page(client, world.at())
        counts.append(reads(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= MOST_QUERIES


def test_a_number_is_cited_with_all_that_it_takes_to_find_it_again(client):
    world = World()
    world.sign_in(client, "observer")
    shown = page(client, world.at(f"indicators/{world.indicator.pk}/"))
    assert (
        "Children who read: 3 children, 2025; 2 of 3 reported (67 %). Reading Together, as of"
        in shown
    )
    assert f"{world.at()}indicators/{world.indicator.pk}/</code>" in shown


def test_the_file_holds_every_scope_that_the_reader_may_see(client, ground):
    address = ground.at("numbers.csv")
    ground.sign_in(client, "data_manager")
    rows = rows_at(client, address)
    assert {row["scope"] for row in rows} == {"initiative", "place", "organization"}
    month = [row for row in rows if row["period"] == "2026-M2" and not row["group"]]
    assert [row["value"] for row in month if row["scope"] == "initiative"] == ["66"]
    assert [row["value"] for row in month if row["scope name"] == "Org-1"] == ["22"]
    ground.sign_in(client, "funder")
    rows = rows_at(client, address)
    assert {row["scope"] for row in rows} == {"initiative", "place"}
    assert "South" not in {row["scope name"] for row in rows}  # of one organization


def test_names_that_a_spreadsheet_would_run_are_inert(client, ground):
    with scope(ground.initiative.pk):
        Organization.objects.filter(code="org-0").update(name="=HYPERLINK(1)")
    ground.sign_in(client, "data_manager")
    names = {row["scope name"] for row in rows_at(client, ground.at("numbers.csv"))}
    assert "'=HYPERLINK(1)" in names
    assert "=HYPERLINK(1)" not in names


def test_a_link_lets_take_along_the_whole_of_what_it_shows(client, ground):
    with scope(ground.initiative.pk):
        share = ShareLink.here(name="Readers", indicator=ground.indicator)
        other = factories.indicator("other", calendar=ground.indicator.calendar)
        token, link = links.issue(LinkPurpose.DASHBOARD, 0)
        share.link = link
        share.save()
        link.object_id = share.pk
        link.save()
    rows = rows_at(client, f"/link/dashboard/{token}/{ground.indicator.pk}/numbers.csv")
    assert {row["scope"] for row in rows} == {"initiative"}
    assert {row["group"] for row in rows} == {""}
    page(client, f"/link/dashboard/{token}/{other.pk}/numbers.csv", status=404)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("0", "0 in 2026-M2"),
        ("-5", "−5 in 2026-M2"),
        ("12345678901234567890", "12,345,678,901,234,567,890"),
    ],
)
def test_zero_negative_and_huge_numbers_are_said(client, ground, value, said):
    with scope(ground.initiative.pk):
        Rollup.objects.filter(scope="initiative", period=ground.months[1], cell=None).update(
            value=Decimal(value)
        )
    for role in ("funder", "data_manager"):
        ground.sign_in(client, role)
        assert said in page(client, f"/i/{ground.slug}/measures/")
        assert said in page(client, ground.at())


@pytest.mark.parametrize("role", ["funder", "data_manager", "partner_reporter"])
def test_an_initiative_with_nothing_says_so(client, ground, role):
    ground.sign_in(client, role)
    with scope(ground.initiative.pk):
        Rollup.objects.all().delete()
    assert "No accepted number" in page(client, f"/i/{ground.slug}/measures/")
    page(client, f"/i/{ground.slug}/measures/own/")
    assert "no accepted number here" in page(client, ground.at())
    with scope(ground.initiative.pk):
        Indicator.objects.update(state="retired")
    cache.clear()  # no act says so
    assert "No indicator is agreed yet" in page(client, f"/i/{ground.slug}/measures/")


def test_a_retired_indicator_keeps_its_page(client, ground):
    ground.sign_in(client, "observer")
    with scope(ground.initiative.pk):
        Indicator.objects.update(state="retired")
    assert "66 in 2026-M2" in page(client, ground.at())
    assert ground.at() not in page(client, f"/i/{ground.slug}/measures/")


def test_a_chart_marks_what_is_provisional_missing_and_thin(ground):
    with scope(ground.initiative.pk):
        rows = Rollup.objects.filter(scope="initiative", cell=None)
        rows.filter(period=ground.months[0]).update(status="provisional", reported=2, expected=5)
        rows.filter(period=ground.months[1]).update(value=None)
        figure = dashboards.figures_of([ground.indicator], rows.of_several())[0]
    line, thin = charts.trend(figure)["data"]
    assert line["y"] == [66.0, None]
    assert line["connectgaps"] is False
    assert line["marker"]["symbol"][0] == "circle-open"
    assert thin["y"] == [66.0, None]
    assert charts.trend(figure)["layout"]["yaxis"]["range"][0] == 0


def test_an_organization_reads_its_numbers_beside_everyones(client, ground):
    ground.sign_in(client, "partner_lead", organization=1)
    shown = page(client, f"/i/{ground.slug}/measures/own/")
    assert "Everyone" in shown
    assert ">22<span" in shown
    assert ">66<span" in shown
    assert "1 of 1 reported" not in shown  # an organization knows that it is one of one


def test_who_is_asked_for_nothing_is_shown_the_way_to_the_shared_numbers(
    client, ground, monkeypatch
):
    monkeypatch.setattr(today, "waiting", lambda _member: [today.Waiting("Read it", "/", number=2)])
    with scope(ground.initiative.pk):
        ground.organizations.append(factories.organization("fund"))
    ground.sign_in(client, "funder", organization=-1)
    waiting = page(client, f"/i/{ground.slug}/")
    assert "Read it" in waiting
    assert "Our numbers" not in waiting
    shown = page(client, f"/i/{ground.slug}/measures/own/")
    assert "Your organization is asked for no numbers" in shown
    assert f'href="/i/{ground.slug}/measures/">Shared numbers' in shown


def test_who_is_asked_and_has_nothing_accepted_is_told_what_will_stand_here(client, ground):
    ground.sign_in(client, "partner_lead", organization=1)
    assert "Our numbers" in page(client, f"/i/{ground.slug}/")
    with scope(ground.initiative.pk):
        Rollup.objects.all().delete()
    shown = page(client, f"/i/{ground.slug}/measures/own/")
    assert "No accepted number of yours" in shown


@pytest.mark.parametrize(("role", "is_sent_on"), [("funder", True), ("partner_lead", False)])
def test_who_only_reads_opens_the_initiative_on_its_numbers(client, role, is_sent_on):
    world = World()
    world.sign_in(client, role)
    response = client.get(f"/i/{world.slug}/")
    assert response.status_code == (302 if is_sent_on else 200)
    assert not is_sent_on or response["Location"] == world.at()


@pytest.fixture
def early():
    """Four organizations are asked; only the first reported 2025."""
    world = World(count=4)
    with scope(world.initiative.pk):
        whole = Rollup.objects.filter(scope="initiative")
        whole.filter(period=world.periods[0]).update(value=5432, reported=4, expected=4)
        whole.filter(period=world.periods[1]).update(value=777, reported=1, expected=4)
        Rollup.objects.filter(scope="organization").exclude(
            scope_id=world.organizations[0].pk
        ).delete()
    return world


def shared(world):
    with scope(world.initiative.pk):
        token, link = links.issue(LinkPurpose.DASHBOARD, 0)
        share = ShareLink.here(name="Readers", link=link)
        share.save()
        link.object_id = share.pk
        link.save()
    return f"/link/dashboard/{token}/"


def test_one_early_number_is_told_and_is_no_headline(client, early):
    own = early.at(f"indicators/{early.indicator.pk}/")
    world_link = shared(early)
    early.sign_in(client, "funder", organization=2)
    assert "2025 is coming in: 1 of 4 reported" in page(client, early.at())
    assert "5,432 children in 2024" in page(client, early.at())
    assert "777" in page(client, own)
    rows = rows_at(client, early.at(f"indicators/{early.indicator.pk}/numbers.csv"))
    assert [row["period"] for row in rows] == ["2024", "2025"]
    client.logout()
    assert "5,432 children in 2024" in page(client, world_link)


def test_who_collects_and_the_organization_itself_read_it(client, early):
    early.sign_in(client, "data_manager")
    assert "777" in page(client, early.at(f"indicators/{early.indicator.pk}/"))
    assert "777" in page(client, early.computed)
    client.logout()
    early.sign_in(client, "partner_lead", organization=0)
    assert "1 children in 2025" in page(client, early.at("own/"))


def test_what_is_asked_of_one_only_is_the_headline(client, early):
    with scope(early.initiative.pk):
        Rollup.objects.filter(scope="initiative").update(expected=1, reported=1)
    early.sign_in(client, "funder", organization=2)
    assert "777 children in 2025" in page(client, early.at())


def test_a_links_citation_names_the_link_and_the_moment(client, early):
    address = shared(early)
    read = page(client, address)
    cited = read[read.index("<code>") : read.index("</code>")]
    assert cited.endswith(address)
    assert "/i/" not in cited
    assert ":" in cited[cited.index("as of") : cited.index("http")]  # to the minute


def test_a_link_is_listed_with_its_last_day(client, early):
    early.sign_in(client, "data_manager")
    day = timezone.localdate() + timedelta(days=5)
    client.post(early.at("shares/"), {"name": "Foundation", "expires_on": day.isoformat()})
    assert f"until {date_format(day)}" in page(client, early.at("shares/"))

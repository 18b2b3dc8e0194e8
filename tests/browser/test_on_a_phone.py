"""What is wide, on a telephone: two numbers for each of several groups, numbers by period."""

from datetime import date

import pytest
from playwright.sync_api import expect

from initiatives.permissions import Role
from initiatives.tenancy import scope
from measures.models import Assignment, Cell, Indicator, IndicatorVersion, Partition, Submission
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser


@pytest.fixture
def shares(site, form):
    """Asked of who fills in the form: two numbers for each of two groups."""
    site.run(_ask_for_shares, site.twins[1])
    yield form
    site.run(_ask_for_no_shares, site.twins[1])


def _ask_for_shares(twin):
    with scope(twin.initiative_id):
        submission = Submission.objects.get(pk=twin.objects["submission_id"])
        parts = Partition.here(code="stage")
        parts.save()
        for name in ("Primary", "Secondary"):
            Cell.here(partition=parts, key=f"stage={name}", name=name).save()
        period = submission.round.period
        indicator = Indicator.here(
            code="shares",
            name="First preference",
            kind="ratio",
            unit="%",
            calendar_id=period.calendar_id,
            frequency=period.frequency,
            partition=parts,
            state="agreed",
        )
        indicator.save()
        since = date(2000, 1, 1)
        IndicatorVersion.here(indicator=indicator, effective_from=since).save()
        who = submission.organization_id
        Assignment.here(indicator=indicator, organization_id=who, starts_on=since).save()


def _ask_for_no_shares(twin):
    with scope(twin.initiative_id):
        Assignment.objects.filter(indicator__code="shares").delete()


def test_two_numbers_for_each_group_fit(visitor, shares):
    page = visitor.window(shares.reporter, PHONE)
    page.goto(shares.path)
    expect(page.get_by_label("Secondary: Of how many")).to_be_visible()
    assert not page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )


def test_who_reported_wraps_before_a_table_is_cut(visitor, site):
    twin = site.twins[1]
    page = visitor.window(twin.person(Role.PARTNER_LEAD, "first"), PHONE)
    page.goto(f"/i/{twin.slug}/measures/indicators/{twin.objects['indicator_id']}/")
    table = page.locator(".scroll:has(caption[id^=periods])")
    expect(table).to_contain_text("reported")
    assert not table.evaluate("each => each.scrollWidth > each.clientWidth")

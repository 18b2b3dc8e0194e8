"""A page that a browser has is not built again while nothing changed."""

from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from initiatives import audit, revalidation
from initiatives.models import Membership
from initiatives.tenancy import scope
from measures import ledger, rollups
from measures.models import RollupRevision
from tests.measures.test_dashboards import reads
from tests.measures.test_places import Ground

pytestmark = pytest.mark.django_db(transaction=True)
MOST_QUERIES = 4
PATHS = ["", "own/", "indicators/{indicator}/", "indicators/{indicator}/?by=year", "computed"]


@pytest.fixture
def ground():
    return Ground()


def address(ground, path):
    if path == "computed":
        return ground.computed(ground.months[1])
    return f"/i/{ground.slug}/measures/" + path.format(indicator=ground.indicator.pk)


def tag_at(client, url):
    client.get(url)  # the first request brings the cookies
    response = client.get(url)
    assert response.status_code == 200
    return response["ETag"]


def again(client, url, tag):
    return client.get(url, headers={"If-None-Match": tag})


def changed(ground, value):
    """A fact of the first organization is told anew, and the rollups follow."""
    organization, cell = ground.organizations[0], ground.cells["sex=f"]
    with scope(ground.initiative.pk):
        fact = (ground.indicator.pk, organization.pk, ground.months[0].pk, cell.pk)
        ledger.record([ledger.NewFact(*fact, Decimal(value))], user_id=None)
    with scope(ground.initiative.pk):
        return rollups.drain()


@pytest.mark.parametrize("path", PATHS)
def test_an_unchanged_page_is_answered_in_four_queries_and_without_a_body(client, ground, path):
    ground.sign_in(client, "data_manager")
    url = address(ground, path)
    tag = tag_at(client, url)
    with CaptureQueriesContext(connection) as queries:
        response = again(client, url, tag)
    assert response.status_code == 304
    assert response.content == b""
    assert reads(queries) <= MOST_QUERIES


@pytest.mark.parametrize("path", PATHS)
def test_only_the_readers_own_browser_keeps_a_page_and_asks_each_time(client, ground, path):
    ground.sign_in(client, "data_manager")
    url = address(ground, path)
    for response in (client.get(url), again(client, url, tag_at(client, url))):
        said = response["Cache-Control"]
        assert "private" in said
        assert "no-cache" in said
        assert "no-store" not in said
        assert "Cookie" in response["Vary"]


def test_what_is_kept_goes_with_the_policy_it_came_with(client, ground):
    ground.sign_in(client, "observer")
    url = address(ground, "")
    tag = tag_at(client, url)
    assert "nonce-" in client.get(url)["Content-Security-Policy"]
    assert "Content-Security-Policy" not in again(client, url, tag)


def test_a_changed_rollup_changes_the_tag_and_an_unchanged_one_does_not(client, ground):
    ground.sign_in(client, "observer")
    url = address(ground, "")
    tag = tag_at(client, url)
    assert changed(ground, 1) == 0
    assert again(client, url, tag).status_code == 304
    assert changed(ground, 9) > 0
    assert again(client, url, tag).status_code == 200


def test_an_act_changes_the_tag(client, ground):
    ground.sign_in(client, "observer")
    url = address(ground, "")
    tag = tag_at(client, url)
    with scope(ground.initiative.pk):
        audit.record(None, "measures.target_set", ground.indicator)
    assert again(client, url, tag).status_code == 200


def test_another_reader_is_not_told_that_nothing_changed(client, ground):
    ground.sign_in(client, "observer")
    url = address(ground, "")
    tag = tag_at(client, url)
    ground.sign_in(client, "partner_reporter", organization=1)
    client.get(url)
    assert again(client, url, tag).status_code == 200


def test_who_left_is_not_told_that_nothing_changed(client, ground):
    ground.sign_in(client, "observer")
    url = address(ground, "")
    tag = tag_at(client, url)
    with scope(ground.initiative.pk):
        Membership.objects.update(ends_on=F("starts_on"))
    assert again(client, url, tag).status_code == 404


@pytest.mark.parametrize("part", ["get_language", "code_version"])
def test_another_language_or_another_release_is_another_page(client, ground, monkeypatch, part):
    ground.sign_in(client, "observer")
    url = address(ground, "")
    tag = tag_at(client, url)
    monkeypatch.setattr(revalidation, part, lambda: "de")
    assert again(client, url, tag).status_code == 200


def test_a_page_with_forms_is_sent_again_to_a_browser_without_their_cookie(client, ground):
    ground.sign_in(client, "data_manager")
    url = address(ground, "")
    tag = tag_at(client, url)
    assert again(client, url, tag).status_code == 304
    del client.cookies["csrftoken"]
    assert again(client, url, tag).status_code == 200


def test_a_message_is_said_once(client, ground, monkeypatch):
    ground.sign_in(client, "observer")
    url = address(ground, "")
    tag = tag_at(client, url)
    monkeypatch.setattr(revalidation, "get_messages", lambda _request: ["Saved."])
    response = again(client, url, tag)
    assert response.status_code == 200
    assert "ETag" not in response


def test_before_any_rollup_a_page_has_no_tag(client, ground):
    ground.sign_in(client, "observer")
    with scope(ground.initiative.pk):
        RollupRevision.objects.all().delete()
    assert "ETag" not in client.get(address(ground, ""))


def body(response):
    """What the page says of numbers, without what is the reader's own."""
    return response.content.decode().partition('<section class="tiles"')[2].partition("</main>")[0]


def test_readers_of_one_kind_share_the_numbers_and_their_making(client, ground):
    url = address(ground, "")
    ground.sign_in(client, "data_manager")
    first = client.get(url)
    with CaptureQueriesContext(connection) as queries:
        second = client.get(url)
    assert body(first) == body(second) != ""
    assert not any(
        "measures_rollup" in each["sql"] for each in queries if "revision" not in each["sql"]
    )
    assert changed(ground, 77)
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    assert any("measures_target" in each["sql"] for each in queries)


def test_who_may_see_less_is_not_shown_what_was_made_for_who_may_see_more(client, ground):
    url = address(ground, "")
    ground.sign_in(client, "data_manager")
    assert "/measures/checks/" in body(client.get(url))
    ground.sign_in(client, "partner_reporter")
    assert "/measures/checks/" not in body(client.get(url))

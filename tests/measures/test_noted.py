"""What was noted beside a fact stands beside the number it went into, for who may see the fact."""

import pytest
from django.urls import reverse

from initiatives.models import Membership, Organization, User
from initiatives.tenancy import scope
from measures import ledger, rollups
from measures.models import Assignment
from tests.measures.test_submissions import World

pytestmark = pytest.mark.django_db(transaction=True)

NOTE = "Only <one> shelter was counted."


@pytest.fixture
def world():
    made = World()
    with scope(made.initiative.pk):
        others = [
            Organization.here(code=f"o{n}", name=f"Other {n}", state="active") for n in (1, 2)
        ]
        for each in others:
            each.save()
            made.row(Assignment, indicator=made.count, organization=each, starts_on="2020-01-01")
        for organization, note in zip([made.org, *others], [NOTE, "Same", "Same"], strict=True):
            new = ledger.NewFact(
                indicator_id=made.count.pk,
                organization_id=organization.pk,
                period_id=made.period.pk,
                cell_id=None,
                value=0,
                note=note,
            )
            ledger.record([new], user_id=made.keeper.user_id)
        rollups.drain()
    return made


def pages(world):
    yield reverse("measures:indicator", args=["here", world.count.pk])
    yield reverse("measures:computed", args=["here", world.count.pk, world.period.pk])


def test_who_collects_reads_every_note_beside_the_number(client, world):
    client.force_login(world.keeper.user)
    for page in pages(world):
        shown = client.get(page).content.decode()
        assert "Alpha: Only &lt;one&gt; shelter was counted." in shown
        assert "2 organizations: Same" in shown


def test_who_reports_reads_only_its_own(client, world):
    client.force_login(world.reporter.user)
    for page in pages(world):
        shown = client.get(page).content.decode()
        assert "Alpha: Only &lt;one&gt; shelter was counted." in shown
        assert "Same" not in shown


def record_five(world, **more):
    """Say the number of the world's count anew, in the initiative in scope."""
    new = ledger.NewFact(
        indicator_id=world.count.pk,
        organization_id=world.org.pk,
        period_id=world.period.pk,
        cell_id=None,
        value=5,
        **more,
    )
    ledger.record([new], user_id=world.keeper.user_id, reason="entry", reason_text="x")


def test_an_organizations_own_page_says_what_it_noted_beside_the_number(client, world):
    client.force_login(world.reporter.user)
    shown = client.get(reverse("measures:own_dashboard", args=["here"])).content.decode()
    tile, table = shown.split('<section class="stack gap-3">', 1)
    for part in (tile, table):
        assert "Only &lt;one&gt; shelter was counted." in part
    assert "Alpha: " not in shown
    assert "Same" not in shown


def test_a_long_note_is_cut_under_the_number_and_whole_with_its_period(client, world):
    long = "long " * 100 + "end"
    with scope(world.initiative.pk):
        record_five(world, note=long)
        rollups.drain()
    client.force_login(world.reporter.user)
    shown = client.get(reverse("measures:own_dashboard", args=["here"])).content.decode()
    assert shown.count("long end") == 1


def test_who_sees_no_facts_reads_no_notes(client, world):
    with scope(world.initiative.pk):
        user = User.objects.create_user("fin@example.org", "a long enough passphrase", name="Fin")
        other = Organization.here(code="f", name="Fund", kind="funder", state="active")
        other.save()
        Membership.here(user=user, organization=other, roles=["observer"]).save()
    client.force_login(user)
    for page in pages(world):
        assert "shelter was counted" not in client.get(page).content.decode()


def test_a_note_that_was_corrected_is_told_no_more(client, world):
    with scope(world.initiative.pk):
        record_five(world)
        rollups.drain()
    client.force_login(world.keeper.user)
    for page in pages(world):
        assert "shelter was counted" not in client.get(page).content.decode()

"""A number that is not what the facts make it is found, said and computed again."""

import json
import logging
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from initiatives import today
from initiatives.models import Job, Membership, Notice
from initiatives.tenancy import scope
from measures import ledger, rollups, schedule
from measures.models import DirtyKey, Indicator, Rollup, RollupCheck
from measures.services import auditing
from tests import factories
from tests.measures.test_dashboards import page
from tests.measures.test_places import Ground

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ground():
    return Ground()


def corrupt(ground, **changes):
    with scope(ground.initiative.pk):
        rows = Rollup.objects.filter(scope="initiative", period=ground.months[1], cell=None)
        assert rows.update(**changes or {"value": 67}) == 1


def audited(ground):
    with scope(ground.initiative.pk):
        auditing.audit_rollups()
    with scope(ground.initiative.pk):
        return RollupCheck.objects.first()


def test_rollups_as_the_engine_left_them_are_right(ground):
    check = audited(ground)
    with scope(ground.initiative.pk):
        assert check.compared == Rollup.objects.count()
    assert check.differing == 0
    assert not alarms(ground)


@pytest.mark.parametrize("changes", [{"value": 67}, {"reported": 2}, {"status": "missing"}])
def test_a_corrupt_rollup_raises_an_alarm_and_is_computed_again(client, ground, caplog, changes):
    ground.sign_in(client, "data_manager")
    corrupt(ground, **changes)
    with caplog.at_level(logging.ERROR):
        check = audited(ground)
    assert check.differing == 1
    assert "Rollups differ" in caplog.text
    assert alarms(ground) == ["data_manager@meals.org"]
    shown = page(client, f"/i/{ground.slug}/measures/checks/")
    assert "1 number differed" in shown
    assert "period" in check.examples[0]["where"]
    with scope(ground.initiative.pk):
        assert rollups.drain() == 1
        assert (
            Rollup.objects.get(scope="initiative", period=ground.months[1], cell=None).value == 66
        )


def test_a_rollup_that_is_gone_or_too_many_is_found(ground):
    with scope(ground.initiative.pk):
        Rollup.objects.filter(scope="place", period=ground.year, cell=None).delete()
    assert audited(ground).differing == 4


def alarms(ground):
    with scope(ground.initiative.pk):
        found = Notice.objects.filter(kind="rollups_differ")
        return list(found.values_list("recipient", flat=True))


def test_today_says_it_to_who_collects_and_to_nobody_else(client, ground):
    ground.sign_in(client, "data_manager")
    ground.sign_in(client, "funder")
    corrupt(ground)
    audited(ground)
    audited(ground)  # the next one, which finds nothing, does not hide the first
    with scope(ground.initiative.pk):
        rollups.drain()
        said = {
            member.roles[0]: [each.text for each in today.waiting(member)]
            for member in Membership.objects.all()
        }
    assert any("differed from their recomputation" in each for each in said["data_manager"])
    assert not any("differed" in each for each in said["funder"])
    with scope(ground.initiative.pk):
        RollupCheck.objects.update(at=timezone.now() - timedelta(days=8))
        member = Membership.objects.get(roles=["data_manager"])
        assert not any("differed" in each.text for each in today.waiting(member))


def test_what_is_marked_is_not_called_wrong(ground):
    corrupt(ground)
    with scope(ground.initiative.pk):
        ledger.mark_dirty([ground.indicator.pk])
        assert auditing.check_rollups([ground.indicator]) is None
        assert DirtyKey.objects.exists()
    assert not alarms(ground)


def test_every_indicator_has_its_turn(ground):
    with scope(ground.initiative.pk):
        for number in range(4):
            factories.indicator(f"i{number}", calendar=ground.indicator.calendar)
        seen = {
            each.pk
            for day in range(5)
            for each in auditing.sample_of(date(2026, 1, 1) + timedelta(days=day))
        }
        assert seen == set(Indicator.objects.values_list("pk", flat=True))


def test_the_clock_asks_for_it_in_each_initiative(ground):
    schedule.audit_rollups()
    kinds = Job.objects.filter(initiative_id=ground.initiative.pk).values_list("kind", flat=True)
    assert "audit_rollups" in kinds


def test_the_command_compares_everything_and_fails_where_something_differs(ground, capsys):
    call_command("rollup", ground.slug, "--check")
    assert "0 of " in capsys.readouterr().out
    corrupt(ground)
    with pytest.raises(CommandError):
        call_command("rollup", ground.slug, "--check", "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["differing"][0]["stored"].startswith("67")
    assert told["differing"][0]["computed"].startswith("66")


def test_only_who_collects_sees_the_comparisons(client, ground):
    ground.sign_in(client, "partner_lead")
    page(client, f"/i/{ground.slug}/measures/checks/", status=403)

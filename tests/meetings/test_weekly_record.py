"""Where the chain of acts ends is told to those who set the initiative up, in their weekly mail."""

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection

from initiatives import audit
from initiatives.models import ActSeal
from meetings.models import WeeklyMail
from meetings.services import weekly
from tests import database
from tests.meetings.test_weekly import busy, plan_all

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["busy"]


@pytest.fixture
def sealed(busy):
    with busy.scope():
        audit.record(busy.manager, "initiatives.initiative_updated", busy.body)
        audit.seal()
        return ActSeal.objects.order_by("-number").first()


def letters():
    return {each.to[0]: each.body + each.alternatives[0][0] for each in mail.outbox}


def test_the_seal_goes_to_who_sets_the_initiative_up_and_nobody_else(busy, sealed):
    plan_all()
    weekly.send_weekly()
    told = letters()
    assert told[busy.manager.user.email].count(f"{sealed.number} acts, seal {sealed.digest}") == 2
    others = [body for address, body in told.items() if address != busy.manager.user.email]
    assert len(others) == 3
    assert not any(sealed.digest in body for body in others)


def test_a_chain_that_did_not_grow_is_no_reason_to_write(busy, sealed):
    plan_all()
    weekly.send_weekly()
    mail.outbox.clear()
    row = WeeklyMail.objects.get(user=busy.manager.user)
    later = WeeklyMail.objects.create(
        user=row.user, week=row.week + weekly.NO_NEWS_BEFORE, not_before=row.not_before
    )
    weekly.send_weekly()
    later.refresh_from_db()
    assert later.state == "cancelled"
    assert mail.outbox == []


def test_an_end_that_was_cut_off_is_found_by_a_seal_that_was_told(busy, sealed):
    call_command("verify_acts", seal=[sealed.digest])
    with database.admin(connection.settings_dict["NAME"]) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("DELETE FROM initiatives_actseal WHERE number = %s", [sealed.number])
        admin.execute("DELETE FROM initiatives_act WHERE id = %s", [sealed.act_id])
    call_command("verify_acts")  # right in itself
    with pytest.raises(CommandError, match="In no chain any more"):
        call_command("verify_acts", seal=[sealed.digest])

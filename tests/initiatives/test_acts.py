"""Acts stay as they were written; where somebody with more power changed one, the chain tells."""

import json
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.urls import resolve, reverse
from psycopg import errors

from initiatives import audit
from initiatives.models import Act, ActSeal, Initiative
from initiatives.permissions import Role
from initiatives.schedule import seal_acts
from initiatives.templatetags.acts import BY_IDS, PLACES, UNNAMED, act_place, act_subject
from initiatives.tenancy import scope
from tests import database
from tests.agenda import people

pytestmark = pytest.mark.django_db(transaction=True)

ACTS = 5


@pytest.fixture
def initiative():
    initiative = Initiative.objects.create(slug="river", name="River")
    record(initiative, ACTS)
    return initiative


@pytest.fixture
def sealed(initiative):
    seal_acts()
    return initiative


def record(initiative, count):
    with scope(initiative.pk):
        for number in range(count):
            audit.record(None, "initiatives.looked", initiative, number=number)


def verdict(initiative):
    with scope(initiative.pk):
        return audit.verify()


def tamper(statement):
    """Change rows as a superuser who switched the triggers off."""
    with database.admin(connection.settings_dict["NAME"]) as admin:
        admin.execute("SET session_replication_role = replica")
        assert admin.execute(statement).rowcount > 0


def ids(initiative):
    with scope(initiative.pk):
        return list(Act.objects.order_by("id").values_list("id", flat=True))


@pytest.mark.parametrize("table", ["initiatives_act", "initiatives_actseal"])
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_web_role_may_not_change_acts(sealed, table, change):
    with (
        scope(sealed.pk),
        connection.cursor() as cursor,
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
    ):
        cursor.execute(change.format(table))
    assert verdict(sealed).broken_at is None


@pytest.mark.parametrize("table", ["initiatives_act", "initiatives_actseal"])
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_the_trigger_refuses_whom_the_grants_do_not(sealed, table, change):
    with (
        database.admin(connection.settings_dict["NAME"]) as admin,
        pytest.raises(errors.InsufficientPrivilege, match="append-only"),
    ):
        admin.execute(change.format(table))


def test_the_clock_seals_what_is_there(initiative):
    assert verdict(initiative) == audit.Verdict(0, ACTS, "", None)
    seal_acts()
    first = verdict(initiative)
    assert (first.sealed, first.unsealed, first.broken_at) == (ACTS, 0, None)
    record(initiative, 2)
    seal_acts()
    seal_acts()
    second = verdict(initiative)
    assert (second.sealed, second.unsealed, second.broken_at) == (ACTS + 2, 0, None)
    assert second.head != first.head
    with scope(initiative.pk):
        assert list(ActSeal.objects.values_list("number", flat=True)) == [*range(1, ACTS + 3)]


def test_each_initiative_has_its_own_chain(initiative):
    other = Initiative.objects.create(slug="hill", name="Hill")
    record(other, 2)
    seal_acts()
    assert (verdict(initiative).sealed, verdict(other).sealed) == (ACTS, 2)
    tamper(f"UPDATE initiatives_act SET action = 'x' WHERE initiative_id = {other.pk}")
    assert verdict(initiative).broken_at is None
    assert verdict(other).broken_at == 1


@pytest.mark.parametrize(
    "change",
    [
        "action = 'initiatives.else'",
        "at = at + interval '1 microsecond'",
        "capacity = 'x'",
        "subject_id = subject_id + 1",
        "subject_label = 'x'",
        "means = 'clock'",
        """detail = '{"number": 2.5}'""",
    ],
)
def test_a_changed_act_breaks_the_chain(sealed, change):
    tamper(f"UPDATE initiatives_act SET {change} WHERE id = {ids(sealed)[2]}")
    assert verdict(sealed).broken_at == 3


@pytest.mark.parametrize("place", range(ACTS))
def test_a_removed_act_breaks_the_chain(sealed, place):
    tamper(f"DELETE FROM initiatives_act WHERE id = {ids(sealed)[place]}")
    assert verdict(sealed).broken_at == place + 1


def test_a_removed_act_with_its_seal_breaks_the_chain(sealed):
    gone = ids(sealed)[1]
    tamper(f"DELETE FROM initiatives_actseal WHERE act_id = {gone}")
    tamper(f"DELETE FROM initiatives_act WHERE id = {gone}")
    assert verdict(sealed).broken_at == 2


def test_a_seal_written_over_breaks_the_chain(sealed):
    tamper("UPDATE initiatives_actseal SET digest = repeat('0', 64) WHERE number = 4")
    assert verdict(sealed).broken_at == 4


def verify_acts(*arguments):
    said = StringIO()
    call_command("verify_acts", *arguments, stdout=said)
    return said.getvalue()


def test_the_command_tells_every_chain(sealed):
    Initiative.objects.create(slug="hill", name="Hill")
    assert verify_acts().splitlines()[0] == "hill: whole, 0 sealed, 0 not yet, head none"
    assert f"river: whole, {ACTS} sealed, 0 not yet" in verify_acts()
    (line,) = verify_acts("--json", "--initiative", "river").splitlines()
    told = json.loads(line)
    assert len(told.pop("head")) == 64
    assert told == {"initiative": "river", "sealed": ACTS, "unsealed": 0, "broken_at": None}


def test_the_command_fails_where_a_chain_is_broken(sealed):
    tamper(f"DELETE FROM initiatives_act WHERE id = {ids(sealed)[0]}")
    with pytest.raises(CommandError, match="Broken chains: 1"):
        verify_acts()
    with pytest.raises(CommandError, match="no initiative lake"):
        verify_acts("--initiative", "lake")


@pytest.mark.parametrize(
    ("kind", "label", "said"),
    [
        ("measures.submission", "Harbor, March", "Harbor, March"),
        ("measures.observation", "12 5 3: 4.0000", ""),
        ("initiatives.membership", "Rae for Harbor", ""),
        ("meetings.reply", "7: yes", ""),
        ("meetings.reply", "Harbor, Board: yes", "Harbor, Board: yes"),
        ("meetings.meeting", "Partners' day, 2026-11-30", "Partners' day, 30 November 2026"),
        ("meetings.meeting", "Code 2026-02-31", "Code 2026-02-31"),
    ],
)
def test_an_act_names_what_a_reader_knows(kind, label, said):
    assert act_subject(Act(subject_type=kind, subject_label=label)) == said


def test_an_act_leads_to_the_page_that_the_reader_may_open(initiative):
    act = Act(subject_type="measures.submission", subject_id=7)
    elsewhere = Act(subject_type="measures.observation", subject_id=7)
    with scope(initiative.pk):
        made = {
            "data_manager": people.backbone(Role.DATA_MANAGER),
            "partner_lead": people.leads(1)[0],
        }
        places = {role: act_place(act, member) for role, member in made.items()}
        assert act_place(elsewhere, made["data_manager"]) == ""
    assert places["data_manager"].endswith("/measures/collection/7/")
    assert places["partner_lead"].endswith("/measures/form/7/")


def test_every_place_of_an_act_is_a_page():
    for kind, names in PLACES.items():
        assert apps.get_model(kind)
        for name in names:
            assert resolve(reverse(name, args=["river", 1])).func.door == "initiative"
    for kind in UNNAMED | BY_IDS:
        assert apps.get_model(kind)

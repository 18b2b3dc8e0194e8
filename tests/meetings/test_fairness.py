"""Whose proposals get through: each counted once, as what became of it; shown to whom it is for."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from initiatives.models import Organization
from initiatives.permissions import Role
from meetings.models import Interest
from meetings.selectors.fairness import fairness_ledger
from meetings.services import agendas, deciding, decisions
from meetings.services.running import end_meeting, start_meeting
from tests.meetings.conftest import member
from tests.meetings.held import framed, opened, running, scheduled

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ("proposed", "waiting", "taken", "declined", "asked", "decided", "gains")


def numbers(line):
    return tuple(getattr(line, name) for name in NAMES)


@pytest.fixture
def proposed(meets):
    """Ark (government): two taken up, one of them carried over, one declined, one waits; Bee gains
    by what is decided of Ark's; the backbone put one on the agenda itself.
    """
    with meets.scope():
        ark, bee, _cat = (each.organization for each in meets.leads)
        Organization.objects.filter(pk=ark.pk).update(sector="government")
        Organization.objects.filter(pk=bee.pk).update(sector="business")
        meeting = opened(meets)
        scheduled(meets, meeting, "Van", purpose="decide")
        scheduled(meets, meeting, "Roof")
        refused = agendas.propose_item(actor=meets.leads[0], body=meets.body, title="Pool")
        agendas.decline_item(actor=meets.facilitator, item=refused, reason="No money")
        agendas.propose_item(actor=meets.leads[0], body=meets.body, title="Boat")
        agendas.add_item(actor=meets.facilitator, body=meets.body, meeting=meeting, title="Start")
    return meets


def decide_on(meets, meeting, item):
    decision = framed(meets, meeting, item=item)
    decisions.waive_evidence(actor=meets.facilitator, decision=decision, reason="Plain")
    Interest.here(
        decision=decision,
        organization=meets.leads[1].organization,
        text="We drive it",
        is_beneficiary=True,
    ).save()
    decision.refresh_from_db()
    return deciding.decide(
        actor=meets.facilitator,
        decision=decision,
        version=decision.version,
        outcome=decision.options.first(),
        rationale="It is needed",
        dissent="none",
    )


def test_each_proposal_is_counted_once_as_what_became_of_it(proposed):
    with proposed.scope():
        before = {each.name: numbers(each) for each in sectors(proposed.manager)}
        assert before["Government"] == (4, 1, 2, 1, 0, 0, 0)
        assert before["The backbone"] == (1, 0, 1, 0, 0, 0, 0)
        meeting = running(proposed, *proposed.leads)
        van = meeting.items.get(title="Van")
        decide_on(proposed, meeting, van)
        end_meeting(actor=proposed.facilitator, meeting=meeting)  # Roof and Start are carried over
        after = {each.name: numbers(each) for each in sectors(proposed.manager)}
        assert after["Government"] == (4, 1, 2, 1, 1, 1, 0)
        assert after["Business"] == (0, 0, 0, 0, 0, 0, 1)
        assert numbers(fairness_ledger(proposed.manager).whole) == (5, 1, 3, 1, 1, 1, 1)


def sectors(member):
    return fairness_ledger(member).sectors


def test_a_question_decided_after_the_meeting_counts_no_proposal_twice(proposed):
    with proposed.scope():
        meeting = running(proposed, *proposed.leads)
        van = meeting.items.get(title="Van")
        end_meeting(actor=proposed.facilitator, meeting=meeting)
        copy = van.carried_to.get()
        following = opened(proposed, weeks=1)
        start_meeting(actor=proposed.facilitator, meeting=following)
        copy.refresh_from_db()
        decide_on(proposed, meeting, van)
        found = {each.name: numbers(each) for each in sectors(proposed.manager)}
        assert found["Government"] == (4, 1, 2, 1, 1, 1, 0)


def test_who_sees_what_of_it(client, proposed):
    with proposed.scope():
        lead, other = proposed.leads[0], proposed.leads[1]
        reporter = member(lead.organization, Role.PARTNER_REPORTER, "rep")
        funder = member(lead.organization, Role.FUNDER, "fund")
        shut_out = [
            member(lead.organization, role, role.value)
            for role in (Role.OBSERVER, Role.SERIES_FACILITATOR)
        ]
        shut_out.append(member(proposed.manager.organization, Role.EDUCATION_COORDINATOR, "educ"))
        whole, own, theirs = (fairness_ledger(who) for who in (proposed.manager, lead, other))
        assert [each.name for each in whole.organizations] == ["Ark", "Backbone"]
        assert own.organizations == theirs.organizations == []
        assert [each.title for each in own.proposals] == ["Boat", "Pool", "Roof", "Van"]
        assert theirs.proposals == []
        assert own.sectors
        assert fairness_ledger(funder).sectors
        alone = fairness_ledger(reporter)
        assert (alone.sectors, alone.organizations) == ([], [])
        assert numbers(alone.whole) == numbers(alone.own) == (4, 1, 2, 1, 0, 0, 0)
    url = reverse("meetings:fairness", args=["meets"])
    for who in shut_out:
        client.force_login(who.user)
        assert client.get(url).status_code == 403, who
    for who in (proposed.manager, proposed.facilitator, lead, reporter, funder):
        client.force_login(who.user)
        page = client.get(url).content.decode()
        assert ("By organization" in page) == who.is_backbone
        assert ("By sector" in page) == (who != reporter)
    client.force_login(lead.user)
    for query in ("?days=x", "?body=0", "?days=365&body=", "?days=1&body=x"):
        assert client.get(url + query).status_code == 200


def test_it_asks_the_same_of_the_database_however_many_there_are(client, proposed):
    url = reverse("meetings:fairness", args=["meets"])
    client.force_login(proposed.leads[0].user)
    client.get(url)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        return len(queries)

    few = asked()
    with proposed.scope():
        for number in range(30):
            agendas.propose_item(actor=proposed.leads[0], body=proposed.body, title=f"N {number}")
    assert asked() == few <= 15

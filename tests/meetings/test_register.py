"""The pages of decisions and the search, as they are read and filled in."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from initiatives.models import Membership, Organization
from meetings.models import AgendaItem, Body, Decision, DecisionResponse, Seat
from meetings.selectors.search import search
from meetings.services.attendance import mark_present
from meetings.services.bodies import add_seats
from meetings.services.deciding import decide, name_beneficiary, respond
from meetings.services.decisions import add_evidence, fix_criteria, waive_evidence
from meetings.services.minutes import circulate_minutes, draft_minutes
from meetings.services.replies import name_delegate
from meetings.services.running import end_meeting, start_meeting
from meetings.services.series import cancel_meeting
from tests.meetings.conftest import member
from tests.meetings.held import framed, opened, running, scheduled

pytestmark = pytest.mark.django_db(transaction=True)


def at(meets, name, *args):
    return reverse(f"meetings:{name}", args=[meets.initiative.slug, *args])


def decided(meets, meeting, question="Do we buy the van?", **fields):
    decision = framed(meets, meeting, question=question, **fields)
    decision = waive_evidence(actor=meets.facilitator, decision=decision, reason="None")
    return decide(
        actor=meets.facilitator,
        decision=decision,
        version=decision.version,
        outcome=decision.options.first(),
        rationale="It saves hours",
        dissent="Too dear",
    )


def test_what_was_chosen_and_written_outlives_a_refusal_and_the_evidence(client, meets):
    with meets.scope():
        meeting = running(meets, *meets.leads)
        found = framed(meets, meeting)
        option = found.options.last()
    page = at(meets, "decision", found.pk)
    client.force_login(meets.facilitator.user)
    said = {"outcome": option.pk, "rationale": "It saves hours", "dissent": "Cat objects"}
    close = {"action": "decide", "version": found.version} | said
    assert client.post(page, close).status_code == 422
    proof = {"action": "evidence", "text": "Vans break", "certainty": "low"}
    assert client.post(page, proof).status_code == 302
    answer = client.get(page)
    form = answer.context["forms"]["decide"]
    assert {name: form[name].value() for name in said} == said
    assert "(optional)" not in str(form["dissent"].as_field_group())
    assert "Back to the running meeting" in answer.content.decode()
    assert client.post(page, close).status_code == 302
    with meets.scope():
        decided = Decision.objects.get()
        assert (decided.outcome_id, decided.draft) == (option.pk, {})


def test_of_what_cannot_be_decided_any_more_nothing_is_kept(client, meets):
    with meets.scope():
        meeting = opened(meets)
        found = framed(meets, meeting)
        option = found.options.last()
        cancel_meeting(actor=meets.manager, meeting=meeting, version=meeting.version, reason="Snow")
    said = {"outcome": option.pk, "rationale": "It saves hours", "dissent": "none"}
    client.force_login(meets.facilitator.user)
    page = at(meets, "decision", found.pk)
    assert client.post(page, {"action": "decide", "version": 1} | said).status_code == 422
    with meets.scope():
        assert Decision.objects.get().draft == {}


def test_from_the_question_to_the_number_by_plain_forms(client, meets):
    with meets.scope():
        meeting = running(meets, *meets.leads)
        found = framed(meets, meeting)
        option, other = found.options.all()
    page = at(meets, "decision", found.pk)
    client.force_login(meets.facilitator.user)
    fixed = {"action": "criteria", "criteria": ["Cost", ""], "criteria_number": ["3", "1"]}
    assert client.post(page, fixed).status_code == 302
    with meets.scope():
        cost = found.criteria.get()
    scored = {"action": "scores", f"score_{option.pk}_{cost.pk}": 4}
    assert client.post(page, scored).status_code == 302
    assert client.post(page, scored | {f"score_{other.pk}_{cost.pk}": 9}).status_code == 422
    with meets.scope():
        version = Decision.objects.get().version
    close = {"action": "decide", "outcome": option.pk, "version": version}
    refused = client.post(page, close)
    assert refused.status_code == 422
    for words in ("at least one piece of evidence", "why this option", "the dissent"):
        assert words in refused.content.decode()
    proof = {"action": "evidence", "text": "Vans break", "certainty": "low"}
    assert client.post(page, proof | {"link": "javascript:alert(1)"}).status_code == 422
    assert client.post(page, proof | {"link": "https://vans.test/"}).status_code == 302
    client.force_login(meets.leads[0].user)
    answer = {"action": "respond", "kind": "object", "reason": ""}
    assert client.post(page, answer).status_code == 422
    assert client.post(page, answer | {"reason": "Too dear"}).status_code == 302
    assert client.post(page, close).status_code == 422  # a partner has no such form
    client.force_login(meets.facilitator.user)
    with meets.scope():
        version = Decision.objects.get().version
    close |= {"rationale": "It saves hours", "dissent": "none", "version": version}
    assert client.post(page, close).status_code == 302
    body = client.get(page).content.decode()
    with meets.scope():
        cite = Decision.objects.get().cite
    assert cite.startswith("D-")
    for words in (cite, "It saves hours", "Vans break", "Too dear", "12"):
        assert words in body
    assert cite in client.get(at(meets, "decisions")).content.decode()


def test_an_unbriefed_delegate_is_offered_the_briefing_on_the_spot(client, meets):
    with meets.scope():
        meeting = opened(meets)
        item = scheduled(meets, meeting, purpose="decide")
        seat = meets.seats()[0]
        zoe = member(seat.organization, "partner_reporter", "zoe")
        name_delegate(actor=meets.leads[0], meeting=meeting, seat=seat, delegate=zoe)
        start_meeting(actor=meets.facilitator, meeting=meeting)
        found = framed(meets, item=item)
    client.force_login(zoe.user)
    page = at(meets, "decision", found.pk)
    refused = client.post(page, {"action": "respond", "kind": "consent"})
    assert (refused.status_code, "two-minute briefing" in refused.content.decode()) == (422, True)
    line = f"line_{item.pk}"
    assert f'name="{line}"' in refused.content.decode()
    assert client.post(page, {"action": "briefing", line: "consent"}).status_code == 302
    assert client.post(page, {"action": "respond", "kind": "consent"}).status_code == 302
    with meets.scope():
        assert DecisionResponse.objects.get().given_by_id == zoe.pk


def test_search_finds_decisions_items_and_minutes(meets):
    with meets.scope():
        meeting = running(meets, *meets.leads, items=["Bicycles"])
        AgendaItem.objects.update(text="Bicycles for outreach in the hills")
        made = decided(meets, meeting, "Bicycles or vans?")
        decided(meets, meeting, "Which bank?")
        meeting = end_meeting(actor=meets.facilitator, meeting=meeting)
        minutes = draft_minutes(actor=meets.facilitator, meeting=meeting)
        assert search(meets.leads[0], "bicycles").minutes == []  # a draft is not out
        circulate_minutes(actor=meets.facilitator, minutes=minutes)
        found = search(meets.leads[0], "bicycles")
        assert [each.row for each in found.decisions] == [made]
        assert [each.row.title for each in found.items] == ["Bicycles"]
        assert len(found.minutes) == 1
        assert ("Bicycles", True) in found.items[0].parts
        assert [each.row for each in search(meets.leads[0], made.cite.lower()).decisions] == [made]
        assert search(meets.leads[0], "hours -bank").decisions
        for nothing in ("", "  ", "\0", "D-9999-999", "submarine", "' OR 1=1 --"):
            assert search(meets.leads[0], nothing).number == 0


def test_who_sees_no_other_bodies_finds_nothing_of_them(client, meets):
    with meets.scope():
        fund = Organization.here(code="fund", name="Fund", kind="funder", state="active")
        fund.save()
        funder = member(fund, "funder", "finn")
        meeting = running(meets, *meets.leads, items=["Bicycles"])
        made = decided(meets, meeting, "Bicycles or vans?")
        assert search(funder, "bicycles").number == 0
        assert search(funder, made.cite).number == 0
        assert Body.objects.visible_to(funder).count() == 0
    client.force_login(funder.user)
    assert client.get(at(meets, "decision", made.pk)).status_code == 404
    assert "Bicycles" not in client.get(at(meets, "decisions")).content.decode()


def test_the_register_and_the_search_cost_the_same_for_many(client, meets):
    client.force_login(meets.leads[0].user)
    pages = [at(meets, "decisions"), at(meets, "search") + "?words=van"]
    with meets.scope():
        meeting = running(meets, *meets.leads)
        decided(meets, meeting)
    client.get(pages[0])
    counts = []
    for more in (0, 15):
        with meets.scope():
            for number in range(more):
                decided(meets, meeting, f"Do we buy van {number}?")
        for page in pages:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page).status_code == 200
            counts.append(len(queries))
    assert counts[:2] == counts[2:]
    assert max(counts) <= 15


def laid(meets, meeting, number):
    """A question with ``number`` of everything that may be laid beside it, half by delegates."""
    item = scheduled(meets, meeting, f"Vans {number}", purpose="decide")
    found = framed(meets, item=item, options=[f"Way {n}" for n in range(number + 1)])
    fix_criteria(
        actor=meets.facilitator, decision=found, criteria=[(f"C{n}", 2) for n in range(number)]
    )
    for n in range(number):
        shown = {"text": f"Shows {n}", "certainty": "low"}
        add_evidence(actor=meets.facilitator, decision=found, **shown)
        other = Organization.here(code=f"o{number}-{n}", name=f"Other {number} {n}", state="active")
        other.save()
        lead = member(other, "partner_lead", f"lead{number}{n}")
        add_seats(actor=meets.manager, body=meets.body, organizations=[other])
        sent = member(other, "partner_reporter", f"sent{number}{n}")
        seat = Seat.objects.get(organization=other)
        if n % 2:
            name_delegate(actor=lead, meeting=meeting, seat=seat, delegate=sent)
        name_beneficiary(actor=meets.facilitator, decision=found, organization=other)
        respond(actor=lead, decision=found, kind="consent")
    return found


def test_the_page_of_a_decision_costs_the_same_for_many_options_seats_and_proofs(client, meets):
    with meets.scope():
        small, large = opened(meets), opened(meets, 1)
        found = [laid(meets, small, 2), laid(meets, large, 12)]
        for meeting in (small, large):
            start_meeting(actor=meets.facilitator, meeting=meeting)
            for person in Membership.objects.filter(roles__overlap=["partner_lead"]):
                mark_present(actor=meets.facilitator, meeting=meeting, person=person)
            for each in meeting.delegations.select_related("delegate"):
                mark_present(actor=meets.facilitator, meeting=meeting, person=each.delegate)
    for person in (meets.facilitator, meets.leads[0]):
        client.force_login(person.user)
        client.get(at(meets, "decisions"))
        counts = []
        for each in found:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(at(meets, "decision", each.pk)).status_code == 200
            counts.append(len(queries))
        assert counts[0] == counts[1]
        assert counts[0] <= 17

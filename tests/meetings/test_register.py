"""The pages of decisions and the search, as they are read and filled in."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from initiatives.models import Membership, Organization
from initiatives.permissions import Role
from meetings.models import AgendaItem, Body, Decision, DecisionResponse, Seat
from meetings.selectors.search import cited, search
from meetings.services.attendance import mark_present
from meetings.services.bodies import add_seats
from meetings.services.deciding import decide, name_beneficiary, respond
from meetings.services.decisions import add_evidence, fix_criteria, waive_evidence
from meetings.services.minutes import circulate_minutes, draft_minutes
from meetings.services.replies import name_delegate
from meetings.services.running import end_meeting, start_meeting, write_note
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
    with meets.scope():
        assert form["version"].value() == Decision.objects.get().version == 3
    assert {name: form[name].value() for name in said} == said
    assert "(optional)" not in str(form["dissent"].as_field_group())
    assert "Back to the running meeting" in answer.content.decode()
    assert client.post(page, close).status_code == 302
    with meets.scope():
        decided = Decision.objects.get()
        assert (decided.outcome_id, decided.draft) == (option.pk, {})


def test_who_writes_an_outcome_beside_another_is_told_and_overwrites_nothing(client, meets):
    """Two who may close it have the page open; both lack evidence."""
    with meets.scope():
        other = member(meets.facilitator.organization, Role.FACILITATOR, "olga")
        found = framed(meets, running(meets, *meets.leads))
        van, bicycles = found.options.all()
    page = at(meets, "decision", found.pk)
    write = {"action": "decide", "version": found.version, "dissent": "none"}
    ours = write | {"outcome": van.pk, "rationale": "It saves hours"}
    theirs = write | {"outcome": bicycles.pk, "rationale": "They need no petrol"}
    client.force_login(meets.facilitator.user)
    assert client.post(page, ours).status_code == 422
    client.force_login(other.user)
    answer = client.post(page, theirs)
    body = answer.content.decode()
    assert answer.status_code == 422
    for words in ("Somebody changed this decision", str(meets.facilitator.user), "It saves hours"):
        assert words in body
    form = answer.context["forms"]["decide"]
    assert form["rationale"].value() == "They need no petrol"
    with meets.scope():
        assert Decision.objects.get().draft["rationale"] == "It saves hours"
        waive_evidence(actor=other, decision=found, reason="None")
    # Pressed again, now knowing of both.
    answer = client.post(page, theirs | {"version": form["version"].value()})
    assert "Somebody changed this decision" in answer.content.decode()  # of the waiver
    form = answer.context["forms"]["decide"]
    again = theirs | {"version": form["version"].value()}
    assert client.post(page, again).status_code == 302
    with meets.scope():
        assert Decision.objects.get().rationale == "They need no petrol"


def test_who_decides_too_late_is_told_by_whom_and_keeps_the_text(client, meets):
    with meets.scope():
        other = member(meets.facilitator.organization, Role.FACILITATOR, "olga")
        found = framed(meets, running(meets, *meets.leads))
        found = waive_evidence(actor=meets.facilitator, decision=found, reason="None")
        van, bicycles = found.options.all()
    page = at(meets, "decision", found.pk)
    write = {"action": "decide", "version": found.version, "dissent": "none"}
    client.force_login(other.user)
    first = write | {"outcome": van.pk, "rationale": "It saves hours"}
    assert client.post(page, first).status_code == 302
    client.force_login(meets.facilitator.user)
    late = client.post(page, write | {"outcome": bicycles.pk, "rationale": "No <b>petrol</b>"})
    body = late.content.decode()
    assert late.status_code == 409
    assert f"{other.user} closed this decision" in body
    assert "No &lt;b&gt;petrol&lt;/b&gt;" in body
    assert str(bicycles) in body
    with meets.scope():
        kept = Decision.objects.get()
        assert (kept.rationale, kept.draft) == ("It saves hours", {})


def test_a_refused_score_stays_in_its_field(client, meets):
    with meets.scope():
        found = framed(meets, running(meets, *meets.leads))
        fix_criteria(actor=meets.facilitator, decision=found, criteria=[("Cost", 3)])
        cost, option = found.criteria.get(), found.options.first()
    client.force_login(meets.facilitator.user)
    name = f"score_{option.pk}_{cost.pk}"
    refused = client.post(at(meets, "decision", found.pk), {"action": "scores", name: "77"})
    assert refused.status_code == 422
    assert f'name="{name}" value="77"' in refused.content.decode()


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
    empty = client.post(page, fixed | {"criteria": ["", ""]})
    assert "Write at least one criterion" in empty.content.decode()
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
    answer = {"action": "respond", "kind": "object", "answer_reason": ""}
    assert client.post(page, answer).status_code == 422
    assert client.post(page, answer | {"answer_reason": "Too dear"}).status_code == 302
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
        assert cited(meets.leads[0], made.cite.lower()) == made
        assert search(meets.leads[0], "hours -bank").decisions
        for nothing in ("", "  ", "\0", "\\", "':*", "& | ! (", "submarine", "' OR 1=1 --"):
            assert search(meets.leads[0], nothing).number == 0


def test_words_are_found_from_their_beginning_and_however_they_are_bent(meets):
    with meets.scope():
        decided(meets, running(meets, *meets.leads), "Are leases or vans counted first?")
        for words in ("lease", "leas", "leases", "van", "VAN count", "counting", "save"):
            assert search(meets.leads[0], words).decisions, words
        for words in ("anv", '"vans leases"', "-leases", "vans -leases"):
            assert search(meets.leads[0], words).decisions == [], words


def test_minutes_are_found_by_what_was_said_and_show_it_alone(client, meets):
    """Neither the keys under which it is stored nor its states are words of it."""
    with meets.scope():
        meeting = running(meets, *meets.leads, items=["Budget"])
        item = AgendaItem.objects.get()
        for text in ("Nobody spoke of 3 < 5 & motels", "Deposits are the obstacle"):
            write_note(actor=meets.facilitator, meeting=meeting, key=uuid4(), text=text, item=item)
        meeting = end_meeting(actor=meets.facilitator, meeting=meeting)
        minutes = draft_minutes(actor=meets.facilitator, meeting=meeting)
        circulate_minutes(actor=meets.facilitator, minutes=minutes)
        for words in ("notes", "organization", "purpose", "scheduled", "quorum", "status"):
            assert search(meets.leads[0], words).minutes == [], words
        (found,) = search(meets.leads[0], "motel").minutes
        assert "".join(text for text, _hit in found.parts) == (
            "Nobody spoke of 3 < 5 & motels · Deposits are the obstacle"
        )
        assert [text for text, hit in found.parts if hit] == ["motels"]
    client.force_login(meets.leads[0].user)
    body = client.get(at(meets, "search"), {"words": "motel"}).content.decode()
    assert "3 &lt; 5 &amp; <mark>motels</mark>" in body


def test_the_best_comes_first_and_a_long_text_does_not_outweigh_a_title(meets):
    with meets.scope():
        meeting = running(meets, *meets.leads, items=["Winter", "Summer"])
        summer = AgendaItem.objects.filter(title="Summer")
        summer.update(text="The winter was long. " + "We talked of many things. " * 40)
        found = search(meets.leads[0], "winter").items
        assert [each.row.title for each in found] == ["Winter", "Summer"]
        assert [bool(each.parts) for each in found] == [False, True]
        assert meeting.pk


def test_a_number_leads_straight_to_its_decision(client, meets):
    with meets.scope():
        made = decided(meets, running(meets, *meets.leads))
    client.force_login(meets.leads[0].user)
    year, number = made.year, made.number
    for words in (made.cite, f" d {year} {number} ", f"{year}-{number:03d}", f"D–{year}–{number}"):
        answer = client.get(at(meets, "search"), {"words": words})
        assert answer.headers.get("Location") == at(meets, "decision", made.pk), words
    for words in ("D-2027-999999", "2027", "D-20277-1", "D-2027-"):
        assert client.get(at(meets, "search"), {"words": words}).status_code == 200


def test_who_sees_no_other_bodies_finds_nothing_of_them(client, meets):
    with meets.scope():
        fund = Organization.here(code="fund", name="Fund", kind="funder", state="active")
        fund.save()
        funder = member(fund, "funder", "finn")
        meeting = running(meets, *meets.leads, items=["Bicycles"])
        made = decided(meets, meeting, "Bicycles or vans?")
        assert search(funder, "bicycles").number == 0
        assert cited(funder, made.cite) is None
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


def test_who_leads_and_does_not_decide_is_told_whose_it_is(meets, client):
    with meets.scope():
        decision = framed(meets, running(meets, meets.leads[0]))
    address = at(meets, "decision", decision.pk)
    found = {}
    for person in (meets.manager, meets.facilitator, meets.leads[0]):
        client.force_login(person.user)
        found[person.user.name] = client.get(address).content.decode()
    people = reverse("initiatives:members", args=["meets"])
    assert "A facilitator writes down what was decided" in found["Pat"]
    assert f'href="{people}">Give somebody the role</a>' in found["Pat"]
    assert "A facilitator writes down" not in found["Fran"] + found["Ark"]

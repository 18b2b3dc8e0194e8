"""What seats say on a decision: their line goes with them, what is said in the room is written
down for them, and who answered is told what came after.
"""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from meetings.models import Attendance, BriefingAnswer, DecisionResponse, Meeting, MeetingSeries
from meetings.selectors.register import decision_page, decisions_to_read
from meetings.services.attendance import mark_left, mark_present
from meetings.services.deciding import (
    declare_interest,
    enter_responses,
    name_beneficiary,
    respond,
)
from meetings.services.decisions import add_evidence, fix_criteria, score_options, waive_evidence
from meetings.services.replies import answer_briefing, assemble_briefing, name_delegate
from meetings.services.running import start_meeting
from tests.meetings.conftest import member
from tests.meetings.held import framed, opened, running, scheduled
from tests.meetings.test_decisions import close, problems

pytestmark = pytest.mark.django_db(transaction=True)


def at(decision):
    return reverse("meetings:decision", args=["meets", decision.pk])


def page_of(decision, person):
    return decision_page(decisions_to_read(person).get(pk=decision.pk), person)


@pytest.fixture
def briefed(meets):
    """``meets`` with an ``item`` to decide on which the first seat said its line, and a
    ``decision`` put on it at a meeting that runs with the first two leads.
    """
    with meets.scope():
        meets.meeting = opened(meets)
        meets.item = scheduled(meets, meets.meeting, purpose="decide")
        meets.seat = meets.seats()[0]
        pack = assemble_briefing(meeting=meets.meeting, seat=meets.seat)
        lines = {meets.item.pk: ("consent", "If it is used")}
        answer_briefing(actor=meets.leads[0], briefing=pack, lines=lines)
        meets.meeting = start_meeting(actor=meets.facilitator, meeting=meets.meeting)
        for lead in meets.leads[:2]:
            mark_present(actor=meets.facilitator, meeting=meets.meeting, person=lead)
        begun = timezone.now() - timedelta(minutes=10)
        Meeting.objects.update(started_at=begun)
        Attendance.objects.update(came_at=begun)
        meets.meeting.refresh_from_db()
        meets.decision = framed(meets, item=meets.item)
    return meets


def test_the_line_of_a_seat_stands_in_its_answer(briefed, client):
    client.force_login(briefed.leads[0].user)
    answer = client.get(at(briefed.decision))
    form = answer.context["forms"]["respond"]
    assert (form["kind"].value(), form["reason"].value()) == ("consent", "If it is used")
    assert "Our line before the meeting:" in answer.content.decode()


def test_a_line_is_its_seats_and_theirs_who_read_what_seats_say(briefed, client):
    for person, is_shown in (
        (briefed.leads[0], True),
        (briefed.facilitator, True),
        (briefed.leads[1], False),
    ):
        client.force_login(person.user)
        assert ("If it is used" in client.get(at(briefed.decision)).content.decode()) is is_shown


def test_what_was_said_in_the_room_is_written_down_with_who_did(briefed, client):
    client.force_login(briefed.facilitator.user)
    page = client.get(at(briefed.decision)).content.decode()
    with briefed.scope():
        ark, bee, cat = briefed.seats()
    assert f'name="said_{ark.pk}"' in page
    assert f'name="said_{cat.pk}"' not in page  # nobody is there for it
    sent = {"action": "said", f"said_{ark.pk}": "consent", f"said_{bee.pk}": "object"}
    refused = client.post(at(briefed.decision), sent)
    assert refused.status_code == 422
    assert "Bee: say why." in refused.content.decode()
    with briefed.scope():
        assert not DecisionResponse.objects.exists()  # all of it or nothing
    sent |= {f"why_{bee.pk}": "Too dear"}
    assert client.post(at(briefed.decision), sent).status_code == 302
    with briefed.scope():
        rows = {each.seat_id: each for each in DecisionResponse.objects.all()}
        assert rows.keys() == {ark.pk, bee.pk}
        assert {each.given_by_id for each in rows.values()} == {briefed.facilitator.pk}
        assert all(each.was_said for each in rows.values())
    client.force_login(briefed.leads[1].user)
    page = client.get(at(briefed.decision)).content.decode()
    assert "Fran wrote this down for you" in page
    assert "Said in the room, written down by Fran" in page


def test_the_organization_answers_over_it_and_is_not_written_over(briefed):
    with briefed.scope():
        seat = briefed.seats()[1]
        said = [(seat, "consent", "")]
        enter_responses(actor=briefed.facilitator, decision=briefed.decision, said=said)
        respond(actor=briefed.leads[1], decision=briefed.decision, kind="object", reason="No")
        with pytest.raises(ValidationError, match="Bee: it answered itself"):
            enter_responses(actor=briefed.facilitator, decision=briefed.decision, said=said)
        row = DecisionResponse.objects.get()
        assert (row.kind, row.was_said) == ("object", False)


def test_nobody_is_written_down_who_does_not_count(briefed):
    with briefed.scope(), pytest.raises(ValidationError, match="not asked here"):
        enter_responses(
            actor=briefed.facilitator,
            decision=briefed.decision,
            said=[(briefed.seats()[2], "consent", "")],
        )


def test_a_partner_writes_nothing_down_for_another(briefed):
    with briefed.scope(), pytest.raises(PermissionDenied):
        enter_responses(
            actor=briefed.leads[0],
            decision=briefed.decision,
            said=[(briefed.seats()[1], "consent", "")],
        )


@pytest.mark.parametrize(
    ("scope", "is_briefed", "words"),
    [
        ("decide", False, "has not answered the briefing"),
        ("speak", True, "not to decide"),
    ],
)
def test_for_a_delegate_only_within_the_mandate_and_briefed(meets, scope, is_briefed, words):
    with meets.scope():
        meeting = opened(meets)
        item = scheduled(meets, meeting, purpose="decide")
        seat = meets.seats()[0]
        zoe = member(seat.organization, "partner_reporter", "zoe")
        name_delegate(actor=meets.leads[0], meeting=meeting, seat=seat, delegate=zoe, scope=scope)
        if is_briefed:
            pack = assemble_briefing(meeting=meeting, seat=seat)
            answer_briefing(actor=zoe, briefing=pack, lines={item.pk: ("ask", "")})
        meeting = start_meeting(actor=meets.facilitator, meeting=meeting)
        mark_present(actor=meets.facilitator, meeting=meeting, person=zoe)
        begun = timezone.now() - timedelta(minutes=10)
        Meeting.objects.update(started_at=begun)
        Attendance.objects.update(came_at=begun)
        BriefingAnswer.objects.update(answered_at=begun - timedelta(minutes=1))
        decision = framed(meets, item=item)
        with pytest.raises(ValidationError, match=words):
            enter_responses(
                actor=meets.facilitator, decision=decision, said=[(seat, "consent", "")]
            )


def test_who_answered_is_told_what_came_after_and_only_that(briefed, client):
    with briefed.scope():
        decision = briefed.decision
        add_evidence(
            actor=briefed.facilitator, decision=decision, text="Vans break", certainty="low"
        )
        fix_criteria(actor=briefed.facilitator, decision=decision, criteria=[("Cost", 2)])
        decision.refresh_from_db()
        before = decision.version
        respond(actor=briefed.leads[1], decision=decision, kind="consent", version=before)
        assert page_of(decision, briefed.leads[1]).news == []
        add_evidence(
            actor=briefed.facilitator, decision=decision, text="Buses are late", certainty="low"
        )
        organization = briefed.leads[2].organization
        name_beneficiary(actor=briefed.facilitator, decision=decision, organization=organization)
        score = [(decision.options.first(), decision.criteria.get(), 4)]
        score_options(actor=briefed.facilitator, decision=decision, scores=score)
        decision.refresh_from_db()
        assert decision.version == before + 3
        page = page_of(decision, briefed.leads[1])
        assert page.news == [
            "New evidence: Buses are late",
            "Cat was named to gain by it.",
            "The scores changed.",
        ]
        assert [each.is_stale for each in page.answers if each.response] == [True]
    client.force_login(briefed.leads[1].user)
    body = client.get(at(decision)).content.decode()
    assert "This came after you answered:" in body
    assert "Our answer stands" in body
    again = {"action": "respond", "kind": "consent", "version": decision.version}
    assert client.post(at(decision), again).status_code == 302
    with briefed.scope():
        assert page_of(decision, briefed.leads[1]).news == []


def test_what_came_while_one_wrote_is_told_as_well(briefed, client):
    """The answer was sent from a page that did not have it yet."""
    with briefed.scope():
        briefed.decision.refresh_from_db()
        old = briefed.decision.version
        add_evidence(
            actor=briefed.facilitator, decision=briefed.decision, text="Late", certainty="low"
        )
    client.force_login(briefed.leads[1].user)
    sent = {"action": "respond", "kind": "consent", "version": old}
    assert client.post(at(briefed.decision), sent).status_code == 302
    with briefed.scope():
        assert page_of(briefed.decision, briefed.leads[1]).news == ["New evidence: Late"]


def test_the_same_scores_and_ones_own_interest_are_no_news(briefed):
    with briefed.scope():
        decision = briefed.decision
        fix_criteria(actor=briefed.facilitator, decision=decision, criteria=[("Cost", 2)])
        score = [(decision.options.first(), decision.criteria.get(), 4)]
        score_options(actor=briefed.facilitator, decision=decision, scores=score)
        respond(actor=briefed.leads[1], decision=decision, kind="consent")
        decision.refresh_from_db()
        before = decision.version
        score_options(actor=briefed.facilitator, decision=decision, scores=score)
        decision.refresh_from_db()
        assert decision.version == before
        declare_interest(actor=briefed.leads[1], decision=decision, text="We sell vans")
        assert page_of(decision, briefed.leads[1]).news == []


def test_without_a_script_what_was_typed_beside_goes_along(briefed, client):
    """The page is one form: whatever button is pressed, all that was typed is sent."""
    client.force_login(briefed.facilitator.user)
    body = client.get(at(briefed.decision)).content.decode()
    main = body[body.index("<main") : body.index("</main>")]
    assert main.count("<form") == 1
    typed = {
        "rationale": "It saves hours",
        "dissent": "Cat objects",
        "criteria": ["Cost", "", ""],
        "criteria_number": ["3", "1", "1"],
        "reason": "Nobody counted",
        "certainty": "moderate",
    }
    sent = typed | {"action": "evidence", "text": "Vans break"}
    assert client.post(at(briefed.decision), sent).status_code == 302
    answer = client.get(at(briefed.decision))
    forms = answer.context["forms"]
    assert forms["decide"]["rationale"].value() == "It saves hours"
    assert forms["decide"]["dissent"].value() == "Cat objects"
    assert forms["criteria"]["criteria"].value()[0] == ["Cost", "3"]
    assert not forms["evidence"]["text"].value()
    refused = client.post(at(briefed.decision), typed | {"action": "evidence", "text": ""})
    assert refused.status_code == 422
    assert refused.context["forms"]["decide"]["rationale"].value() == "It saves hours"
    # Read again it is not there any more: it was brought back once.
    client.get(at(briefed.decision))
    again = client.get(at(briefed.decision)).context["forms"]["decide"]
    assert not again["rationale"].value()


def test_what_no_field_takes_is_not_kept_in_the_session(briefed, client):
    client.force_login(briefed.facilitator.user)
    sent = {"action": "evidence", "text": "Vans break", "certainty": "moderate"}
    sent |= {"rationale": "y" * 1_000_000, "dissent": "none"}
    assert client.post(at(briefed.decision), sent).status_code == 302
    assert client.session["typed"]["typed"]["decide"] == {"dissent": "none"}


def test_no_answer_is_to_a_version_that_never_was(briefed, client):
    client.force_login(briefed.leads[1].user)
    sent = {"action": "respond", "kind": "consent", "version": "-5"}
    assert client.post(at(briefed.decision), sent).status_code == 422


def test_a_row_more_is_a_button_of_the_one_form(briefed, client):
    client.force_login(briefed.facilitator.user)
    sent = {"criteria": ["Cost", "Time", "Care"], "criteria_number": ["1", "1", "1"]}
    answer = client.post(at(briefed.decision), sent | {"criteria_more": "1", "dissent": "none"})
    assert len(answer.context["forms"]["criteria"]["criteria"].value()) == 4
    assert answer.context["forms"]["decide"]["dissent"].value() == "none"


def test_a_quorum_that_is_lost_during_the_meeting_is_lost_for_the_decision(meets):
    """Two came and are needed. One leaves early: of the minutes talked it was there for less than
    half, so nothing is decided; and the decision says how many count and how many are needed.
    """
    with meets.scope():
        MeetingSeries.objects.update(quorum=2)
        meeting = running(meets, *meets.leads[:2], since=60)
        decision = framed(meets, meeting)
        waive_evidence(actor=meets.facilitator, decision=decision, reason="Nobody counted")
        assert page_of(decision, meets.facilitator).missing == []
        gone = timezone.now() - timedelta(minutes=40)
        mark_left(actor=meets.facilitator, meeting=meeting, person=meets.leads[1], at=gone)
        words = "2 organizations are needed to decide; 1 counts towards the quorum now"
        assert words in problems(meets, decision)
        [missing] = page_of(decision, meets.facilitator).missing
        assert missing.startswith(words)
        mark_present(actor=meets.facilitator, meeting=meeting, person=meets.leads[2])
        Attendance.objects.filter(person=meets.leads[2]).update(
            came_at=timezone.now() - timedelta(minutes=50)
        )
        decided = close(meets, decision)
        assert (decided.quorum_counted, decided.quorum_needed) == (2, 2)


def test_who_leaves_after_half_of_the_time_still_counts_by_the_recorded_rule(meets):
    with meets.scope():
        MeetingSeries.objects.update(quorum=2)
        meeting = running(meets, *meets.leads[:2], since=60)
        decision = framed(meets, meeting)
        waive_evidence(actor=meets.facilitator, decision=decision, reason="Nobody counted")
        gone = timezone.now() - timedelta(minutes=20)
        mark_left(actor=meets.facilitator, meeting=meeting, person=meets.leads[1], at=gone)
        assert close(meets, decision).quorum_counted == 2

"""Decisions on evidence: C3, C4, C5, numbers given once, and what a delegate needs to answer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection
from django.utils import timezone

from initiatives.models import Organization
from initiatives.tenancy import scope
from measures.models import Rollup
from meetings.choices import DecisionState
from meetings.models import Decision, DecisionOption, Evidence, Meeting, MeetingSeries, PreRead
from meetings.selectors.register import decision_page, decisions_to_read
from meetings.services.deciding import (
    decide,
    declare_interest,
    name_beneficiary,
    note_reviews_due,
    respond,
    review_decision,
)
from meetings.services.decisions import (
    add_evidence,
    fix_criteria,
    frame_decision,
    score_options,
    waive_evidence,
)
from meetings.services.papers import waive_notice
from meetings.services.replies import answer_briefing, assemble_briefing, name_delegate
from meetings.services.running import start_meeting
from meetings.services.series import ConflictError
from tests import factories
from tests.meetings.conftest import member
from tests.meetings.held import framed, opened, running, scheduled

pytestmark = pytest.mark.django_db(transaction=True)


def page_of(decision, person):
    return decision_page(decisions_to_read(person).get(pk=decision.pk), person)


def with_evidence(meets, decision):
    add_evidence(
        actor=meets.facilitator, decision=decision, text="Vans break", certainty="moderate"
    )
    return decision


def close(meets, decision, **fields):
    decision.refresh_from_db()
    fields = {"rationale": "It saves time", "dissent": "none", "version": decision.version} | fields
    fields.setdefault("outcome", decision.options.first())
    return decide(actor=meets.facilitator, decision=decision, **fields)


def problems(meets, decision, **fields):
    with pytest.raises(ValidationError) as caught:
        close(meets, decision, **fields)
    return " ".join(caught.value.messages)


def test_a_question_has_two_unlike_options_in_their_order(meets):
    with meets.scope():
        for options in ([], ["One"], ["One", " one "]):
            with pytest.raises(ValidationError):
                framed(meets, options=options)
        decision = framed(meets, options=["B", "A", "b", "C"])
        assert [str(each) for each in decision.options.all()] == ["B", "A", "C"]


def test_a_decision_is_of_one_body(meets):
    with meets.scope():
        other = opened(meets)
        item = scheduled(meets, other, purpose="decide")
        assert framed(meets, item=item).meeting_id == other.pk
        with pytest.raises(ValidationError):
            framed(meets, supersedes=framed(meets))  # nothing that is not decided is replaced


def test_c4_everything_that_is_missing_is_said_at_once(meets):
    with meets.scope():
        MeetingSeries.objects.update(quorum=2)
        meeting = running(meets, meets.leads[0])
        decision = framed(meets, meeting)
        name_beneficiary(
            actor=meets.facilitator, decision=decision, organization=meets.leads[1].organization
        )
        said = problems(meets, decision, rationale=" ", dissent="")
        for words in (
            "evidence",
            "Bee",
            "why this option",
            "dissent",
            "2 organizations",
            "1 count",
        ):
            assert words in said
        assert Decision.objects.get().number is None


def test_c4_without_evidence_only_with_the_recorded_reason(meets):
    with meets.scope():
        decision = framed(meets, running(meets, meets.leads[0]))
        assert "evidence" in problems(meets, decision)
        waive_evidence(actor=meets.facilitator, decision=decision, reason="Nobody ever counted")
        assert close(meets, decision).state == DecisionState.IN_FORCE


def test_c4_the_quorum_is_of_organizations_that_count(meets):
    with meets.scope():
        MeetingSeries.objects.update(quorum=2)
        meeting = running(meets, *meets.leads[:2])
        decided = close(meets, with_evidence(meets, framed(meets, meeting)))
        assert (decided.quorum_counted, decided.quorum_needed) == (2, 2)


def test_c4_without_a_meeting_the_answers_are_the_quorum(meets):
    with meets.scope():
        MeetingSeries.objects.update(quorum=2)
        decision = with_evidence(meets, framed(meets))
        respond(actor=meets.leads[0], decision=decision, kind="consent")
        assert "2 organizations must answer; 1 did" in problems(meets, decision)
        respond(actor=meets.leads[1], decision=decision, kind="object", reason="Too dear")
        assert close(meets, decision).quorum_counted == 2


def test_c4_nothing_is_decided_before_the_meeting_begins(meets):
    with meets.scope():
        decision = with_evidence(meets, framed(meets, opened(meets)))
        assert "not begun" in problems(meets, decision)


def test_c4_the_database_refuses_a_decision_without_reason_or_dissent(meets):
    with meets.scope():
        decision = framed(meets)
        with pytest.raises(DatabaseError):
            Decision.objects.filter(pk=decision.pk).update(state=DecisionState.IN_FORCE)


def late_paper(meets, item, meeting):
    PreRead.here(
        meeting=meeting, item=item, name="Offer", digest="0" * 64, published_by=meets.manager
    ).save()
    PreRead.objects.update(published_at=meeting.starts_at - timedelta(hours=1))


def test_c3_late_papers_need_the_waiver_of_each_organization_present(meets):
    with meets.scope():
        meeting = opened(meets)
        item = scheduled(meets, meeting, purpose="decide")
        late_paper(meets, item, meeting)
        meeting = running(meets, *meets.leads[:2])
        decision = with_evidence(meets, framed(meets, item=item))
        assert "pre-reads came late" in problems(meets, decision)
        waive_notice(actor=meets.leads[0], item=item)
        waive_notice(actor=meets.leads[0], item=item)
        assert "pre-reads came late" in problems(meets, decision)
        page = page_of(decision, meets.leads[1])
        assert page.may_waive == {meets.leads[1].organization_id}
        waive_notice(actor=meets.leads[1], item=item)
        assert close(meets, decision).number == 1  # the third organization is not there


def test_c3_an_item_that_is_to_be_talked_about_is_not_decided(meets):
    with meets.scope():
        item = scheduled(meets, opened(meets), purpose="discuss")
        with pytest.raises(ValidationError):
            framed(meets, item=item)


def test_c5_a_beneficiary_declares_and_is_not_silenced(meets):
    with meets.scope():
        meeting = running(meets, meets.leads[0])
        decision = with_evidence(meets, framed(meets, meeting))
        lead = meets.leads[0]
        name_beneficiary(actor=meets.facilitator, decision=decision, organization=lead.organization)
        assert "have not declared" in problems(meets, decision)
        declare_interest(actor=lead, decision=decision, text="We would drive it")
        assert respond(actor=lead, decision=decision, kind="consent").kind == "consent"
        close(meets, decision)
        page = page_of(decision, lead)
        assert [each.text for each in page.interests] == ["We would drive it"]


def test_c5_who_has_no_seat_declares_when_named(meets):
    with meets.scope():
        fund = Organization.here(code="fund", name="Fund", kind="funder", state="active")
        fund.save()
        funder = member(fund, "funder", "finn")
        decision = framed(meets)
        with pytest.raises(PermissionDenied):
            declare_interest(actor=funder, decision=decision, text="Ours")
        name_beneficiary(actor=meets.facilitator, decision=decision, organization=fund)
        assert declare_interest(actor=funder, decision=decision, text="Ours").text == "Ours"


def test_criteria_are_fixed_before_anyone_scores_and_never_after(meets):
    with meets.scope():
        decision = framed(meets)
        option = decision.options.first()
        with pytest.raises(ValidationError):
            score_options(actor=meets.facilitator, decision=decision, scores=[])
        fix_criteria(
            actor=meets.facilitator, decision=decision, criteria=[("Cost", 3), ("Reach", 1)]
        )
        with pytest.raises(ValidationError):
            fix_criteria(actor=meets.facilitator, decision=decision, criteria=[("Taste", 1)])
        cost, reach = decision.criteria.all()
        scores = [(option, cost, 4), (option, reach, 2)]
        score_options(actor=meets.facilitator, decision=decision, scores=scores)
        with pytest.raises(ValidationError):
            score_options(actor=meets.facilitator, decision=decision, scores=[(option, cost, 6)])
        row = page_of(decision, meets.manager).options[0]
        assert (row.total, row.most) == (14, 20)


def test_a_delegate_answers_once_briefed_and_within_the_mandate(meets):
    with meets.scope():
        meeting = opened(meets)
        item = scheduled(meets, meeting, purpose="decide")
        seat = meets.seats()[0]
        zoe = member(seat.organization, "partner_reporter", "zoe")
        name_delegate(actor=meets.leads[0], meeting=meeting, seat=seat, delegate=zoe)
        start_meeting(actor=meets.facilitator, meeting=meeting)
        decision = framed(meets, item=item)
        with pytest.raises(ValidationError) as caught:
            respond(actor=zoe, decision=decision, kind="consent")
        assert caught.value.code == "unbriefed"
        pack = assemble_briefing(meeting=meeting, seat=seat)
        answer_briefing(actor=zoe, briefing=pack, lines={item.pk: ("consent", "")})
        assert respond(actor=zoe, decision=decision, kind="consent").seat_id == seat.pk
        seat.delegations.update(scope="speak")
        with pytest.raises(ValidationError):
            respond(actor=zoe, decision=decision, kind="consent")
        stranger = member(seat.organization, "observer", "ollie")
        with pytest.raises(PermissionDenied):
            respond(actor=stranger, decision=decision, kind="consent")


def number_of(meets):
    """An indicator with one number of the initiative's."""
    calendar = factories.calendar()
    indicator = factories.indicator("beds", calendar=calendar)
    row = Rollup(
        initiative_id=meets.initiative.pk,
        indicator=indicator,
        scope="initiative",
        scope_id=meets.initiative.pk,
        period=factories.period("2026-M3"),
        version=indicator.versions.get(),
        value=Decimal("41.5"),
        expected=4,
        reported=3,
        status="provisional",
    )
    row.save(force_insert=True)
    return indicator


def test_a_number_is_frozen_as_it_stood(meets):
    with meets.scope():
        indicator = number_of(meets)
        decision = framed(meets)
        evidence = add_evidence(
            actor=meets.facilitator,
            decision=decision,
            text="Too few beds",
            certainty="high",
            indicator=indicator,
        )
        Rollup.objects.filter(indicator=indicator).update(value=Decimal(60))
        row = page_of(decision, meets.manager).evidence[0]
        assert (row.then, row.now, row.is_changed) == (Decimal("41.5"), Decimal(60), True)
        frozen = row.evidence.frozen
        assert (frozen["reported"], frozen["expected"], frozen["period"]) == (3, 4, "2026-M3")
        with pytest.raises(DatabaseError):
            Evidence.objects.filter(pk=evidence.pk).update(text="Enough beds")


def test_evidence_without_a_number_is_not_frozen_from_nothing(meets):
    with meets.scope():
        indicator = factories.indicator("empty", calendar=factories.calendar())
        with pytest.raises(ValidationError):
            add_evidence(
                actor=meets.facilitator,
                decision=framed(meets),
                text="None",
                certainty="low",
                indicator=indicator,
            )


def test_two_deciders_get_two_numbers(meets):
    with meets.scope():
        meeting = running(meets, meets.leads[0])
        made = [with_evidence(meets, framed(meets, meeting)).pk for _number in range(6)]

    def close_one(pk):
        try:
            with scope(meets.initiative.pk):
                decision = Decision.objects.get(pk=pk)
                return close(meets, decision).number
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        numbers = sorted(pool.map(close_one, made))
    assert numbers == [1, 2, 3, 4, 5, 6]


def test_a_double_click_decides_once(meets):
    with meets.scope():
        decision = with_evidence(meets, framed(meets, running(meets, meets.leads[0])))
        decision.refresh_from_db()
        version = decision.version

    def click(_number):
        try:
            with scope(meets.initiative.pk):
                row = Decision.objects.get(pk=decision.pk)
                close(meets, row, version=version)
                return True
        except ValidationError:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(click, range(4))) == [False, False, False, True]
    with meets.scope():
        assert Decision.objects.get().cite.endswith("-001")


def test_who_read_an_older_text_does_not_decide(meets):
    with meets.scope():
        decision = with_evidence(meets, framed(meets, running(meets, meets.leads[0])))
        old = decision.version
        waive_evidence(actor=meets.facilitator, decision=decision, reason="Also this")
        with pytest.raises(ConflictError):
            close(meets, decision, version=old)


def test_an_option_of_another_question_is_refused(meets):
    with meets.scope():
        meeting = running(meets, meets.leads[0])
        decision = with_evidence(meets, framed(meets, meeting))
        other = DecisionOption.objects.filter(decision=framed(meets, meeting)).first()
        with pytest.raises(ValidationError):
            close(meets, decision, outcome=other)


def test_a_decision_is_replaced_by_a_later_one(meets):
    with meets.scope():
        meeting = running(meets, meets.leads[0])
        old = close(meets, with_evidence(meets, framed(meets, meeting)))
        new = close(meets, with_evidence(meets, framed(meets, meeting, supersedes=old)))
        old.refresh_from_db()
        assert (old.state, new.number) == (DecisionState.SUPERSEDED, 2)
        assert page_of(old, meets.manager).successors == [new]


def test_a_review_comes_due_on_its_day_and_says_why_it_stays(meets):
    with meets.scope():
        today = timezone.localdate()
        decision = with_evidence(meets, framed(meets, running(meets, meets.leads[0])))
        close(meets, decision, review_on=today + timedelta(days=10))
        assert note_reviews_due(today + timedelta(days=9)) == 0
        assert note_reviews_due(today + timedelta(days=10)) == 1
        assert note_reviews_due(today + timedelta(days=10)) == 0
        decision.refresh_from_db()
        kept = review_decision(
            actor=meets.facilitator,
            decision=decision,
            keep=True,
            reason="It works",
            review_on=today + timedelta(days=400),
        )
        assert (kept.state, kept.review_reason) == (DecisionState.REAFFIRMED, "It works")
        with pytest.raises(PermissionDenied):
            review_decision(actor=meets.leads[0], decision=decision, keep=False, reason="No")


def test_once_the_minutes_are_out_nothing_is_decided_in_the_meeting(meets):
    with meets.scope():
        meeting = running(meets)
        Meeting.objects.filter(pk=meeting.pk).update(state="minutes_circulated")
        meeting.refresh_from_db()
        with pytest.raises(ValidationError):
            framed(meets, meeting)


def test_partners_frame_nothing(meets):
    with meets.scope(), pytest.raises(PermissionDenied):
        frame_decision(actor=meets.leads[0], body=meets.body, question="?", options=["A", "B"])

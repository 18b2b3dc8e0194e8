"""A decision while it is written down: nothing typed is lost, and nobody decides unseen."""

import pytest
from playwright.sync_api import expect

from initiatives.models import Membership, Organization
from initiatives.permissions import Role
from initiatives.tenancy import scope
from meetings.models import Body, Decision
from meetings.services.deciding import respond
from meetings.services.decisions import frame_decision
from tests.browser.conftest import PHONE
from tests.browser.test_room import Room, go_offline
from tests.meetings.conftest import member

pytestmark = pytest.mark.browser


def put(initiative_id):
    """A question that every seat answered, and two who may close it; its number."""
    with scope(initiative_id):
        backbone = Organization.objects.get(kind="backbone")
        first = member(backbone, Role.FACILITATOR, "fran")
        member(backbone, Role.FACILITATOR, "olga")
        decision = frame_decision(
            actor=first,
            body=Body.objects.get(),
            question="Do we buy the van?",
            options=["Buy it", "Leave it"],
        )
        for lead in Membership.objects.filter(roles=[Role.PARTNER_LEAD]):
            respond(actor=lead, decision=decision, kind="consent")
        return decision.pk


def outcome(initiative_id):
    with scope(initiative_id):
        found = Decision.objects.select_related("outcome").get()
        return str(found.outcome), found.rationale, found.dissent


class Page:
    """The page of the decision in one window."""

    def __init__(self, room, decision_id, who, **options):
        self.page = room.visitor.window(f"{who}@bb-{room.slug}.test", **options)
        self.page.goto(f"/i/{room.slug}/meetings/decisions/{decision_id}/")

    def form(self, name):
        return self.page.locator(f'kept-form[data-name="{name}"]')

    def write(self, option, rationale, dissent):
        self.form("decide").get_by_label(option).check()
        self.form("decide").locator("[name=rationale]").fill(rationale)
        self.form("decide").locator("[name=dissent]").fill(dissent)

    def decide(self):
        self.form("decide").get_by_role("button", name="It is decided").click()

    def expect_refused(self):
        """What was sent came back: it is written down, and something is missing."""
        expect(self.form("decide").get_by_role("alert")).to_be_visible()

    def expect_written(self, option, rationale, dissent):
        expect(self.form("decide").get_by_label(option)).to_be_checked()
        expect(self.form("decide").locator("[name=rationale]")).to_have_value(rationale)
        expect(self.form("decide").locator("[name=dissent]")).to_have_value(dissent)


@pytest.fixture
def asked(visitor, site, request):
    room = Room(visitor, site, request.node.name.split("_")[-1])
    return room, site.run(put, room.initiative_id)


def test_what_is_typed_outlives_the_evidence_a_reload_a_refusal_and_the_line(asked):
    room, decision_id = asked
    fran = Page(room, decision_id, "fran", viewport=PHONE)
    said = ("Buy it", "It saves hours", "Bee would rather wait")
    fran.write(*said)
    fran.page.reload()
    fran.expect_written(*said)
    expect(fran.page.locator(".kept:visible")).to_contain_text("did not send is back")
    fran.decide()  # there is no evidence
    fran.expect_refused()
    fran.expect_written(*said)
    later = ("Buy it", "It saves hours every week", "Bee would rather wait")
    fran.write(*later)
    fran.page.get_by_text("Add evidence").click()
    fran.form("evidence").locator("[name=text]").fill("Vans break")
    fran.form("evidence").get_by_role("button", name="Add it").click()
    expect(fran.page.locator("#evidence + ul")).to_contain_text("Vans break")
    fran.expect_written(*later)
    expect(fran.form("evidence").locator("[name=text]")).to_have_value("")  # that one was sent
    go_offline(fran.page, is_off=True)
    fran.decide()
    expect(fran.page.locator("#messages")).to_contain_text("No connection")
    fran.expect_written(*later)
    go_offline(fran.page, is_off=False)
    expect(fran.page.locator("#messages")).not_to_contain_text("No connection")
    fran.decide()
    expect(fran.page.get_by_text("Decided on")).to_be_visible()
    assert room.site.run(outcome, room.initiative_id) == later
    fran.page.wait_for_function("!JSON.stringify(localStorage).includes('every week')")


def test_what_was_typed_is_given_up_when_asked(asked):
    room, decision_id = asked
    fran = Page(room, decision_id, "fran")
    fran.write("Leave it", "We have bicycles", "none")
    fran.page.reload()
    fran.page.get_by_role("button", name="Give it up").click()
    expect(fran.form("decide").locator("[name=rationale]")).to_have_value("")
    fran.page.reload()
    expect(fran.form("decide").locator("[name=rationale]")).to_have_value("")
    expect(fran.page.get_by_role("button", name="Give it up")).to_have_count(0)


def test_two_who_decide_at_once_see_both(asked):
    """Nobody overwrites what they have not seen; who is too late gets the text back."""
    room, decision_id = asked
    fran, olga = (Page(room, decision_id, who) for who in ("fran", "olga"))
    fran.write("Buy it", "It saves hours", "none")
    olga.write("Leave it", "We have bicycles", "none")
    fran.decide()
    fran.expect_refused()
    olga.decide()
    expect(olga.page.get_by_text("Somebody changed this decision")).to_be_visible()
    expect(olga.page.locator("main")).to_contain_text("Fran wrote this down")
    expect(olga.page.locator("main")).to_contain_text("It saves hours")
    olga.expect_written("Leave it", "We have bicycles", "none")
    fran.page.get_by_text("There is none", exact=True).click()
    fran.form("waive").locator("[name=reason]").fill("Nobody ever counted")
    fran.form("waive").get_by_role("button", name="Record why").click()
    expect(fran.page.get_by_text("Without evidence, because:")).to_be_visible()
    fran.expect_written("Buy it", "It saves hours", "none")
    fran.decide()
    expect(fran.page.get_by_text("Decided on")).to_be_visible()
    olga.decide()
    expect(olga.page.get_by_role("alert")).to_contain_text("Fran closed this decision")
    expect(olga.page.get_by_role("alert")).to_contain_text("We have bicycles")
    assert room.site.run(outcome, room.initiative_id) == ("Buy it", "It saves hours", "none")

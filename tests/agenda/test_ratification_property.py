"""Whatever organizations do, in whatever order, no version is ratified against A3.

The judge is written anew in plain Python over what the test itself did; it shares nothing with
the product.
"""

from datetime import datetime, timedelta
from unittest import mock

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from agenda.models import AgendaVersion, Response
from agenda.services import parties, ratification, responses, versions
from agenda.services.versions import Written
from initiatives.models import Organization
from tests.agenda.ratifying import TEXTS, World, answer, key_of, on_behalf

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

STANCES = st.sampled_from(["consent"] * 5 + ["reservation", "stand_aside", "object"])
KINDS = [kind for kind, _text in TEXTS]
real_now = timezone.now


def judged(asked, said, rule_, now, split):
    """A3 as the specification has it, over what was said."""
    for who in asked:
        given = said.get(who)
        if given is None:
            return False
        stances, contestable_until = given
        if contestable_until and contestable_until > now:
            return False
        for kind in KINDS:
            if kind in split:
                continue
            stance = stances.get(kind, "consent")
            if stance == "object":
                return False
            if kind == "primary_goal" and stance == "stand_aside" and rule_ == "strict":
                return False
    return bool(asked)


class Agreeing(RuleBasedStateMachine):
    """Organizations join, leave, edit, answer, contest; time passes."""

    count = 0

    def __init__(self):
        super().__init__()
        Agreeing.count += 1
        self.passed = timedelta(0)
        self.patch = mock.patch.object(timezone, "now", self.now)
        self.patch.start()
        self.world = World(2, slug=f"w{Agreeing.count}")
        self.asked, self.said, self.split, self.rule, self.number = (), {}, set(), "strict", 0
        self.ratified = set()

    def now(self) -> datetime:
        return real_now() + self.passed

    def teardown(self):
        self.patch.stop()

    @property
    def agenda(self):
        return AgendaVersion.objects.under_work().first()

    def attempt(self, work):
        """Do it in the initiative; a refusal is told and leaves nothing behind."""
        with self.world.inside():
            try:
                with transaction.atomic():
                    return work()
            except ValidationError:
                return None

    def lead(self, index):
        return self.world.leads[index % len(self.world.leads)]

    @rule()
    def somebody_joins(self):
        if len(self.world.leads) < 4:
            with self.world.inside():
                self.world.leads.append(self.world.join(f"new{len(self.world.leads)}"))

    @rule(index=st.integers(0, 3))
    def somebody_leaves(self, index):
        with self.world.inside():
            Organization.objects.filter(pk=self.lead(index).organization_id).update(state="left")

    @rule(index=st.integers(0, 3))
    def somebody_becomes_an_observer(self, index):
        self.attempt(lambda: parties.become_observer(actor=self.lead(index), reason="We watch."))

    @rule(text=st.sampled_from(["A", "B", "C"]), kind=st.sampled_from(KINDS))
    def the_text_is_edited(self, text, kind):
        def edit():
            agenda = self.agenda
            if agenda is None:
                return
            rows = {row.kind: row for row in agenda.dimensions.all()}
            written = [
                Written(each, text if each == kind else old, rows[each].key if each in rows else "")
                for each, old in TEXTS
            ]
            versions.save_dimensions(
                actor=self.world.pm, agenda=agenda, written=written, version=agenda.version
            )

        self.attempt(edit)

    @rule(rule_=st.sampled_from(["strict", "lenient"]))
    def it_is_put_to_everyone(self, rule_):
        def put():
            agenda = self.agenda or versions.start_version(actor=self.world.pm)
            if agenda.state != "drafting":
                return
            if not agenda.dimensions.exists():
                agenda = self.world.draft()
            for row in agenda.dimensions.all():  # no severe difference is passed over
                row.refresh_from_db()
            opened = self.world.opened(agenda=agenda, rule=rule_)
            self.asked = tuple(
                Organization.objects.filter(
                    kind__in=["partner", "lead", "funder"], state="active"
                ).values_list("id", flat=True)
            )
            self.said, self.split, self.rule, self.number = {}, set(), rule_, opened.number

        self.attempt(put)

    @rule(index=st.integers(0, 3), kind=st.sampled_from(KINDS), stance=STANCES)
    def somebody_answers(self, index, kind, stance):
        self.respond(self.lead(index), kind, stance, itself=True)

    @rule(index=st.integers(0, 3), kind=st.sampled_from(KINDS), stance=STANCES)
    def somebody_is_answered_for(self, index, kind, stance):
        self.respond(self.lead(index), kind, stance, itself=False)

    def respond(self, lead, kind, stance, *, itself):
        def respond():
            agenda = AgendaVersion.objects.filter(number=self.number).first()
            if agenda is None:
                return None
            said = {} if stance == "consent" or kind in self.split else {kind: (stance, "Why")}
            if itself:
                return answer(lead, agenda, **said), said
            return on_behalf(self.world, lead, agenda, **said), said

        was_open = self.is_open()
        if done := self.attempt(respond):
            response, said = done
            if was_open and response.agenda.number == self.number:
                stances = {which: what for which, (what, _why) in said.items()}
                until = None if itself else response.contestable_until
                self.said[lead.organization_id] = (stances, until)

    def is_open(self):
        with self.world.inside():
            return AgendaVersion.objects.filter(number=self.number, state="ratifying").exists()

    @rule(index=st.integers(0, 3), confirms=st.booleans())
    def an_answer_is_contested_or_confirmed(self, index, confirms):
        lead = self.lead(index)

        def act():
            response = (
                Response.objects.effective()
                .filter(organization=lead.organization, agenda__number=self.number)
                .first()
            )
            if response is None:
                return None
            work = responses.confirm if confirms else responses.contest
            return work(actor=lead, response=response)

        if self.is_open() and self.attempt(act):
            if confirms:
                stances, _until = self.said[lead.organization_id]
                self.said[lead.organization_id] = (stances, None)
            else:
                del self.said[lead.organization_id]

    @rule(kind=st.sampled_from(KINDS))
    def something_is_split_out(self, kind):
        def split():
            agenda = AgendaVersion.objects.filter(number=self.number, state="ratifying").first()
            if agenda is None:
                return False
            dimension = agenda.dimensions.get(key=key_of(agenda, kind))
            ratification.split_out(
                actor=self.world.fa, agenda=agenda, dimension=dimension, reason="Later"
            )
            return True

        if self.attempt(split):
            self.split.add(kind)

    @rule(days=st.sampled_from([1, 3, 8, 22, 70]))
    def time_passes(self, days):
        self.passed += timedelta(days=days)
        with self.world.inside():
            ratification.advance_ratifications()
            parties.admit_joiners()

    @precondition(lambda self: self.number)
    @invariant()
    def nothing_is_ratified_against_a3(self):
        with self.world.inside():
            agenda = AgendaVersion.objects.get(number=self.number)
            assert AgendaVersion.objects.ratified().count() <= 1
            if agenda.state in {"ratified", "superseded"}:
                moment = agenda.decided_at
                if agenda.number not in self.ratified:
                    assert judged(self.asked, self.said, self.rule, moment, self.split)
                    self.ratified.add(agenda.number)
            elif agenda.state == "ratifying":
                assert not judged(self.asked, self.said, self.rule, self.now(), self.split)


Agreeing.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_no_version_is_ratified_against_a3():
    Agreeing.TestCase("runTest").runTest()

"""The glossary: A11, clashes that open a term again, and terms that texts are linked by."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection
from django.template import Context, Engine
from django.urls import reverse

from agenda.choices import TermState
from agenda.models import GlossaryTerm, TermUse, TermVariant
from agenda.services import glossary
from agenda.services.differences import board
from agenda.services.uses import find_uses
from initiatives.permissions import Role
from initiatives.tenancy import scope
from tests import factories
from tests.agenda import people

pytestmark = pytest.mark.django_db(transaction=True)


class Words:
    """An initiative with a word in discussion."""

    def __init__(self):
        self.initiative = factories.initiative()
        with self.here():
            self.facilitator = people.backbone()
            self.first, self.second = people.leads(2)
            self.term = glossary.propose_term(
                actor=self.first, label="homeless", meaning="Without a home.", also=["unhoused"]
            )

    def here(self):
        return scope(self.initiative.pk)

    def fresh(self):
        return GlossaryTerm.objects.get(pk=self.term.pk)

    def agree(self):
        return glossary.agree_term(
            actor=self.facilitator, term=self.term, version=self.fresh().version
        )

    def clash(self, lead=None):
        return glossary.say_variant(
            actor=lead or self.second,
            term=self.term,
            label="homeless",
            meaning="Without an address.",
            mapping="clashes",
        )


@pytest.fixture
def words():
    return Words()


def render(text, request=None):
    template = Engine.get_default().from_string("{% load terms %}{% linked_terms text %}")
    return template.render(Context({"text": text}))


def test_a11_a_term_is_agreed_without_clashes(words):
    with words.here():
        assert words.agree().state == TermState.AGREED


def test_a11_a_clash_stands_against_it_until_it_is_mapped(words):
    with words.here():
        variant = words.clash()
        with pytest.raises(ValidationError, match="Org1"):
            words.agree()
        glossary.map_variant(actor=words.facilitator, variant=variant, mapped_as="Unhoused")
        assert words.agree().state == TermState.AGREED_WITH_VARIANTS


def test_a11_a_clash_opens_an_agreed_term_again(words):
    with words.here():
        words.agree()
        words.clash()
        assert words.fresh().state == TermState.IN_DISCUSSION


def test_a11_the_database_holds_it_too(words):
    with words.here():
        words.clash()
    for state in ("agreed", "agreed_with_variants"):
        with pytest.raises(IntegrityError), words.here(), connection.cursor() as cursor:
            cursor.execute("UPDATE agenda_glossaryterm SET state = %s", [state])
    with words.here():
        TermVariant.objects.all().delete()
        words.agree()
    with pytest.raises(IntegrityError), words.here():
        TermVariant.here(
            term=words.term, organization=words.first.organization, meaning="x", mapping="clashes"
        ).save()


def test_definitions_have_versions_and_the_agreed_one_stays_in_force(words):
    with words.here():
        words.agree()
        glossary.define_term(
            actor=words.facilitator,
            term=words.term,
            meaning="Without a home tonight.",
            source="",
            version=words.fresh().version,
        )
        assert "Without a home." in render("homeless")
        words.agree()
        assert "Without a home tonight." in render("homeless")
        assert [each.number for each in words.fresh().definitions.all()] == [2, 1]


def test_two_editors_of_a_term(words):
    with words.here():
        edit = {"actor": words.facilitator, "term": words.term, "source": "", "version": 1}
        glossary.define_term(**edit, meaning="One")
        with pytest.raises(ValidationError):
            glossary.define_term(**edit, meaning="Two")


def test_one_written_form_stands_for_one_term(words):
    with words.here(), pytest.raises(ValidationError, match="homeless"):
        glossary.propose_term(actor=words.first, label="Unhoused", meaning="x")


def test_who_may_do_what(words):
    with words.here():
        funder = people.member(words.first.organization, Role.FUNDER)
        reporter = people.member(words.first.organization, Role.PARTNER_REPORTER)
        said = {"term": words.term, "label": "", "meaning": "", "mapping": "same"}
        glossary.say_variant(actor=reporter, **said)
        for actor in (words.facilitator, funder):  # no voice; no funder's organization
            with pytest.raises(PermissionDenied):
                glossary.say_variant(actor=actor, **said)
        with pytest.raises(PermissionDenied):
            glossary.agree_term(actor=words.first, term=words.term, version=1)


def test_terms_open_their_meaning(words):
    with words.here():
        words.agree()
        shown = render("Homeless & unhoused\n<b>")
    assert shown.count("popovertarget") == 2
    assert "Homeless</button>" in shown
    assert "Without a home." in shown
    assert "&amp;" in shown
    assert "<br>&lt;b&gt;" in shown


def test_what_is_written_in_a_term_is_escaped(words):
    with words.here():
        glossary.define_term(
            actor=words.facilitator,
            term=words.term,
            meaning="\"><script>alert('x')</script>",
            source="",
            version=1,
        )
        words.agree()
        assert "<script" not in render("homeless")


def test_only_agreed_terms_are_linked(words):
    with words.here():
        assert "button" not in render("homeless")


def test_uses_are_noted_where_they_are_found_and_forgotten_where_not(words):
    with words.here():
        words.agree()
        difference = board.note_difference(
            actor=words.first,
            kind="goal",
            title="x",
            sides=(board.Side("a", "The homeless first."), board.Side("b", "Everyone.")),
        )
        calendar = factories.calendar()
        indicator = factories.indicator(
            "count", calendar=calendar, definition="People who are unhoused."
        )
        assert find_uses() == find_uses() == 2
        assert set(TermUse.objects.values_list("object_type", flat=True)) == {
            "agenda.differenceside",
            "measures.indicatorversion",
        }
        side = difference.sides.first()
        board.word_side(actor=words.facilitator, side=side, label="a", statement="No.", version=1)
        find_uses()
        assert TermUse.objects.get().object_id == indicator.versions.get().pk


def test_pages_ask_no_more_of_a_longer_glossary(words, client):
    slug = words.initiative.slug
    pages = [
        reverse("agenda:glossary", args=[slug]),
        reverse("agenda:term", args=[slug, words.term.pk]),
    ]

    def grow(number, name):
        with words.here():
            for each in range(number):
                term = glossary.propose_term(
                    actor=words.first, label=f"{name} {each}", meaning="homeless"
                )
                glossary.say_variant(
                    actor=words.second, term=term, label="", meaning="", mapping="same"
                )

    client.force_login(words.first.user)
    grow(2, "few")
    few = [people.queries(client, page) for page in pages]
    grow(30, "many")
    assert [people.queries(client, page) for page in pages] == few
    assert max(few) <= 30


def test_saying_how_we_use_it_on_the_page(words, client):
    say = reverse("agenda:variant_say", args=[words.initiative.slug, words.term.pk])
    client.force_login(words.first.user)
    assert client.post(say, {"mapping": "clashes"}).status_code == 422
    assert client.post(say, {"mapping": "broader", "meaning": "All."}).status_code == 302
    client.force_login(words.facilitator.user)
    assert client.post(say, {"mapping": "same"}).status_code == 403


def test_the_glossary_stands_in_the_order_of_the_alphabet_with_what_is_in_force(words, client):
    with words.here():
        words.agree()
        glossary.propose_term(actor=words.first, label="Zero", meaning="None.")
        glossary.propose_term(actor=words.first, label="aid", meaning="Help.")
        glossary.define_term(
            actor=words.facilitator,
            term=words.term,
            meaning="Proposed instead.",
            source="",
            version=words.fresh().version,
        )
    client.force_login(words.first.user)
    page = client.get(reverse("agenda:glossary", args=[words.initiative.slug])).content.decode()
    assert page.index(">aid<") < page.index(">homeless<") < page.index(">Zero<")
    assert "Without a home." in page
    assert "Proposed instead." not in page


@pytest.mark.parametrize(("page", "args"), [("term_rename", [1]), ("term_new", [])])
def test_no_form_of_a_word_has_a_zero_byte(client, page, args):
    words = Words()
    args = [words.initiative.slug, *([words.term.pk] if args else [])]
    client.force_login(words.facilitator.user)
    sent = {"label": "home", "also": "a home, ho\0me", "meaning": "A place.", "version": 1}
    answer = client.post(reverse(f"agenda:{page}", args=args), sent)
    assert answer.status_code == 422
    assert "Null characters are not allowed." in answer.content.decode()
    with words.here():
        assert words.fresh().also == ["unhoused"]

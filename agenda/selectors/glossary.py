"""The glossary's pages, and the terms that texts are linked by."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Count, Q
from django.db.models.functions import Lower

from agenda.arithmetic.words import split_by_terms
from agenda.choices import Mapping
from agenda.models import GlossaryTerm, TermDefinition, TermVariant
from agenda.querysets.listening import speaks
from initiatives.models import Membership
from initiatives.permissions import Permission


class Linkable(NamedTuple):
    """An agreed term and what it means, for the texts in which it stands."""

    term_id: int
    label: str
    meaning: str
    number: int
    forms: tuple[str, ...]


def linkable() -> list[Linkable]:
    """The agreed terms of the initiative in scope, each with the definition in force."""
    agreed = GlossaryTerm.objects.agreed()
    rows = TermDefinition.objects.filter(term__in=agreed, agreed_at__isnull=False)
    found: dict[int, Linkable] = {}
    # The one in force is the latest of them: it comes first.
    for each in rows.select_related("term").order_by(Lower("term__label"), "term_id", "-number"):
        if each.term_id not in found:
            term = each.term
            forms = (term.label, *term.also)
            found[term.pk] = Linkable(term.pk, term.label, each.text, each.number, forms)
    return list(found.values())


def written_forms() -> Iterator[tuple[str, int]]:
    """Every way in which an agreed term is written, with the term's id."""
    for pk, label, also in GlossaryTerm.objects.agreed().values_list("pk", "label", "also"):
        for form in (label, *also):
            yield form, pk


def unsettled_in(texts: Iterable[str]) -> list[GlossaryTerm]:
    """The terms that stand in ``texts`` and are not agreed (yet, or any more), by name.

    A longer agreed term hides a shorter one within it. Terms that were given up are words like
    any other.
    """
    terms = {each.pk: each for each in GlossaryTerm.objects.in_use()}
    if all(each.is_agreed for each in terms.values()):
        return []
    forms = [(form, each.pk) for each in terms.values() for form in (each.label, *each.also)]
    found = {piece.key for text in texts for piece in split_by_terms(text, forms)}
    return [each for key, each in terms.items() if key in found and not each.is_agreed]


def glossary_for(membership: Membership) -> Any:
    """All terms that the member may see, with their meanings and how many clash."""
    clash = Q(variants__mapping=Mapping.CLASHES, variants__mapped_as="")
    return (
        GlossaryTerm.objects.visible_to(membership)
        .prefetch_related("definitions")
        .annotate(
            clashes=Count("variants", filter=clash, distinct=True),
            number_of_variants=Count("variants", distinct=True),
        )
        .order_by(Lower("label"), "id")
    )


@dataclass(frozen=True)
class Entry:
    """A term as its page shows it."""

    term: GlossaryTerm
    definitions: list[TermDefinition]
    variants: list[TermVariant]
    ours: TermVariant | None
    places: int
    edits: bool
    speaks: bool

    @property
    def in_force(self) -> TermDefinition | None:
        return next((each for each in self.definitions if each.agreed_at), None)

    @property
    def latest(self) -> TermDefinition | None:
        return next(iter(self.definitions), None)

    @property
    def clashes(self) -> list[TermVariant]:
        return [each for each in self.variants if each.is_clashing]


def entry_of(membership: Membership, term: GlossaryTerm) -> Entry:
    variants = list(
        TermVariant.objects.visible_to(membership).filter(term=term).select_related("organization")
    )
    return Entry(
        term=term,
        definitions=list(term.definitions.select_related("written_by")),
        variants=variants,
        ours=next((e for e in variants if e.organization_id == membership.organization_id), None),
        places=term.uses.count(),
        edits=membership.may(Permission.AGENDA_GLOSSARY_EDIT),
        speaks=may_say(membership),
    )


def may_say(membership: Membership) -> bool:
    """Whether the member says how the organization uses words."""
    if membership.organization.kind == "backbone":
        return False
    return speaks(membership, Permission.AGENDA_GLOSSARY_AGREE) or membership.may(
        Permission.MEASURES_SUBMIT
    )


def asked_about(membership: Membership) -> Any:
    """Terms in discussion on which the member's organization has said nothing."""
    if not may_say(membership):
        return GlossaryTerm.objects.none()
    said = TermVariant.objects.filter(organization_id=membership.organization_id)
    return (
        GlossaryTerm.objects.visible_to(membership)
        .filter(state="in_discussion")
        .exclude(pk__in=said.values("term_id"))
    )

"""The questions of a listening round: what is asked if nobody changes it, and changing it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _, gettext_lazy

from agenda.choices import FacetKind, ListeningState
from agenda.models import ListeningRound, RoundFacet
from initiatives.audit import record
from initiatives.models import Membership


class Default(NamedTuple):
    """A question that every round begins with."""

    key: str
    name: Any
    question: Any
    kind: str
    choices: tuple[Any, ...] = ()
    hint: Any = ""
    unit: Any = ""
    maximum: int | None = None


_t = gettext_lazy
DEFAULTS = (
    Default(
        "problem",
        _t("Problem"),
        _t("What is the problem, in a sentence or two?"),
        FacetKind.TEXT,
        hint=_t("As you would tell a neighbor."),
    ),
    Default(
        "cause",
        _t("Cause"),
        _t("What causes it most?"),
        FacetKind.CHOICES,
        (
            _t("Too little income"),
            _t("Too few services or places"),
            _t("Services that do not work together"),
            _t("Health"),
            _t("Knowledge and skills"),
            _t("Unequal treatment"),
            _t("Laws and rules"),
            _t("Family and community"),
        ),
    ),
    Default(
        "population",
        _t("People"),
        _t("Who is it about?"),
        FacetKind.CHOICES,
        (
            _t("Young children"),
            _t("School-age children"),
            _t("Young adults"),
            _t("Adults"),
            _t("Families"),
            _t("Older people"),
        ),
    ),
    Default(
        "place",
        _t("Place"),
        _t("Where should we work on it together?"),
        FacetKind.CHOICES,
        (
            _t("Our neighborhood"),
            _t("The city or town"),
            _t("The county"),
            _t("The region"),
            _t("The state"),
        ),
    ),
    Default(
        "goal",
        _t("Goal"),
        _t("What should we reach together?"),
        FacetKind.CHOICES,
        (
            _t("Prevent it"),
            _t("End it for those who live with it now"),
            _t("Make it rarer"),
            _t("Soften its consequences"),
            _t("Change the system behind it"),
        ),
    ),
    Default(
        "horizon",
        _t("Horizon"),
        _t("In how many years should the goal be reached?"),
        FacetKind.NUMBER,
        unit=_t("years"),
        maximum=25,
    ),
    Default(
        "approach",
        _t("Approach"),
        _t("Which way should we go about it?"),
        FacetKind.CHOICES,
        (
            _t("Help for each person"),
            _t("Help for families"),
            _t("Change how organizations work"),
            _t("Change rules and laws"),
            _t("More money"),
            _t("Inform the public"),
            _t("Better data"),
        ),
    ),
    Default(
        "exclusions",
        _t("Left out"),
        _t("What should we leave to others?"),
        FacetKind.TEXT,
        hint=_t("What an agenda leaves out says as much as what it takes in."),
    ),
)


def add_defaults(round_: ListeningRound) -> None:
    """Give a new round the questions that every round begins with."""
    RoundFacet.objects.bulk_create(
        RoundFacet.here(
            round=round_,
            key=each.key,
            position=number,
            name=str(each.name),
            question=str(each.question),
            hint=str(each.hint),
            kind=each.kind,
            choices=[str(choice) for choice in each.choices],
            unit=str(each.unit),
            minimum=None if each.maximum is None else Decimal(0),
            maximum=None if each.maximum is None else Decimal(each.maximum),
        )
        for number, each in enumerate(DEFAULTS)
    )


def write_facet(
    *,
    actor: Membership,
    round_: ListeningRound,
    facet: RoundFacet | None,
    name: str,
    question: str,
    kind: str,
    hint: str = "",
    choices: Sequence[str] = (),
    unit: str = "",
    minimum: Decimal | None = None,
    maximum: Decimal | None = None,
) -> RoundFacet:
    """Change a question, or ask another one, until the round is opened."""
    with transaction.atomic():
        locked = in_preparation(round_)
        if facet is None:
            facet = RoundFacet.here(
                round=locked, key=_free_key(locked, name), position=locked.facets.count()
            )
        facet.name, facet.question, facet.hint, facet.kind = name, question, hint, kind
        facet.choices = list(choices) if facet.is_list else []
        facet.unit = unit if kind == FacetKind.NUMBER else ""
        facet.minimum = minimum if kind == FacetKind.NUMBER else None
        facet.maximum = maximum if kind == FacetKind.NUMBER else None
        facet.save()
        record(actor, "agenda.question_written", locked, facet=facet.key)
    return facet


def remove_facet(*, actor: Membership, facet: RoundFacet) -> None:
    """Do not ask a question after all."""
    with transaction.atomic():
        locked = in_preparation(facet.round)
        if locked.facets.count() == 1:
            raise ValidationError(_("A round asks at least one question."))
        record(actor, "agenda.question_removed", locked, facet=facet.key)
        facet.delete()


def in_preparation(round_: ListeningRound) -> ListeningRound:
    """The round, locked, if its questions may still be changed."""
    locked: ListeningRound = ListeningRound.objects.select_for_update(
        of=("self",), no_key=True
    ).get(pk=round_.pk)
    if locked.state != ListeningState.DRAFTING:
        raise ValidationError(_("The round is open: its questions stay as they were asked."))
    return locked


def _free_key(round_: ListeningRound, name: str) -> str:
    base = slugify(name)[:32] or "question"
    taken = set(round_.facets.values_list("key", flat=True))
    key, number = base, 1
    while key in taken:
        number += 1
        key = f"{base}-{number}"
    return key

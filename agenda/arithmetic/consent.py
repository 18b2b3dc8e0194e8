"""Whether a version is ratified, said by counting answers. No Django.

A version is ratified when every organization that was asked gave one answer to every dimension,
nobody objects, every doubt stands as a reservation, and every primary goal has everyone's consent
(or, under the lenient rule, nobody who does more than stand aside).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Organization = TypeVar("Organization")
Dimension = TypeVar("Dimension")

CONSENT, RESERVATION, STAND_ASIDE, OBJECT = "consent", "reservation", "stand_aside", "object"
STRICT = "strict"


@dataclass(frozen=True)
class Answer(Generic[Dimension]):
    """An organization's whole answer: its stance on each dimension."""

    stances: Mapping[Dimension, str]
    reserved: Collection[Dimension] = ()  # where a reservation stands behind it
    is_contestable: bool = False


@dataclass
class Verdict(Generic[Organization, Dimension]):
    """What stands between a version and its ratification; nothing at all means ratified."""

    missing: list[Organization] = field(default_factory=list)
    contestable: list[Organization] = field(default_factory=list)
    objections: list[tuple[Organization, Dimension]] = field(default_factory=list)
    aside: list[tuple[Organization, Dimension]] = field(default_factory=list)
    unreserved: list[tuple[Organization, Dimension]] = field(default_factory=list)

    @property
    def is_ratified(self) -> bool:
        return not (self.missing or self.contestable or self.is_barred)

    @property
    def is_barred(self) -> bool:
        """Whether somebody's answer, and not a missing one, stands against it."""
        return bool(self.objections or self.aside or self.unreserved)


def judge(
    asked: Collection[Organization],
    dimensions: Mapping[Dimension, bool],
    answers: Mapping[Organization, Answer[Dimension]],
    rule: str = STRICT,
) -> Verdict[Organization, Dimension]:
    """Weigh the answers; ``dimensions`` says of each whether it is a primary goal."""
    verdict: Verdict[Organization, Dimension] = Verdict()
    for organization in asked:
        answer = answers.get(organization)
        if answer is None or any(each not in answer.stances for each in dimensions):
            verdict.missing.append(organization)
            continue
        if answer.is_contestable:
            verdict.contestable.append(organization)
        for dimension, is_primary in dimensions.items():
            stance, what = answer.stances[dimension], (organization, dimension)
            if stance == OBJECT:
                verdict.objections.append(what)
            elif stance == STAND_ASIDE and is_primary and rule == STRICT:
                verdict.aside.append(what)
            if stance in {RESERVATION, STAND_ASIDE} and dimension not in answer.reserved:
                verdict.unreserved.append(what)
    if not asked:
        raise ValueError("A version that nobody was asked about cannot be ratified.")
    return verdict

"""The rows of the common agenda, by noun."""

from agenda.models.differences import (
    Difference,
    DifferenceComment,
    DifferenceSide,
    FairStatement,
    Proposal,
    Resolution,
    ResolutionConfirmation,
    SideMember,
)
from agenda.models.glossary import GlossaryTerm, TermDefinition, TermUse, TermVariant
from agenda.models.listening import (
    Asked,
    ListeningRound,
    PositionFacet,
    PositionStatement,
    RoundFacet,
)

__all__ = [
    "Asked",
    "Difference",
    "DifferenceComment",
    "DifferenceSide",
    "FairStatement",
    "GlossaryTerm",
    "ListeningRound",
    "PositionFacet",
    "PositionStatement",
    "Proposal",
    "Resolution",
    "ResolutionConfirmation",
    "RoundFacet",
    "SideMember",
    "TermDefinition",
    "TermUse",
    "TermVariant",
]

"""The rows of the common agenda, by noun."""

from agenda.models.amendments import Amendment
from agenda.models.differences import (
    Difference,
    DifferenceComment,
    DifferenceSide,
    FairStatement,
    Proposal,
    Resolution,
    ResolutionConfirmation,
    ResolutionRefusal,
    SideMember,
)
from agenda.models.glossary import GlossaryTerm, TermDefinition, TermUse, TermVariant
from agenda.models.listening import (
    Asked,
    ListeningRound,
    Outsider,
    PositionFacet,
    PositionStatement,
    RoundFacet,
)
from agenda.models.ratification import Contact, DimensionStance, Evidence, Party, Response
from agenda.models.reservations import Reservation, ReservationDraft, ReservationNote
from agenda.models.versions import AgendaDimension, AgendaVersion, DimensionComment, Goal

__all__ = [
    "AgendaDimension",
    "AgendaVersion",
    "Amendment",
    "Asked",
    "Contact",
    "Difference",
    "DifferenceComment",
    "DifferenceSide",
    "DimensionComment",
    "DimensionStance",
    "Evidence",
    "FairStatement",
    "GlossaryTerm",
    "Goal",
    "ListeningRound",
    "Outsider",
    "Party",
    "PositionFacet",
    "PositionStatement",
    "Proposal",
    "Reservation",
    "ReservationDraft",
    "ReservationNote",
    "Resolution",
    "ResolutionConfirmation",
    "ResolutionRefusal",
    "Response",
    "RoundFacet",
    "SideMember",
    "TermDefinition",
    "TermUse",
    "TermVariant",
]

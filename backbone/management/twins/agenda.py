"""The common agenda of a twin: a round that is revealed, one that is sealed, talk and terms."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from agenda import models as agreed
from agenda.choices import (
    DifferenceKind,
    DifferenceState,
    FacetKind,
    ListeningState,
    StatementState,
)
from backbone.management.twins.base import Twin, issue, new
from initiatives.choices import LinkPurpose
from initiatives.models import Membership, Organization
from initiatives.tenancy import enter


def seed(twin: Twin, organizations: dict[str, Organization]) -> None:
    first = organizations["first"]
    lead = Membership.objects.select_related("user").get(organization=first, roles=["partner_lead"])
    # A position is written by its organization's own people: the database asks who it is.
    with enter(twin.initiative_id, user_id=lead.user_id):
        revealed = _round(twin, organizations, f"Revealed {twin.canary}", is_over=True)
        _statement(revealed, lead, twin.canary, StatementState.SUBMITTED)
        _reveal(revealed["round"])
        sealed = _round(twin, organizations, f"Sealed {twin.canary}")
        statement = _statement(sealed, lead, twin.private_canary, StatementState.DRAFT)
    difference = _difference(twin, revealed, organizations, lead)
    term = _term(twin, first, lead)
    asked = agreed.Asked.objects.get(round=sealed["round"], organization=first)
    newcomer = new(
        agreed.Outsider,
        round=sealed["round"],
        organization=first,
        user=Membership.objects.filter(organization=organizations["second"])[0].user,
    )
    issue(twin, LinkPurpose.POSITION, asked.pk, user=lead.user)
    twin.objects |= {
        "listening_id": sealed["round"].pk,
        "newcomer_id": newcomer.pk,
        "facet_id": sealed["facet"].pk,
        "statement_id": statement.pk,
        "difference_id": difference.pk,
        "side_id": difference.sides.first().pk,
        "proposal_id": difference.proposals.get().pk,
        "resolution_id": difference.resolutions.get().pk,
        "comment_id": difference.comments.get().pk,
        "term_id": term.pk,
        "variant_id": term.variants.get().pk,
        "definition_id": term.definitions.get().pk,
    }


def _round(
    twin: Twin, organizations: dict[str, Organization], name: str, *, is_over: bool = False
) -> dict[str, Any]:
    now = timezone.now()
    lasts = timedelta(days=-1 if is_over else 5)
    row = new(
        agreed.ListeningRound,
        name=name,
        introduction=f"Introduction {twin.canary}",
        opens_at=now - timedelta(days=9),
        closes_at=now + lasts,
        state=ListeningState.OPEN,
    )
    facet = new(
        agreed.RoundFacet,
        round=row,
        key="goal",
        name=f"Goal {twin.canary}",
        question=f"Question {twin.canary}",
        kind=FacetKind.CHOICES,
        choices=["One", "Two"],
    )
    for code in ("first", "second"):
        new(agreed.Asked, round=row, organization=organizations[code])
    return {"round": row, "facet": facet}


def _statement(made: dict[str, Any], lead: Membership, text: str, state: str) -> Any:
    submitted_at = timezone.now() if state == StatementState.SUBMITTED else None
    statement = new(
        agreed.PositionStatement,
        round=made["round"],
        organization=lead.organization,
        state=state,
        submitted_at=submitted_at,
        note=f"Note {text}",
    )
    new(
        agreed.PositionFacet,
        statement=statement,
        facet=made["facet"],
        chosen=["One"],
        why=f"Why {text}",
    )
    return statement


def _reveal(row: Any) -> None:
    row.state, row.revealed_at = ListeningState.REVEALED, timezone.now()
    row.save()
    row.asked.update(answered_at=timezone.now())


def _difference(
    twin: Twin, made: dict[str, Any], organizations: dict[str, Organization], lead: Membership
) -> Any:
    canary, first = twin.canary, lead.organization
    difference = new(
        agreed.Difference,
        kind=DifferenceKind.GOAL,
        title=f"Difference {canary}",
        round=made["round"],
        facet=made["facet"],
        state=DifferenceState.IN_DIALOGUE,
        evidence_wanted=canary,
    )
    sides = [
        new(
            agreed.DifferenceSide,
            difference=difference,
            position=number,
            label=f"Side {canary}",
            statement=f"View {canary}",
        )
        for number in (0, 1)
    ]
    for side, code in zip(sides, ("first", "second"), strict=True):
        new(agreed.SideMember, difference=difference, side=side, organization=organizations[code])
    said = {"organization": first, "user": lead.user}
    new(agreed.FairStatement, side=sides[0], side_version=1, **said)
    proposal = new(agreed.Proposal, difference=difference, text=f"Proposal {canary}", **said)
    resolution = new(
        agreed.Resolution,
        difference=difference,
        proposal=proposal,
        kind="merged",
        text=f"Resolution {canary}",
        user=lead.user,
    )
    new(agreed.ResolutionConfirmation, resolution=resolution, side=sides[0], **said)
    new(
        agreed.ResolutionRefusal,
        resolution=resolution,
        side=sides[1],
        organization=organizations["second"],
        user=lead.user,
        kind="no",
        reason=f"Refusal {canary}",
    )
    new(agreed.DifferenceComment, difference=difference, text=f"Comment {canary}", **said)
    return difference


def _term(twin: Twin, first: Organization, lead: Membership) -> Any:
    canary = twin.canary
    term = new(agreed.GlossaryTerm, label=f"Term {canary}", also=[f"Word {canary}"])
    new(agreed.TermDefinition, term=term, number=1, text=f"Definition {canary}")
    new(
        agreed.TermVariant,
        term=term,
        organization=first,
        label=f"Our word {canary}",
        meaning=f"Meaning {canary}",
        mapping="clashes",
        said_by=lead.user,
    )
    new(agreed.TermUse, term=term, object_type="agenda.difference", object_id=1, field="title")
    return term

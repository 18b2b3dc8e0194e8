"""Other words that were proposed for statements, and who may do what about them."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from agenda.arithmetic.comparing import Piece, compare
from agenda.choices import AmendmentState, VersionState
from agenda.models import AgendaVersion, Amendment
from agenda.querysets.listening import speaks
from initiatives.models import Membership
from initiatives.permissions import Permission

DECIDABLE = {VersionState.CIRCULATED, VersionState.DRAFTING}


def may_amend(member: Membership) -> bool:
    """Whether the member proposes other words for the organization; others of it draft them."""
    return speaks(member, Permission.AGENDA_AMEND)


def may_suggest(member: Membership) -> bool:
    """Whether the member may at least write other words down for the organization's lead."""
    return not member.is_backbone and speaks(member, Permission.AGENDA_COMMENT)


@dataclass(frozen=True)
class Proposed:
    """Other words beside those they were written against, word by word."""

    amendment: Amendment
    left: list[Piece]
    right: list[Piece]
    is_stale: bool  # the statement has other words by now
    is_decided_here: bool
    is_sent_here: bool
    is_withdrawn_here: bool


def amendments_of(
    agenda: AgendaVersion, member: Membership, texts: dict[str, str]
) -> dict[str, list[Proposed]]:
    """What is proposed for a version, by the key of its statement, as far as the member sees it."""
    rows = Amendment.objects.visible_to(member).filter(agenda=agenda)
    found: dict[str, list[Proposed]] = defaultdict(list)
    for each in rows.select_related("organization", "user", "decided_by"):
        found[each.dimension_key].append(_proposed(agenda, member, each, texts))
    return found


def _proposed(
    agenda: AgendaVersion, member: Membership, row: Amendment, texts: dict[str, str]
) -> Proposed:
    left, right = compare(row.from_text, row.to_text)
    is_own = row.organization_id == member.organization_id
    waits = row.state == AmendmentState.EVALUATING
    return Proposed(
        amendment=row,
        left=left,
        right=right,
        is_stale=row.is_live and texts.get(row.dimension_key) != row.from_text,
        is_decided_here=waits and agenda.state in DECIDABLE and member.may(Permission.AGENDA_DRAFT),
        is_sent_here=row.is_draft
        and is_own
        and agenda.state == VersionState.CIRCULATED
        and may_amend(member),
        is_withdrawn_here=row.is_live
        and is_own
        and agenda.state in DECIDABLE
        and (may_amend(member) or (row.is_draft and may_suggest(member))),
    )


def drafted_amendments(member: Membership) -> Any:
    """Words that somebody of the member's organization drafted and the member may propose."""
    if not may_amend(member):
        return Amendment.objects.none()
    return Amendment.objects.filter(
        state=AmendmentState.DRAFT,
        organization_id=member.organization_id,
        agenda__state=VersionState.CIRCULATED,
    )

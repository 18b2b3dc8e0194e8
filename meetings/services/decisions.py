"""Decisions before they are made: framed, criteria fixed before anyone scores, laid on evidence."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives.audit import record
from initiatives.models import Membership
from initiatives.permissions import Permission
from measures.models import Indicator, Period
from meetings.choices import DecisionState, ItemState, MeetingState
from meetings.models import (
    AgendaItem,
    Body,
    Criterion,
    Decision,
    DecisionOption,
    Evidence,
    Meeting,
    Score,
)
from meetings.selectors.decisions import frozen_number
from meetings.selectors.rights import may_at, may_in_body, may_with, permit
from meetings.services.locks import locking

FEWEST_OPTIONS = 2
MOST_WEIGHT = 10
MOST_SCORE = 5
CLOSED_TO_DECISIONS = (
    MeetingState.MINUTES_CIRCULATED,
    MeetingState.CLOSED,
    MeetingState.CANCELLED,
)


def frame_decision(
    *,
    actor: Membership,
    body: Body,
    question: str,
    options: Iterable[str],
    background: str = "",
    meeting: Meeting | None = None,
    item: AgendaItem | None = None,
    supersedes: Decision | None = None,
) -> Decision:
    """Put a question with its options.

    :raises ValidationError: fewer than two options, or two alike.
    """
    at = item.meeting if item is not None and item.meeting is not None else meeting
    permit(_may_frame(actor, body, at, supersedes))
    found = [each.strip() for each in options if each.strip()]
    if len({each.casefold() for each in found}) < FEWEST_OPTIONS:
        raise ValidationError({"options": _("A decision has two or more options.")})
    meeting = _of_one_body(body, meeting, item, supersedes)
    decision = Decision.here(
        body=body,
        meeting=meeting,
        item=item,
        question=question.strip(),
        background=background,
        supersedes=supersedes,
        framed_by=actor,
        quorum_needed=meeting.series.quorum if meeting else None,
    )
    decision.save()
    unlike: dict[str, str] = {}
    for text in found:
        unlike.setdefault(text.casefold(), text)
    for position, text in enumerate(unlike.values()):
        DecisionOption.here(decision=decision, text=text, position=position).save()
    record(actor, "meetings.decision_framed", decision)
    return decision


def _may_frame(
    actor: Membership, body: Body, meeting: Meeting | None, old: Decision | None
) -> bool:
    """At the meeting, or else in the body; and the decision that it replaces must be theirs too."""
    may = Permission.DECISIONS_FRAME
    here = may_at(actor, may, meeting) if meeting else may_in_body(actor, may, body.pk)
    return here and (old is None or may_with(actor, may, old))


def _of_one_body(
    body: Body, meeting: Meeting | None, item: AgendaItem | None, old: Decision | None
) -> Meeting | None:
    """The meeting of a decision, its item's where there is one; all of it is of one body."""
    if item is not None:
        if item.body_id != body.pk or item.state in {ItemState.DECLINED, ItemState.PROPOSED}:
            raise ValidationError({"item": _("This item is not on an agenda of the body.")})
        if not item.asks_to_decide:
            raise ValidationError({"item": _("This item was announced to be talked about only.")})
        meeting = item.meeting or meeting
    if meeting is not None and meeting.series.body_id != body.pk:
        raise ValidationError({"meeting": _("This meeting is of another body.")})
    if meeting is not None and meeting.state in CLOSED_TO_DECISIONS:
        raise ValidationError({"meeting": _("The minutes of this meeting are out already.")})
    if old is not None and (old.body_id != body.pk or old.number is None):
        raise ValidationError({"supersedes": _("Only a decision of the same body is replaced.")})
    return meeting


def fix_criteria(
    *, actor: Membership, decision: Decision, criteria: Iterable[tuple[str, int]]
) -> Decision:
    """Say by what the options are judged, and how much each weighs. Before anyone scores; once."""
    permit(may_with(actor, Permission.DECISIONS_FRAME, decision))
    locked = open_decision(decision)
    if locked.criteria_fixed_at is not None:
        raise ValidationError(_("The criteria are fixed; scoring has begun."))
    found = [(name.strip(), weight) for name, weight in criteria if name.strip()]
    if not found:
        raise ValidationError({"criteria": _("Name at least one criterion.")})
    if any(not 1 <= weight <= MOST_WEIGHT for _name, weight in found):
        raise ValidationError({"criteria": _("A criterion weighs from 1 to 10.")})
    for position, (name, weight) in enumerate(found):
        Criterion.here(decision=locked, name=name, weight=weight, position=position).save()
    locked.criteria_fixed_at = timezone.now()
    locked.state = DecisionState.OPEN
    store_decision(locked, by=actor)
    record(actor, "meetings.criteria_fixed", locked, criteria=[name for name, _w in found])
    return locked


def score_options(
    *,
    actor: Membership,
    decision: Decision,
    scores: Iterable[tuple[DecisionOption, Criterion, int]],
) -> Decision:
    """How well each option does by each criterion, 0 to 5, as the seats agreed.

    :raises ValidationError: the criteria are not fixed yet.
    """
    permit(may_with(actor, Permission.DECISIONS_FRAME, decision))
    locked = open_decision(decision)
    if locked.criteria_fixed_at is None:
        raise ValidationError(_("Fix the criteria before anyone scores."))
    found = list(scores)
    was = {(each.option_id, each.criterion_id): each.value for each in _scores_of(locked)}
    changed = 0
    for option, criterion, value in found:
        if locked.pk not in {option.decision_id} & {criterion.decision_id}:
            raise ValidationError(_("This criterion is of another decision."))
        if value not in range(MOST_SCORE + 1):
            raise ValidationError({"value": _("A score is from 0 to 5.")})
        if was.get((option.pk, criterion.pk)) == value:
            continue
        Score.objects.update_or_create(
            initiative_id=locked.initiative_id,
            option=option,
            criterion=criterion,
            defaults={"value": value, "since": locked.version + 1},
        )
        changed += 1
    if changed:
        store_decision(locked, by=actor)
        record(actor, "meetings.options_scored", locked, scores=changed)
    return locked


def _scores_of(decision: Decision) -> Any:
    return Score.objects.filter(option__decision=decision)


def add_evidence(
    *,
    actor: Membership,
    decision: Decision,
    text: str,
    certainty: str,
    link: str = "",
    indicator: Indicator | None = None,
    period: Period | None = None,
) -> Evidence:
    """Lay evidence beside the question. A number is frozen as it stands now, and stays so."""
    permit(may_with(actor, Permission.DECISIONS_SUPPORT, decision))
    locked = open_decision(decision)
    if not text.strip():
        raise ValidationError({"text": _("Say what it shows.")})
    frozen = None
    if indicator is not None:
        frozen = frozen_number(indicator, period)
        if frozen is None:
            raise ValidationError({"indicator": _("There is no number for it yet.")})
    row = Evidence.here(
        decision=locked,
        text=text.strip(),
        certainty=certainty,
        link=link,
        indicator=indicator,
        period_id=frozen["period_id"] if frozen else None,
        frozen=frozen,
        added_by=actor,
        since=locked.version + 1,
    )
    row.save()
    store_decision(locked, by=actor)
    record(actor, "meetings.evidence_added", locked, evidence=row.text)
    return row


def waive_evidence(*, actor: Membership, decision: Decision, reason: str) -> Decision:
    """Record why this is decided without evidence."""
    permit(may_with(actor, Permission.DECISIONS_FRAME, decision))
    if not reason.strip():
        raise ValidationError({"reason": _("Say why there is none.")})
    locked = open_decision(decision)
    locked.evidence_waiver = reason.strip()
    store_decision(locked, by=actor)
    record(actor, "meetings.evidence_waived", locked, reason=locked.evidence_waiver)
    return locked


def open_decision(decision: Decision) -> Decision:
    """The decision, locked, while it is not decided."""
    locked = locked_decision(decision)
    if locked.state not in {DecisionState.FRAMED, DecisionState.OPEN}:
        raise ValidationError(_("It is decided. A new decision can supersede it."))
    if locked.meeting is not None and locked.meeting.state == MeetingState.CANCELLED:
        raise ValidationError(_("The meeting is cancelled."))
    return locked


def locked_decision(decision: Decision) -> Decision:
    """The decision, locked: who decides, answers and reviews wait for each other."""
    found: Decision = locking(Decision, "body", "meeting__series", "item").get(pk=decision.pk)
    return found


def store_decision(decision: Decision, *, by: Membership | None = None) -> None:
    """Save it as its next version. ``by``: whose change it is; who wrote the outcome down last has
    seen what they add to it themselves.
    """
    if by is not None and is_own(by, decision):
        decision.draft["stored_as"] = decision.version + 1
    decision.version += 1
    decision.save()


def is_own(actor: Membership, decision: Decision) -> bool:
    """Whether the last change is what the actor wrote down, or added to it."""
    kept = decision.draft
    return kept.get("by") == actor.pk and kept.get("stored_as") == decision.version

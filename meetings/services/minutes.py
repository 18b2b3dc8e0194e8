"""Minutes that write themselves from the records: circulated, corrected, approved, then for good."""

import hashlib
import json

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives.audit import record
from initiatives.models import Membership
from initiatives.permissions import Permission
from meetings.choices import CorrectionState, MeetingState, MinutesState
from meetings.models import Attendance, Confirmation, Correction, Meeting, Minutes
from meetings.selectors.minutes import content_of
from meetings.selectors.rights import may_at, permit
from meetings.services.agendas import is_seated
from meetings.services.locks import locking
from meetings.services.minutes_letters import write_circulated
from meetings.services.series import ConflictError


def draft_minutes(*, actor: Membership, meeting: Meeting) -> Minutes:
    """Make the minutes of what is recorded; again, as long as they are a draft."""
    permit(may_at(actor, Permission.MEETINGS_RUN, meeting))
    held = _locked_meeting(meeting.pk)
    if held.state != MeetingState.MINUTES_DRAFT:
        raise ValidationError(_("Minutes are made when the meeting has ended."))
    content = content_of(held)
    minutes, is_new = Minutes.objects.get_or_create(
        initiative_id=held.initiative_id, meeting=held, defaults={"content": content}
    )
    if not is_new:
        minutes.content, minutes.generated_at = content, timezone.now()
        minutes.version += 1
        minutes.save()
    record(actor, "meetings.minutes_drafted", minutes)
    return minutes


def write_summary(*, actor: Membership, minutes: Minutes, version: int, summary: str) -> Minutes:
    """Put a few words on top of what the records say.

    :raises ConflictError: somebody changed the minutes since ``version``.
    """
    permit(may_at(actor, Permission.MEETINGS_RUN, minutes.meeting))
    locked = _locked(minutes, {MinutesState.DRAFT, MinutesState.CIRCULATED})
    if locked.version != version:
        raise ConflictError(_("Somebody changed the minutes since you opened them."))
    locked.summary = summary.strip()
    return _stored(actor, locked, "meetings.minutes_changed")


def circulate_minutes(*, actor: Membership, minutes: Minutes) -> Minutes:
    """Send them to every seat; whoever was there can say what is wrong."""
    permit(may_at(actor, Permission.MEETINGS_RUN, minutes.meeting))
    locked = _locked(minutes, {MinutesState.DRAFT})
    locked.content = content_of(locked.meeting)  # what was noted since it was drafted
    locked.generated_at = timezone.now()
    locked.state, locked.circulated_at = MinutesState.CIRCULATED, timezone.now()
    _stored(actor, locked, "meetings.minutes_circulated")
    Meeting.objects.filter(pk=locked.meeting_id).update(state=MeetingState.MINUTES_CIRCULATED)
    write_circulated(locked)
    return locked


def correct_minutes(*, actor: Membership, minutes: Minutes, text: str) -> Correction:
    """Say what is wrong. After approval it is a numbered addendum: the minutes stay."""
    permit(may_correct(actor, minutes))
    if not text.strip():
        raise ValidationError({"text": _("Say what is wrong, and what is right.")})
    _locked_meeting(minutes.meeting_id)  # two who correct at once get two numbers
    state = Minutes.objects.values_list("state", flat=True).get(pk=minutes.pk)
    if state == MinutesState.DRAFT:
        raise ValidationError(_("The minutes are not circulated yet."))
    rows = Correction.objects.filter(minutes=minutes)
    number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
    is_late = state == MinutesState.APPROVED
    row = Correction.here(
        minutes=minutes,
        number=number,
        organization_id=actor.organization_id,
        text=text.strip(),
        written_by=actor,
        state=CorrectionState.ADDENDUM if is_late else CorrectionState.PROPOSED,
    )
    row.save()
    record(actor, "meetings.minutes_corrected", minutes, number=number)
    return row


def confirm_minutes(*, actor: Membership, minutes: Minutes) -> Confirmation:
    """Say for one's organization that they are right. It may still correct them later."""
    permit(may_correct(actor, minutes))
    locked = _locked(minutes, {MinutesState.CIRCULATED})
    row, is_new = Confirmation.objects.get_or_create(
        initiative_id=locked.initiative_id,
        minutes=locked,
        organization_id=actor.organization_id,
        defaults={"given_by": actor},
    )
    if is_new:
        record(actor, "meetings.minutes_confirmed", locked)
    return row


def may_correct(actor: Membership, minutes: Minutes) -> bool:
    """Organizations with a seat, whoever was there or facilitates, and the backbone."""
    if actor.is_backbone or is_seated(actor, minutes.meeting.series.body):
        return True
    if may_at(actor, Permission.MEETINGS_RUN, minutes.meeting):
        return True
    return Attendance.objects.filter(meeting=minutes.meeting_id, person=actor).exists()


def answer_correction(
    *, actor: Membership, correction: Correction, taken: bool, answer: str = ""
) -> Correction:
    """Take a correction up, or say why not."""
    permit(may_at(actor, Permission.MEETINGS_MINUTE, correction.minutes.meeting))
    if not taken and not answer.strip():
        raise ValidationError({"answer": _("Say why it is not taken up.")})
    _locked_meeting(correction.minutes.meeting_id)
    state = CorrectionState.TAKEN if taken else CorrectionState.DECLINED
    changed = Correction.objects.filter(pk=correction.pk, state=CorrectionState.PROPOSED).update(
        state=state, answer=answer.strip(), answered_at=timezone.now()
    )
    correction.refresh_from_db()
    if changed:
        record(actor, "meetings.correction_answered", correction, taken=taken)
    return correction


def approve_minutes(*, actor: Membership, minutes: Minutes) -> Minutes:
    """Approve: from now on they never change, held so by the database.

    :raises ValidationError: a correction waits for its answer.
    """
    permit(may_at(actor, Permission.MEETINGS_MINUTE, minutes.meeting))
    locked = _locked(minutes, {MinutesState.CIRCULATED})
    if Correction.objects.filter(minutes=locked, state=CorrectionState.PROPOSED).exists():
        raise ValidationError(_("Answer the open corrections first."))
    locked.content["corrections"] = [
        {"number": each.number, "text": each.text, "state": each.state, "answer": each.answer}
        for each in Correction.objects.filter(minutes=locked)
    ]
    locked.state, locked.approved_at = MinutesState.APPROVED, timezone.now()
    locked.approved_by = actor
    locked.digest = digest_of(locked)
    _stored(actor, locked, "meetings.minutes_approved")
    Meeting.objects.filter(pk=locked.meeting_id).update(state=MeetingState.CLOSED)
    return locked


def digest_of(minutes: Minutes) -> str:
    """The name of what was approved."""
    plain = json.dumps([minutes.content, minutes.summary], sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()


def _locked_meeting(meeting_id: int) -> Meeting:
    """The meeting, locked. All that is done to minutes waits here for each other: approved ones
    cannot be locked for a change.
    """
    found: Meeting = locking(Meeting, "series__body").get(pk=meeting_id)
    return found


def _locked(minutes: Minutes, states: set[MinutesState]) -> Minutes:
    _locked_meeting(minutes.meeting_id)
    locked: Minutes = locking(Minutes, "meeting__series__body").get(pk=minutes.pk)
    if locked.state not in states:
        text = _("The minutes are %(state)s.")
        raise ValidationError(text % {"state": str(locked.get_state_display()).lower()})
    return locked


def _stored(actor: Membership, minutes: Minutes, act: str) -> Minutes:
    minutes.version += 1
    minutes.save()
    record(actor, act, minutes)
    return minutes

"""Actions: promised with a day, done when the one who asked says so, put off in the open."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives.audit import record
from initiatives.models import Membership, Organization
from initiatives.permissions import Permission
from meetings.choices import ActionState
from meetings.models import ActionItem, AgendaItem, Body, Decision, Meeting
from meetings.selectors.rights import may_at, may_with, permit
from meetings.services.locks import locking


def assign_action(
    *,
    actor: Membership,
    body: Body,
    text: str,
    due_on: date,
    organization: Organization,
    owner: Membership | None = None,
    meeting: Meeting | None = None,
    item: AgendaItem | None = None,
    decision: Decision | None = None,
) -> ActionItem:
    """Ask an organization, or one of its people, to do something by a day."""
    runs = meeting is not None and may_at(actor, Permission.MEETINGS_RUN, meeting)
    permit(runs or actor.may(Permission.ACTIONS_ASSIGN))
    own_only = not (actor.is_backbone or runs or actor.may(Permission.MEETINGS_SEAT))
    if own_only and organization.pk != actor.organization_id:
        raise ValidationError({"organization": _("You can note actions of your organization.")})
    if owner is not None and owner.organization_id != organization.pk:
        raise ValidationError({"owner": _("The owner must speak for the organization.")})
    if not text.strip():
        raise ValidationError({"text": _("Say what is to be done.")})
    action = ActionItem.here(
        body=body,
        text=text.strip(),
        due_on=due_on,
        first_due_on=due_on,
        organization=organization,
        owner=owner,
        requester=actor,
        meeting=meeting,
        item=item,
        decision=decision,
    )
    action.save()
    record(actor, "meetings.action_assigned", action, due=due_on.isoformat())
    return action


def claim_done(*, actor: Membership, action: ActionItem, note: str = "") -> ActionItem:
    """Say that it is done; who asked for it accepts or reopens it."""
    locked = _locked(action, ActionState.OPEN)
    permit(may_do(actor, locked))
    locked.state, locked.note = ActionState.CLAIMED_DONE, note.strip()
    if locked.requester_id == actor.pk:
        locked.state, locked.done_at = ActionState.ACCEPTED, timezone.now()
    return _stored(actor, locked, f"meetings.action_{locked.state}")


def accept_action(*, actor: Membership, action: ActionItem) -> ActionItem:
    """Agree that it is done."""
    locked = _locked(action, ActionState.CLAIMED_DONE)
    permit(may_judge(actor, locked))
    locked.state, locked.done_at = ActionState.ACCEPTED, timezone.now()
    return _stored(actor, locked, "meetings.action_accepted")


def reopen_action(*, actor: Membership, action: ActionItem, reason: str) -> ActionItem:
    """Say that it is not done yet, and what is missing."""
    locked = _locked(action, ActionState.CLAIMED_DONE)
    permit(may_judge(actor, locked))
    if not reason.strip():
        raise ValidationError({"reason": _("Say what is missing.")})
    locked.state, locked.reason = ActionState.OPEN, reason.strip()
    return _stored(actor, locked, "meetings.action_reopened")


def put_off(*, actor: Membership, action: ActionItem, due_on: date, reason: str) -> ActionItem:
    """Give it a later day, with a reason; how often is counted."""
    locked = _locked(action, ActionState.OPEN)
    permit(may_do(actor, locked))
    if due_on <= locked.due_on:
        raise ValidationError({"due_on": _("The new day must be later.")})
    if not reason.strip():
        raise ValidationError({"reason": _("Say why.")})
    locked.due_on, locked.reason, locked.drop_asked = due_on, reason.strip(), False
    locked.slipped += 1
    return _stored(actor, locked, "meetings.action_put_off")


def drop_action(*, actor: Membership, action: ActionItem, reason: str = "") -> ActionItem:
    """Let it go: its owner asks with a reason, who asked for the action agrees."""
    locked = _locked(action, ActionState.OPEN)
    agrees = may_agree(actor, locked)
    if not agrees:
        permit(may_do(actor, locked))
    is_asked = locked.drop_asked
    locked.reason = reason.strip() or (locked.reason if is_asked else "")
    if not locked.reason:
        raise ValidationError({"reason": _("Say why.")})
    locked.drop_asked = True
    if agrees:
        locked.state, locked.drop_agreed = ActionState.DROPPED, True
        return _stored(actor, locked, "meetings.action_dropped")
    return _stored(actor, locked, "meetings.action_drop_asked")


def keep_action(*, actor: Membership, action: ActionItem) -> ActionItem:
    """Say that it is still needed, to who asked to let it go."""
    locked = _locked(action, ActionState.OPEN)
    permit(may_agree(actor, locked))
    locked.drop_asked = False
    return _stored(actor, locked, "meetings.action_kept")


def may_agree(actor: Membership, action: ActionItem) -> bool:
    """Who asked for it; the backbone only where that person is no longer here."""
    if action.requester_id == actor.pk:
        return True
    return actor.is_backbone and not action.requester.is_current


def may_do(actor: Membership, action: ActionItem) -> bool:
    """Its owner and the owner's colleagues; who runs its meetings, for those who only call."""
    own = action.organization_id == actor.organization_id
    return actor.is_backbone or own or may_with(actor, Permission.MEETINGS_RUN, action)


def may_judge(actor: Membership, action: ActionItem) -> bool:
    """Who asked for it, and who runs its meetings."""
    own = actor.pk == action.requester_id
    return actor.is_backbone or own or may_with(actor, Permission.MEETINGS_RUN, action)


def _locked(action: ActionItem, state: ActionState) -> ActionItem:
    locked: ActionItem = locking(ActionItem, "requester", "meeting").get(pk=action.pk)
    if locked.state != state:
        text = _("This action is %(state)s now.")
        raise ValidationError(text % {"state": str(locked.get_state_display()).lower()})
    return locked


def _stored(actor: Membership, action: ActionItem, act: str) -> ActionItem:
    action.version += 1
    action.save()
    record(actor, act, action, reason=action.reason)
    return action

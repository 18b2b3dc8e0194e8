"""A person is forgotten: their row stays as a tombstone, so that what was decided keeps its shape.

Nothing of the record of acts is changed, nor what they said for an organization: that is the
organization's. Their name and addresses are gone from everywhere else, and nothing lets them in.
"""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils.translation import gettext as _

from initiatives import audit, links
from initiatives.choices import Means, NoticeState
from initiatives.dossier import addresses_of
from initiatives.models import AnsweredForm, Initiative, Invitation, Membership, Notice, User
from initiatives.services.invitations import close_invitation
from initiatives.services.memberships import leave_for_good
from initiatives.sessions import end_sessions
from initiatives.tenancy import enter


@transaction.atomic
def forget_person(*, user: User) -> User:
    """Leave a tombstone in place of a person.

    :raises ValidationError: some initiative would be left without a project manager.
    """
    known = {each: tombstone(user, n) for n, each in enumerate(addresses_of(user))}
    initiatives = list(Initiative.objects.order_by("id"))
    ended = {each.pk: _leave(each, user) for each in initiatives}
    user.name, user.time_zone = _("Somebody who was forgotten"), ""
    user.email = tombstone(user)
    user.is_active, user.last_login = False, None
    user.set_unusable_password()
    user.save()
    for each in initiatives:
        with enter(each.pk, user_id=user.pk):
            _blot_out(user, known)
            for membership in ended[each.pk]:
                membership.user = user
                audit.record(None, "initiatives.person_forgotten", membership, means=Means.COMMAND)
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    AnsweredForm.objects.filter(user=user).delete()
    end_sessions(user.pk)
    UserSession.objects.filter(user=user).delete()
    return user


def tombstone(user: User, number: int = 0) -> str:
    """What stands in place of an address; nothing can be sent there."""
    return f"forgotten-{user.pk}-{number}@forgotten.invalid"


def _leave(initiative: Initiative, user: User) -> list[Membership]:
    """End the person's memberships there; all that they ever had."""
    with enter(initiative.pk, user_id=user.pk):
        mine = list(Membership.objects.select_for_update(of=("self",)).filter(user=user))
        for each in mine:
            if each.is_current:
                leave_for_good(each)
        links.revoke_of_user(user)
    return mine


def _blot_out(user: User, known: dict[str, str]) -> None:
    """Take the addresses out of invitations and letters of the initiative in scope."""
    for address, gone in known.items():
        theirs = Invitation.objects.filter(email__lower=address)
        for each in theirs.filter(accepted_at=None, revoked_at=None):
            close_invitation(each)
        theirs.update(email=gone, name="")
        letters = Notice.objects.filter(recipient__lower=address)
        letters.filter(state__in=[NoticeState.WAITING, NoticeState.SENDING]).update(
            state=NoticeState.CANCELLED
        )
        letters.update(recipient=gone, context={}, last_error="")
    Notice.objects.filter(user=user).update(context={})

"""What of the agenda waits for a member."""

from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from agenda.choices import ListeningState
from agenda.models import Outsider
from agenda.selectors.differences import refused_before, unanswered_by, unfair_to
from agenda.selectors.glossary import asked_about
from agenda.selectors.listening import asked_of, newcomers
from initiatives.clock import at_home
from initiatives.models import Membership
from initiatives.today import Waiting, waits

MINUTES = 15
MOST = 5


def _asked(membership: Membership) -> Any:
    out = Outsider.objects.filter(
        round=OuterRef("round"), user_id=membership.user_id, admitted_at=None
    ).filter(Q(organization=None) | Q(organization_id=membership.organization_id))
    asked = asked_of(membership).filter(answered_at=None, round__state=ListeningState.OPEN)
    return asked.exclude(Exists(out))


@waits.for_each(_asked)
def positions_due(membership: Membership, asked: Any) -> Waiting:
    """The organization is asked how it sees the issue and has not answered."""
    return Waiting(
        _("Say how we see it: %(round)s") % {"round": asked.round.name},
        reverse("agenda:position", args=[membership.initiative.slug, asked.round_id]),
        note=_("for %(name)s; sealed until all views are shown")
        % {"name": asked.organization.name},
        due_on=at_home(asked.round.closes_at).date(),
        condition="agenda",
        minutes=MINUTES,
    )


@waits.for_each(lambda membership: newcomers(membership)[:MOST])
def newcomers_to_admit(membership: Membership, newcomer: Any) -> Waiting:
    """Somebody joined while the round was open, and the seal holds them out until a colleague says."""
    return Waiting(
        _("Does %(name)s speak for you?") % {"name": newcomer.user},
        reverse("agenda:position", args=[membership.initiative.slug, newcomer.round_id]),
        note=_("for %(name)s; joined while its position is sealed")
        % {"name": membership.organization.name},
        condition="agenda",
        minutes=1,
    )


@waits.for_each(lambda membership: asked_about(membership)[:MOST])
def words_asked(membership: Membership, term: Any) -> Waiting:
    """A word is discussed, and the organization has not said how it uses it."""
    return Waiting(
        _("Say how we use a word: %(label)s") % {"label": term.label},
        reverse("agenda:term", args=[membership.initiative.slug, term.pk]),
        note=_("for %(name)s") % {"name": membership.organization.name},
        condition="agenda",
        minutes=3,
    )


@waits.for_each(lambda membership: unfair_to(membership)[:MOST])
def views_to_call_fair(membership: Membership, difference: Any) -> Waiting:
    """A difference states the organization's view."""
    return Waiting(
        _("Is our view stated fairly? %(title)s") % {"title": difference.title},
        reverse("agenda:difference", args=[membership.initiative.slug, difference.pk]),
        note=_("for %(name)s") % {"name": membership.organization.name},
        condition="agenda",
        minutes=5,
    )


@waits.for_each(lambda membership: unanswered_by(membership)[:MOST])
def resolutions_to_answer(membership: Membership, difference: Any) -> Waiting:
    """The settlement of a difference asks the organization for a yes."""
    return Waiting(
        _("Can we live with this? %(title)s") % {"title": difference.title},
        reverse("agenda:difference", args=[membership.initiative.slug, difference.pk]),
        note=_("a resolution asks %(name)s") % {"name": membership.organization.name},
        condition="agenda",
        minutes=5,
    )


@waits.for_each(lambda membership: refused_before(membership)[:MOST])
def refusals_to_talk_about(membership: Membership, difference: Any) -> Waiting:
    """Somebody cannot live with a resolution; who leads the talk hears why."""
    return Waiting(
        _("Somebody said no to a resolution: %(title)s") % {"title": difference.title},
        reverse("agenda:difference", args=[membership.initiative.slug, difference.pk]),
        note=_("read why, talk on, or put another one before the sides"),
        condition="agenda",
        minutes=10,
    )

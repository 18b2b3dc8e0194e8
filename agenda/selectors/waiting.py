"""What of the agenda waits for a member."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from agenda.choices import ListeningState
from agenda.selectors.differences import unanswered_by, unfair_to
from agenda.selectors.glossary import asked_about
from agenda.selectors.listening import asked_of
from initiatives.clock import at_home
from initiatives.models import Membership
from initiatives.today import Waiting, waits

MINUTES = 15
MOST = 5


@waits
def positions_due(membership: Membership) -> Iterator[Waiting]:
    """The organization is asked how it sees the issue and has not answered."""
    rows = asked_of(membership).filter(answered_at=None, round__state=ListeningState.OPEN)
    for asked in rows:
        yield Waiting(
            _("Say how we see it: %(round)s") % {"round": asked.round.name},
            reverse("agenda:position", args=[membership.initiative.slug, asked.round_id]),
            note=_("for %(name)s; sealed until all views are shown")
            % {"name": asked.organization.name},
            due_on=at_home(asked.round.closes_at).date(),
            condition="agenda",
            minutes=MINUTES,
        )


@waits
def words_asked(membership: Membership) -> Iterator[Waiting]:
    """A word is discussed, and the organization has not said how it uses it."""
    for term in asked_about(membership)[:MOST]:
        yield Waiting(
            _("Say how we use a word: %(label)s") % {"label": term.label},
            reverse("agenda:term", args=[membership.initiative.slug, term.pk]),
            note=_("for %(name)s") % {"name": membership.organization.name},
            condition="agenda",
            minutes=3,
        )


@waits
def views_to_call_fair(membership: Membership) -> Iterator[Waiting]:
    """A difference states the organization's view, or its settlement asks for a yes."""
    for difference in unfair_to(membership)[:MOST]:
        yield Waiting(
            _("Is our view stated fairly? %(title)s") % {"title": difference.title},
            reverse("agenda:difference", args=[membership.initiative.slug, difference.pk]),
            note=_("for %(name)s") % {"name": membership.organization.name},
            condition="agenda",
            minutes=5,
        )
    for difference in unanswered_by(membership)[:MOST]:
        yield Waiting(
            _("Can we live with this? %(title)s") % {"title": difference.title},
            reverse("agenda:difference", args=[membership.initiative.slug, difference.pk]),
            note=_("a resolution asks %(name)s") % {"name": membership.organization.name},
            condition="agenda",
            minutes=5,
        )

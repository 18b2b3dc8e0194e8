"""What of the agenda waits for a member."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy as _lazy, ngettext

from agenda.choices import ListeningState
from agenda.models import Outsider
from agenda.selectors.differences import (
    refused_before,
    unanswered_by,
    unfair_to,
    without_words,
)
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


def _asks_about_differences(
    rows: Callable[[Membership], Any], text: Any, note: Any, minutes: int
) -> None:
    """Register a line for each difference of ``rows(membership)``; ``text`` has its ``title`` and
    ``note`` the ``name`` of the member's organization.
    """

    @waits.for_each(lambda membership: rows(membership)[:MOST])
    def line(membership: Membership, difference: Any) -> Waiting:
        return Waiting(
            text % {"title": difference.title},
            reverse("agenda:difference", args=[membership.initiative.slug, difference.pk]),
            note=note % {"name": membership.organization.name},
            condition="agenda",
            minutes=minutes,
        )


# A difference states the organization's view.
_asks_about_differences(
    unfair_to, _lazy("Is our view stated fairly? %(title)s"), _lazy("for %(name)s"), 5
)
# The settlement of a difference asks the organization for a yes.
_asks_about_differences(
    unanswered_by,
    _lazy("Can we live with this? %(title)s"),
    _lazy("a resolution asks %(name)s"),
    5,
)
# Somebody cannot live with a resolution; who leads the talk hears why.
_asks_about_differences(
    refused_before,
    _lazy("Somebody said no to a resolution: %(title)s"),
    _lazy("read why, keep talking, or ask both sides about another way"),
    10,
)


@waits.when(without_words)
def differences_to_word(membership: Membership, silent: list[Any]) -> Iterator[Waiting]:
    """What was found in the positions stands there by its answers alone: one line for all of it."""
    found = len(silent)
    text = ngettext(
        "Put %(n)d difference into words that both sides call fair",
        "Put %(n)d differences into words that both sides call fair",
        found,
    )
    yield Waiting(
        text % {"n": found},
        reverse("agenda:differences", args=[membership.initiative.slug]),
        note=_("until then nobody is asked about them"),
        condition="agenda",
        number=found,
    )

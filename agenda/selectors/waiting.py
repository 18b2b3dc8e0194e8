"""What of the agenda waits for a member."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from agenda.choices import ListeningState
from agenda.selectors.listening import asked_of
from initiatives.models import Membership
from initiatives.today import Waiting, waits

MINUTES = 15


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
            due_on=timezone.localdate(asked.round.closes_at),
            condition="agenda",
            minutes=MINUTES,
        )

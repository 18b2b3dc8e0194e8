"""The steps of a new initiative towards a common agenda."""

from django.urls import reverse
from django.utils.translation import gettext as _

from agenda.choices import ListeningState
from agenda.models import AgendaVersion, ListeningRound
from initiatives import today
from initiatives.models import Membership
from initiatives.permissions import Permission


@today.begins
def first_talk(membership: Membership) -> list[today.FirstStep]:
    """First everybody says how they see it, then what they agree on is written down."""
    if not membership.may(Permission.AGENDA_LISTEN):
        return []
    url = reverse("agenda:overview", args=[membership.initiative.slug])
    return [
        today.FirstStep(
            5,
            _("Ask each organization how it sees the problem"),
            _("A listening round: nobody reads the others' answers before all are in."),
            url,
            ListeningRound.objects.exclude(state=ListeningState.DRAFTING),
        ),
        today.FirstStep(
            6,
            _("Write down what you agree on"),
            _(
                "A first version of the agenda with at most five goals. Each organization answers it."
            ),
            url,
            AgendaVersion.objects.all(),
        ),
    ]

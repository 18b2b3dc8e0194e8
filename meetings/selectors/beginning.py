"""The step of a new initiative towards its first meeting."""

from django.urls import reverse
from django.utils.translation import gettext as _

from initiatives import today
from initiatives.models import Membership
from initiatives.permissions import Permission
from meetings.models import MeetingSeries


@today.begins
def first_meeting(membership: Membership) -> list[today.FirstStep]:
    """Who meets, and when."""
    if not membership.may(Permission.MEETINGS_EDIT):
        return []
    return [
        today.FirstStep(
            7,
            _("Say who meets, and when"),
            _("A group with a seat for each organization, and a series: calendars get it by mail."),
            reverse("meetings:overview", args=[membership.initiative.slug]),
            MeetingSeries.objects.all(),
        ),
    ]

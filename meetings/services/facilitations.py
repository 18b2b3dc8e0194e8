"""Series given to facilitate, to people from outside too: for as long as somebody says."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives.audit import record
from initiatives.models import Membership
from initiatives.permissions import Permission
from meetings.models import Facilitation, MeetingSeries
from meetings.selectors.rights import permit

DAY = timedelta(days=1)


def give_series(
    *,
    actor: Membership,
    series: MeetingSeries,
    membership: Membership,
    starts_on: date,
    last_day: date | None = None,
) -> Facilitation:
    """Let somebody facilitate a series from a day through ``last_day``; given again, these days
    hold. It gives nothing in any other series, nor in the agenda.

    :raises ValidationError: not somebody with that role, or the days are the wrong way round.
    """
    permit(actor.may(Permission.MEETINGS_EDIT))
    if not (membership.is_current and membership.may_where_given(Permission.MEETINGS_RUN)):
        text = _("This person needs the role “Facilitator of single series” first.")
        raise ValidationError({"membership": text})
    if last_day is not None and last_day < starts_on:
        raise ValidationError({"last_day": _("The last day comes before the first.")})
    row, _is_new = Facilitation.objects.update_or_create(
        initiative_id=actor.initiative_id,
        series=series,
        membership=membership,
        defaults={
            "starts_on": starts_on,
            "ends_on": last_day + DAY if last_day else None,
            "given_by": actor,
        },
    )
    record(
        actor,
        "meetings.series_given",
        series,
        person=str(membership.user),
        since=starts_on.isoformat(),
        until=last_day.isoformat() if last_day else None,
    )
    return row


def end_facilitation(*, actor: Membership, facilitation: Facilitation) -> None:
    """Take a series back, from now on; twice is once."""
    permit(actor.may(Permission.MEETINGS_EDIT))
    rows = Facilitation.objects.unended().filter(pk=facilitation.pk)
    if rows.update(ends_on=Greatest(F("starts_on"), timezone.localdate())):
        person = str(facilitation.membership.user)
        record(actor, "meetings.series_taken_back", facilitation.series, person=person)

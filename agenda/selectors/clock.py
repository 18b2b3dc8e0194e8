"""Days and hours where the people of the initiative are."""

from datetime import datetime, tzinfo

from django.utils import timezone

from initiatives.models import InitiativeProfile


def zone_here() -> tzinfo:
    """The time zone of the initiative in scope."""
    profile = InitiativeProfile.objects.first()
    return profile.zone if profile else timezone.get_current_timezone()


def at_home(moment: datetime) -> datetime:
    """A moment by the clocks of the initiative in scope."""
    return moment.astimezone(zone_here())

"""Where a seat's organization stands on what is to be decided: its side, its reservations."""

from django.utils.translation import gettext as _

from agenda.models import DifferenceSide, Reservation
from meetings.models import AgendaItem, Seat
from meetings.selectors.briefings import stands

MOST = 5


@stands
def our_side(seat: Seat, items: list[AgendaItem]) -> list[str]:
    """The view the organization holds in the differences that the items are about."""
    about = {each.difference_id for each in items if each.difference_id}
    if not about:
        return []
    sides = DifferenceSide.objects.filter(
        difference__in=about, holders__organization=seat.organization_id
    )
    text = _("%(title)s – our view is “%(label)s”: %(statement)s")
    return [
        (
            text
            % {
                "title": each.difference.title,
                "label": each.label,
                "statement": each.statement,
            }
        ).rstrip(": ")
        for each in sides.select_related("difference").order_by("difference_id", "id")
    ]


@stands
def our_reservations(seat: Seat, items: list[AgendaItem]) -> list[str]:
    """The promises kept to the organization, those that the items touch first."""
    if not items:
        return []
    touched = {each.difference.dimension_key for each in items if each.difference}
    rows = Reservation.objects.live().filter(organization=seat.organization_id)
    found = sorted(rows, key=lambda each: (each.dimension_key not in touched, each.pk))
    text = _("Our reservation on “%(on)s”: %(text)s")
    return [text % {"on": each.dimension_text, "text": each.text} for each in found[:MOST]]

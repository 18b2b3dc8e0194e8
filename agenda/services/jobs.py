"""What a worker does for the agenda when a service asked for it."""

from agenda.models import ListeningRound
from agenda.services.differences.measured import propose_differences
from agenda.services.ratification import SETTLE, settle_version
from agenda.services.uses import find_uses
from initiatives.jobs import handles


@handles("agenda.compare_positions")
def compare_positions(round_id: int) -> None:
    """Look for differences in what a round revealed; a second run finds nothing new."""
    propose_differences(ListeningRound.objects.get(pk=round_id))


@handles(SETTLE)
def settle(agenda_id: int) -> None:
    """End a ratification that the last answer completed; a second run finds it ended."""
    settle_version(agenda_id)


@handles("agenda.find_uses")
def find_terms() -> None:
    """Note anew in which texts the agreed terms stand."""
    find_uses()

"""The ticks of the agenda. Each is harmless when it runs twice, or at once with another."""

from celery import shared_task

from agenda.services import listening, parties, ratification, reservations, uses
from initiatives import jobs


@shared_task
def advance_listening() -> None:
    """Reveal the rounds whose time is over, and remind who has not answered."""
    jobs.in_each_initiative("advance_listening", listening.advance_rounds)


@shared_task
def find_uses() -> None:
    """Note anew in which texts the agreed terms stand, whoever changed a text since."""
    jobs.in_each_initiative("find_uses", uses.find_uses)


@shared_task
def advance_ratifications() -> None:
    """End what is due, remind who is silent, and let joiners in."""
    jobs.in_each_initiative("advance_ratifications", _advance)


@shared_task
def review_reservations() -> None:
    """Bring reservations up when their day comes."""
    jobs.in_each_initiative("review_reservations", reservations.review_due_reservations)


def _advance() -> None:
    ratification.advance_ratifications()
    parties.admit_joiners()

"""The ticks of the agenda. Each is harmless when it runs twice, or at once with another."""

from celery import shared_task

from agenda.services import listening
from initiatives import jobs


@shared_task
def advance_listening() -> None:
    """Reveal the rounds whose time is over, and remind who has not answered."""
    jobs.in_each_initiative("advance_listening", listening.advance_rounds)

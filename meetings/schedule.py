"""The ticks of meetings. Each is harmless when it runs twice, or at once with another."""

from celery import shared_task

from initiatives import jobs
from meetings.services.asking import plan_asking
from meetings.services.reminders import plan_reminders as plan


@shared_task
def plan_reminders() -> None:
    """Write the reminders of what begins within two days."""
    jobs.in_each_initiative("plan_reminders", plan)


@shared_task
def ask_seats() -> None:
    """Ask every seat, once, before the meetings whose notice has begun."""
    jobs.in_each_initiative("ask_seats", plan_asking)

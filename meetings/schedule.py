"""The ticks of meetings. Each is harmless when it runs twice, or at once with another."""

from celery import shared_task

from initiatives import jobs
from meetings.services import files
from meetings.services.asking import plan_asking
from meetings.services.deciding import note_reviews_due as note_due
from meetings.services.outsiders import forget_outsiders as forget
from meetings.services.reminders import plan_reminders as plan
from meetings.services.starts import recompute_starts as recompute
from meetings.services.weekly import plan_weekly, send_weekly


@shared_task
def plan_reminders() -> None:
    """Write the reminders of what begins within two days."""
    jobs.in_each_initiative("plan_reminders", plan)


@shared_task
def ask_seats() -> None:
    """Ask every seat, once, before the meetings whose notice has begun."""
    jobs.in_each_initiative("ask_seats", plan_asking)


@shared_task
def plan_weekly_mails() -> None:
    """Write the weekly mails of those whose Monday morning has come."""
    plan_weekly()


@shared_task
def send_weekly_mails() -> None:
    """Send the weekly mails that are due."""
    send_weekly()


@shared_task
def recompute_starts() -> None:
    """Keep meetings at their wall time where a zone's rules changed."""
    jobs.in_each_initiative("recompute_starts", recompute)


@shared_task
def note_reviews_due() -> None:
    """Mark the decisions whose day to be looked at again has come."""
    jobs.in_each_initiative("note_reviews_due", note_due)


@shared_task
def forget_outsiders() -> None:
    """Forget the addresses of delegates without an account whose meetings are long over."""
    jobs.in_each_initiative("forget_outsiders", forget)


@shared_task
def sweep_papers() -> None:
    """Delete files whose paper was not stored."""
    jobs.in_each_initiative("sweep_papers", files.sweep)

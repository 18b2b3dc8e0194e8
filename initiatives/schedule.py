"""The ground's ticks. Each is harmless when it runs twice, or at once with another."""

from celery import shared_task

from initiatives import audit, idempotency, jobs, notices, sessions


@shared_task
def sweep_jobs() -> None:
    """Wake the jobs that nobody was told of, and those whose worker died."""
    jobs.sweep()


@shared_task
def send_notices() -> None:
    """Ask for the sending of letters whose time has come."""
    jobs.in_each_initiative("send_notices", notices.ask_for_sending)


@shared_task
def seal_acts() -> None:
    """Seal the acts of every initiative into its chain."""
    jobs.in_each_initiative("seal_acts", audit.seal)


@shared_task
def tell_heads() -> None:
    """Write the head of every initiative's chain to the log."""
    jobs.in_each_initiative("tell_heads", audit.tell_head)


@shared_task
def forget_answers() -> None:
    """Forget the answers to forms that nobody sends again."""
    idempotency.forget()


@shared_task
def forget_sessions() -> None:
    """Forget the sessions that have ended."""
    sessions.forget_ended()

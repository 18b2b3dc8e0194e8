"""What a worker of the ground does: run jobs. The handlers are where their work is."""

from celery import shared_task

from initiatives import jobs, notices

__all__ = ["notices", "run_job"]  # importing notices registers their sender


@shared_task(name=jobs.TASK)
def run_job(job_id: int) -> None:
    """Do one job, if it is still to be done."""
    jobs.run(job_id)

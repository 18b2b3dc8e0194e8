"""What did not work is tried again, or put aside, because somebody looked at it."""

from django.db import transaction

from initiatives import audit, jobs, notices
from initiatives.choices import NoticeState
from initiatives.models import Job, Membership, Notice


@transaction.atomic
def retry_job(*, actor: Membership, job: Job, again: bool = True) -> bool:
    """Have work done that was given up, or say that it need not be; False if it was seen to."""
    seen_to = bool(jobs.retry(job)) if again else jobs.set_aside(job)
    if seen_to:
        action = "initiatives.job_retried" if again else "initiatives.job_set_aside"
        audit.record(actor, action, job, attempts=job.attempts)
    return seen_to


@transaction.atomic
def retry_notice(*, actor: Membership, notice: Notice, again: bool = True) -> bool:
    """Send a letter that failed once more, or let it be; False if it was seen to."""
    if again:
        seen_to = notices.try_again(notice)
    else:
        failed = Notice.objects.failed().filter(pk=notice.pk)
        seen_to = bool(failed.update(state=NoticeState.CANCELLED, context={}))
    if seen_to:
        action = "initiatives.notice_retried" if again else "initiatives.notice_set_aside"
        audit.record(actor, action, notice)
    return seen_to

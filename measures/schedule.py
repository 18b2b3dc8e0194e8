"""The ticks of the measures. Each is harmless when it runs twice, or at once with another."""

from celery import shared_task

from initiatives import jobs
from measures import ledger
from measures.models import DirtyKey, Indicator
from measures.services import rounds, uploads


@shared_task
def sweep_rollups() -> None:
    """Ask for the rollups whose marks no worker was told of."""
    jobs.in_each_initiative("sweep_rollups", ask_where_marked)


@shared_task
def carry_stocks() -> None:
    """Mark the stocks that are carried forward: a period may have begun since yesterday."""
    jobs.in_each_initiative("carry_stocks", mark_carried)


@shared_task
def advance_rounds() -> None:
    """Move every initiative's rounds on to where the clock is."""
    jobs.in_each_initiative("advance_rounds", rounds.advance_rounds)


@shared_task
def refresh_rollups() -> None:
    """Mark everything once a day: organizations move between places without a fact changing."""
    jobs.in_each_initiative("refresh_rollups", ledger.mark_dirty)


@shared_task
def audit_rollups() -> None:
    """Compare a sample of the rollups with the arithmetic, once a day."""
    jobs.in_each_initiative("audit_rollups", ask_for_audit)


def ask_for_audit() -> None:
    jobs.enqueue("audit_rollups")


@shared_task
def sweep_files() -> None:
    """Delete files that were sent in and never imported."""
    jobs.in_each_initiative("sweep_files", uploads.sweep_files)


def ask_where_marked() -> None:
    if DirtyKey.objects.exists():
        jobs.enqueue("rollup")


def mark_carried() -> None:
    carried = Indicator.objects.filter(kind="stock", versions__carry__gt=0).distinct()
    if ids := list(carried.values_list("id", flat=True)):
        ledger.mark_dirty(ids)

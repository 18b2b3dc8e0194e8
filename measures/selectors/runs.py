"""By which run of the engine a number came about, and whether a newer one is on its way."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists

from measures.choices import ScopeKind
from measures.models import DirtyKey, Rollup, RollupRevision


@dataclass(frozen=True, slots=True)
class Run:
    """The run that wrote a number, beside the latest that changed any of the initiative's."""

    at: datetime
    latest_at: datetime | None
    number: int  # how often the initiative's numbers changed until the latest
    is_stale: bool  # something that it rests on changed since

    @property
    def is_latest(self) -> bool:
        """A run stamps all that it writes with one moment, and the count with it."""
        return self.at == self.latest_at


def run_of(row: Rollup) -> Run:
    """One query. Before anything was counted there is no latest run."""
    marks = DirtyKey.objects.filter(indicator_id=row.indicator_id)
    if row.scope == ScopeKind.ORGANIZATION:
        marks = marks.filter(organization_id=row.scope_id)
    latest = RollupRevision.objects.annotate(is_stale=Exists(marks)).first()
    if latest is None:
        return Run(row.computed_at, None, 0, marks.exists())
    return Run(row.computed_at, latest.changed_at, latest.number, latest.is_stale)

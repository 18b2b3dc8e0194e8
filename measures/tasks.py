"""What a worker does for the measures: recompute what is marked."""

from initiatives import jobs
from measures import rollups


@jobs.handles("rollup")
def drain_rollups() -> None:
    """Recompute the rollups marked in the initiative in scope; a second run finds nothing."""
    rollups.drain()

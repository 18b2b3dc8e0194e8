"""By what pages of numbers are known: how often the rollups changed, and who decided what last."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Subquery

from initiatives.models import Act, Initiative
from initiatives.tenancy import current_initiative_id
from measures.models import RollupRevision

LATEST = 64  # acts: one that commits after a later one is still among so many


def version_of_numbers(_request: Any) -> str:
    """Changes with every rollup and every act in the initiative in scope; empty before any rollup.

    Acts commit in another order than they are numbered, so the latest alone would not do. The
    rollups have a counter, which waits for who counts at the same time.
    """
    number, acts = (
        Initiative.objects.filter(pk=current_initiative_id())
        .values_list(
            Subquery(RollupRevision.objects.values("number")[:1]),
            ArraySubquery(Act.objects.order_by("-id").values("id")[:LATEST]),
        )
        .get()
    )
    return "" if number is None else f"{number}:{acts}"

"""Rows that come along with the row they belong to: in its query, where they cost none of their own.

``annotate(said=along(Reply.objects.filter(seat=OuterRef("pk"))))`` gives every seat its replies;
``rows_of(Reply, seat.said)`` makes them rows again.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import DEFAULT_DB_ALIAS
from django.db.models import F, QuerySet
from django.db.models.functions import JSONObject


def along(rows: QuerySet[Any], **joined: Any) -> ArraySubquery:
    """``rows``, whole and in their order; ``joined`` adds to each what stands in another table."""
    own = {each.attname: F(each.attname) for each in rows.model._meta.concrete_fields}
    return ArraySubquery(rows.values(along=JSONObject(**own, **joined)))


def rows_of(model: Any, found: Iterable[dict[str, Any]]) -> list[Any]:
    """What came along as rows of ``model``, with what was joined to them as plain attributes."""
    return [_row(model, each) for each in found]


def first_of(model: Any, found: Iterable[dict[str, Any]]) -> Any:
    """The only row of what came along, or the first; None without one."""
    return next(iter(rows_of(model, found)), None)


def _row(model: Any, values: dict[str, Any]) -> Any:
    fields = model._meta.concrete_fields
    plain = [each.to_python(values[each.attname]) for each in fields]
    made = model.from_db(DEFAULT_DB_ALIAS, [each.attname for each in fields], plain)
    for name in values.keys() - {each.attname for each in fields}:
        setattr(made, name, values[name])
    return made

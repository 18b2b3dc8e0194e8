"""Rows of many models in one query: what a page needs from everywhere is asked for at once.

Each queryset becomes a subquery that answers with its rows as JSON, and the rows become what they
were asked as: models with the relations of ``select_related`` and the annotations. A field that JSON
does not carry exactly (a decimal, bytes) is left out and read when somebody asks for it.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BooleanField,
    CharField,
    DateField,
    F,
    Field,
    ForeignKey,
    IntegerField,
    JSONField,
    Model,
    QuerySet,
    Subquery,
    TextField,
    UUIDField,
)

from initiatives.models import Initiative
from initiatives.tenancy import current_initiative_id

CARRIED = (BooleanField, CharField, DateField, IntegerField, JSONField, TextField, UUIDField)


class _Rows(Subquery):
    """All rows of a queryset, as the text of one JSON list; nothing where there are none."""

    template = "(SELECT json_agg(row_to_json(_row))::text FROM (%(subquery)s) _row)"
    output_field = TextField()


def together(querysets: Sequence["QuerySet[Any]"]) -> list[list[Any]]:
    """The rows of each of the querysets, in their order, with one query for any number of them.

    Asked with an initiative in scope. A queryset may be sliced, annotated and ordered; it is not one
    of ``values`` nor a union, and follows ``select_related`` forwards only.
    """
    if not querysets:
        return []
    shapes = [_Shape(each) for each in querysets]
    asked = {f"rows_{number}": _Rows(each.rows) for number, each in enumerate(shapes)}
    here = Initiative.objects.filter(pk=current_initiative_id())
    found = here.annotate(**asked).values_list(*asked).get()
    return [
        [shape.read(row) for row in json.loads(text or "[]")]
        for shape, text in zip(shapes, found, strict=True)
    ]


class _Shape:
    """What a row of a queryset consists of, and how it is made of its JSON."""

    def __init__(self, queryset: "QuerySet[Any]") -> None:
        query = queryset.query
        self.annotations = dict(query.annotation_select)
        related = query.select_related if isinstance(query.select_related, dict) else {}
        self.models = list(_models(queryset.model, related))
        named = {
            f"c{number}_{field.attname}": F("__".join([*path, field.attname]))
            for number, (path, model) in enumerate(self.models)
            for field in _fields(model)
        }
        self.rows = queryset.values(*self.annotations, **named)
        self.using = queryset.db

    def read(self, row: dict[str, Any]) -> Any:
        """The model with its relations and annotations."""
        made: dict[tuple[str, ...], Model | None] = {}
        for number, (path, model) in enumerate(self.models):
            made[path] = self._one(model, number, row)
            if path and (parent := made[path[:-1]]):
                parent._meta.get_field(path[-1]).set_cached_value(parent, made[path])  # type: ignore[union-attr]
        found: Any = made[()]
        for name, annotation in self.annotations.items():
            setattr(found, name, annotation.output_field.to_python(row[name]))
        return found

    def _one(self, model: type[Model], number: int, row: dict[str, Any]) -> Model | None:
        """One of the models of a row; None where the relation leads nowhere."""
        values = {each: row[f"c{number}_{each.attname}"] for each in _fields(model)}
        if values[model._meta.pk] is None:
            return None
        names = [each.attname for each in values]
        return model.from_db(self.using, names, [_python(*each) for each in values.items()])


def _models(
    model: type[Model], related: dict[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], type[Model]]]:
    """The model and those it is asked with, each after the one that leads to it."""
    yield path, model
    for name, further in related.items():
        to = model._meta.get_field(name).related_model
        yield from _models(to, further, (*path, name))  # type: ignore[arg-type]


def _fields(model: type[Model]) -> list["Field[Any, Any]"]:
    return [each for each in model._meta.concrete_fields if _is_carried(each)]


def _is_carried(field: "Field[Any, Any]") -> bool:
    if isinstance(field, ForeignKey):
        return _is_carried(field.target_field)
    if isinstance(field, ArrayField):
        return _is_carried(field.base_field)
    return isinstance(field, CARRIED)


def _python(field: "Field[Any, Any]", value: Any) -> Any:
    if value is None or isinstance(field, JSONField):
        return value
    return field.to_python(value)

"""The lattice of a breakdown: every combination of its dimensions' categories, and the margins."""

from collections.abc import Iterable, Sequence
from itertools import combinations, product

from django.utils.text import slugify
from django.utils.translation import gettext as _

from measures.models import (
    Category,
    Cell,
    CellLeaf,
    Dimension,
    Partition,
    PartitionDimension,
)

NOT_STATED = "not_stated"
Pick = tuple[tuple[Dimension, Category], ...]


def ensure_dimension(
    code: str, name: str, categories: Sequence[tuple[str, str, bool]]
) -> Dimension:
    """The dimension with these categories (code, name, whether it stands for *not stated*).

    One that lacks *not stated* gets it, so that what is left of a total has a place.
    """
    categories = list(categories)
    if not any(not_stated for _own, _label, not_stated in categories):
        categories.append((NOT_STATED, _("Not stated"), True))
    dimension, _made = Dimension.objects.get_or_create(
        code=code, defaults={"name": name, "initiative_id": Dimension.here().initiative_id}
    )
    Category.objects.bulk_create(
        [
            Category.here(
                dimension=dimension,
                code=own,
                name=label,
                position=position,
                is_not_stated=not_stated,
            )
            for position, (own, label, not_stated) in enumerate(categories)
        ],
        ignore_conflicts=True,
    )
    return dimension


def create_breakdown(name: str, categories: Sequence[str]) -> Dimension:
    """A dimension from the words for it and for its categories; *not stated* comes by itself."""
    code = free_code(name, Dimension.objects.values_list("code", flat=True), "breakdown")
    taken: list[str] = [NOT_STATED]
    given = []
    for each in categories:
        taken.append(free_code(each, taken, "category"))
        given.append((taken[-1], each, False))
    return ensure_dimension(code, name, given)


def free_code(name: str, taken: Iterable[str], otherwise: str) -> str:
    """A code made from a name, that is not among those taken."""
    base, found = slugify(name).replace("-", "_")[:34] or otherwise, set(taken)
    code, number = base, 1
    while code in found:
        number += 1
        code = f"{base}_{number}"
    return code


def ensure_partition(codes: Sequence[str]) -> Partition | None:
    """The complete set of cells over the dimensions ``codes``; None where there are none.

    Leaves name one category of each dimension; a margin leaves some dimensions out.
    """
    if not codes:
        return None
    name = ";".join(codes)
    partition: Partition | None = Partition.objects.filter(code=name).first()
    if partition is not None:
        return partition
    partition = Partition.here(code=name)
    partition.save()
    by_code = {each.code: each for each in Dimension.objects.filter(code__in=codes)}
    dimensions = [by_code[code] for code in codes]
    PartitionDimension.objects.bulk_create(
        PartitionDimension.here(partition=partition, dimension=each, position=position)
        for position, each in enumerate(dimensions)
    )
    _fill(partition, dimensions)
    return partition


def _fill(partition: Partition, dimensions: Sequence[Dimension]) -> None:
    choices = {each.pk: list(each.categories.all()) for each in dimensions}
    picks: list[Pick] = [
        tuple(zip(some, chosen, strict=True))
        for size in range(len(dimensions), 0, -1)
        for some in combinations(dimensions, size)
        for chosen in product(*(choices[each.pk] for each in some))
    ]
    cells = Cell.objects.bulk_create(
        Cell.here(
            partition=partition,
            key=";".join(f"{dimension.code}={category.code}" for dimension, category in pick),
            name=", ".join(category.name for _dim, category in pick),
            is_leaf=len(pick) == len(dimensions),
            is_not_stated=len(pick) == len(dimensions)
            and all(category.is_not_stated for _dim, category in pick),
            position=position,
        )
        for position, pick in enumerate(picks)
    )
    named = [
        (cell, frozenset(category.pk for _dim, category in pick))
        for cell, pick in zip(cells, picks, strict=True)
    ]
    leaves = [(cell, categories) for cell, categories in named if cell.is_leaf]
    CellLeaf.objects.bulk_create(
        CellLeaf.here(cell=cell, leaf=leaf)
        for cell, categories in named
        for leaf, all_of in leaves
        if categories <= all_of
    )

"""Tables with one column per indicator: each number becomes a record of its own."""

from collections.abc import Iterator, Mapping, Sequence

from measures.imports.columns import PARTS
from measures.imports.problems import Record

ADDED = ("indicator_code", *PARTS)


def added_columns(width: int) -> dict[str, int]:
    """Where the records that ``spread`` makes have what the file has no column for."""
    return {name: width + place for place, name in enumerate(ADDED)}


def spread(records: Iterator[Record], wide: Mapping[str, Mapping[str, int]]) -> Iterator[Record]:
    """A record for each indicator that a line has a number of, with that behind its cells.

    An empty cell says nothing, so that a line of one group may leave out what is not broken down.
    A line without any number is told once, as one of the first indicator.
    """
    places = [(code, [parts.get(part) for part in PARTS]) for code, parts in wide.items()]
    for record in records:
        if record.problem is not None:
            yield record
            continue
        if not any(cell.strip() for cell in record.cells):
            yield record._replace(cells=[])
            continue
        said = [
            (code, numbers)
            for code, where in places
            if any(numbers := _numbers(record.cells, where))
        ]
        for code, numbers in said or [(places[0][0], [""] * len(PARTS))]:
            yield record._replace(cells=[*record.cells, code, *numbers])


def _numbers(cells: Sequence[str], where: Sequence[int | None]) -> list[str]:
    return [cells[place].strip() if place is not None else "" for place in where]

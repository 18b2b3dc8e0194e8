"""Numbers as CSV: sent while they are read, and inert for the spreadsheet that opens them."""

import csv
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from initiatives.models import Membership, Organization, Place
from initiatives.tenancy import scope
from measures.arithmetic.texts import plain
from measures.choices import ScopeKind
from measures.models import Indicator, Rollup, ShareLink

HEADINGS = (
    *("indicator", "unit", "period", "starts on", "ends before", "scope", "scope code"),
    *("scope name", "group", "value", "numerator", "denominator", "expected", "reported"),
    *("late", "estimated", "suppressed", "status", "definition in force from", "computed at"),
)
AT_ONCE = 2_000


class Named(NamedTuple):
    code: str
    name: str


class Line:
    """A file that hands each line on instead of keeping it."""

    def write(self, text: str) -> str:
        return text


def lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    writer = csv.writer(Line(), lineterminator="\r\n")
    yield "\ufeff" + writer.writerow(HEADINGS)
    for row in rows:
        yield writer.writerow([plain(field) for field in row])


def answer(
    name: str, initiative_id: int, rows: Callable[[], Iterable[Iterable[object]]]
) -> StreamingHttpResponse:
    """A file of ``rows()``, which is read in a scope of its own while it is sent."""

    def sent() -> Iterator[str]:
        with scope(initiative_id):
            yield from lines(rows())

    response = StreamingHttpResponse(sent(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def numbers_for(membership: Membership, indicator: Indicator) -> StreamingHttpResponse:
    """All that a member may see of an indicator: every scope, period and group."""

    def rows() -> Iterator[list[object]]:
        visible = Rollup.objects.visible_to(membership).filter(indicator_id=indicator.pk)
        yield from rows_of(indicator, visible, slug=membership.initiative.slug)

    return answer(f"{membership.initiative.slug}-{indicator.pk}", membership.initiative_id, rows)


def numbers_shared(share: ShareLink, indicator: Indicator) -> StreamingHttpResponse:
    """What a reader without an account sees: the whole, by period."""

    def rows() -> Iterator[list[object]]:
        whole = Rollup.objects.of_several().filter(
            indicator_id=indicator.pk, scope=ScopeKind.INITIATIVE, cell=None
        )
        yield from rows_of(indicator, whole, slug=share.initiative.slug)

    return answer(f"{share.initiative.slug}-{indicator.pk}", share.initiative_id, rows)


def rows_of(indicator: Indicator, rollups: QuerySet[Any], *, slug: str) -> Iterator[list[object]]:
    """Rollups with the names that people know, oldest period first."""
    places = {row[0]: Named(*row[1:]) for row in Place.objects.values_list("id", "code", "name")}
    organizations = {
        row[0]: Named(*row[1:]) for row in Organization.objects.values_list("id", "code", "name")
    }
    named = {ScopeKind.PLACE: places, ScopeKind.ORGANIZATION: organizations}
    found = rollups.order_by("period__starts_on", "period_id", "scope", "scope_id", "cell_id")
    for row in found.values_list(
        *("period__code", "period__starts_on", "period__ends_on", "scope", "scope_id"),
        *("cell__name", "value", "numerator", "denominator", "expected", "reported", "late"),
        *("estimated", "suppressed", "status", "version__effective_from", "computed_at"),
    ).iterator(chunk_size=AT_ONCE):
        period, starts_on, ends_on, kind, scope_id, *numbers = row
        who = named.get(kind, {}).get(scope_id) or Named(slug, "")
        computed_at = numbers.pop().isoformat(timespec="seconds")
        yield [
            *(indicator.code, indicator.unit, period, starts_on, ends_on, kind, *who),
            *numbers,
            computed_at,
        ]

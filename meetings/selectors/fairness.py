"""Whose proposals get through: by sector, by organization, and one's own one by one.

Every proposal is counted once, as what became of it: an item that moved from meeting to meeting is
the last of its copies. What the backbone puts on agendas is counted apart, whatever its sector.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives.choices import OrganizationKind, sector_label
from initiatives.models import Membership
from initiatives.permissions import Permission
from meetings.choices import IN_FORCE, ItemState
from meetings.models import AgendaItem, Body, Decision, Interest

DAYS = 730
TAKEN = (ItemState.ACCEPTED, ItemState.SCHEDULED, ItemState.DEALT_WITH)
MOST = 50  # own proposals that a page lists


@dataclass
class Line:
    """What became of the proposals of an organization, a sector, or all."""

    name: str
    proposed: int = 0
    waiting: int = 0  # nobody took them up or declined them yet
    taken: int = 0  # on an agenda, waiting for one, or dealt with
    declined: int = 0
    asked: int = 0  # questions to decide that were put on them
    decided: int = 0
    gains: int = 0  # decisions in force from which they said, or others, that they gain

    @property
    def answered(self) -> int:
        return self.taken + self.declined

    @property
    def percent(self) -> int:
        """How many of a hundred answered proposals were taken up."""
        return round(100 * self.taken / self.answered) if self.answered else 0

    def add(self, other: dict[str, int]) -> None:
        for name, number in other.items():
            setattr(self, name, getattr(self, name) + number)


@dataclass(frozen=True)
class Ledger:
    """The page, as far as a member may see it."""

    since: date
    whole: Line
    sectors: list[Line]  # empty for who sees their own alone
    organizations: list[Line]  # for who compares
    own: Line | None
    proposals: list[Any] = field(default_factory=list)  # one's own items, the latest first
    gains: list[Decision] = field(default_factory=list)  # decisions in force from which one gains

    @property
    def is_empty(self) -> bool:
        return not (self.whole.proposed or self.whole.gains)


def fairness_ledger(
    membership: Membership, *, body: Body | None = None, days: int = DAYS
) -> Ledger:
    """The ledger of the last ``days``: six queries, however many proposals there are."""
    since = timezone.localdate() - timedelta(days=days)
    found = list(_counted(since, body))
    own = [each for each in found if each["pk"] == membership.organization_id]
    sees_sectors = membership.may(Permission.FAIRNESS_SECTORS)
    compares = membership.may(Permission.FAIRNESS_COMPARE)
    serves = membership.is_backbone
    return Ledger(
        since=since,
        whole=_sum("", found) if sees_sectors else _sum("", own),
        sectors=_lines(found, _sector) if sees_sectors else [],
        organizations=_lines(found, lambda each: str(each["name"])) if compares else [],
        own=None if serves else _sum(membership.organization.name, own),
        proposals=[] if serves else _proposals(membership, since, body),
        gains=[] if serves else _gains(membership, since, body),
    )


def counted_once() -> Q:
    """The items that stand for a proposal: not those that a copy took over, nor a copy that was
    closed because the question was decided on the one before.
    """
    decided_before = Q(state=ItemState.DECLINED, carried_from__state=ItemState.DEALT_WITH)
    return ~Q(state=ItemState.CARRIED) & ~decided_before


def _within(since: date, body: Body | None, at: str, to_body: str = "body") -> Q:
    rows = Q(**{f"{at}__date__gte": since})
    return rows if body is None else rows & Q(**{to_body: body})


def _counted(since: date, body: Body | None) -> Iterable[dict[str, Any]]:
    """By organization: ``pk``, ``name``, ``kind``, ``sector``, and the numbers of a ``Line``."""
    items = AgendaItem.objects.filter(counted_once(), _within(since, body, "created_at"))
    put = Decision.objects.filter(_within(since, body, "created_at"), item__isnull=False)
    gains = _in_force(since, body)
    yield from _of(
        items,
        "proposer",
        proposed=Count("id"),
        waiting=Count("id", filter=Q(state=ItemState.PROPOSED)),
        taken=Count("id", filter=Q(state__in=TAKEN)),
        declined=Count("id", filter=Q(state=ItemState.DECLINED)),
    )
    yield from _of(
        put,
        "item__proposer",
        asked=Count("id"),
        decided=Count("id", filter=Q(number__isnull=False)),
    )
    yield from _of(gains, "organization", gains=Count("id"))


def _of(rows: Any, whose: str, **numbers: Any) -> Iterable[dict[str, Any]]:
    names = {"pk": "id", "name": "name", "kind": "kind", "sector": "sector"}
    ways = {name: F(f"{whose}__{column}") for name, column in names.items() if name != "pk"}
    # Under names of their own: the table that is counted may have a column of the same name.
    found = rows.order_by().values(
        whose_id=F(f"{whose}__id"), **{f"whose_{n}": way for n, way in ways.items()}
    )
    for each in found.annotate(**{f"n_{name}": number for name, number in numbers.items()}):
        yield {
            "pk": each["whose_id"],
            "name": each["whose_name"],
            "kind": each["whose_kind"],
            "sector": each["whose_sector"],
            "numbers": {name: each[f"n_{name}"] for name in numbers},
        }


def _in_force(since: date, body: Body | None) -> Any:
    return Interest.objects.filter(
        _within(since, body, "decision__decided_at", "decision__body"),
        is_beneficiary=True,
        decision__number__isnull=False,
        decision__state__in=IN_FORCE,
    )


def _sector(each: dict[str, Any]) -> str:
    if each["kind"] == OrganizationKind.BACKBONE:
        return _("The backbone")
    return sector_label(each["sector"])


def _sum(name: str, found: Iterable[dict[str, Any]]) -> Line:
    line = Line(name)
    for each in found:
        line.add(each["numbers"])
    return line


def _lines(found: list[dict[str, Any]], named: Callable[[dict[str, Any]], str]) -> list[Line]:
    by_name: dict[str, list[dict[str, Any]]] = {}
    for each in found:
        by_name.setdefault(named(each), []).append(each)
    return [_sum(name, by_name[name]) for name in sorted(by_name, key=str.casefold)]


def _proposals(membership: Membership, since: date, body: Body | None) -> list[Any]:
    rows = AgendaItem.objects.visible_to(membership).filter(
        counted_once(), _within(since, body, "created_at"), proposer=membership.organization_id
    )
    return list(
        rows.select_related("body", "meeting__series").order_by("-created_at", "-id")[:MOST]
    )


def _gains(membership: Membership, since: date, body: Body | None) -> list[Decision]:
    named = _in_force(since, body).filter(organization=membership.organization_id)
    rows = Decision.objects.visible_to(membership).filter(pk__in=named.values("decision_id"))
    return list(rows.select_related("outcome").order_by("-year", "-number")[:MOST])

"""The counting rule, by its cases and against a slow count of seconds."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from meetings.arithmetic.attendance import (
    Came,
    Status,
    Stretch,
    Terms,
    count,
    is_enough,
    merged,
    overlap,
)

START = datetime(2027, 1, 5, 13, 0, tzinfo=UTC)


def at(minute):
    return START + timedelta(minutes=minute)


def there(*pairs):
    return tuple(Stretch(at(a), at(b)) for a, b in pairs)


ITEMS = there((0, 60))
BRIEFED = {"briefed_at": at(-30), "delegate_level": "management"}
CASES = [
    (Came(holder=there((0, 60))), True, Status.PRESENT),
    (Came(holder=there((0, 30))), True, Status.PRESENT),
    (Came(holder=there((0, 29))), False, Status.TOO_SHORT),
    (Came(holder=there((0, 15), (40, 55))), True, Status.PRESENT),
    (Came(holder=there((-60, 0))), False, Status.TOO_SHORT),
    (Came(), False, Status.ABSENT),
    (Came(has_given_notice=True), False, Status.WITH_NOTICE),
    (Came(delegate=there((0, 60)), **BRIEFED), True, Status.BY_DELEGATE),
    (Came(delegate=there((0, 60))), False, Status.UNBRIEFED),
    (Came(delegate=there((0, 60)), needs_briefing=False), True, Status.BY_DELEGATE),
    (Came(delegate=there((0, 60)), briefed_at=at(0)), False, Status.BRIEFED_LATE),
    (Came(delegate=there((0, 60)), briefed_at=at(5)), False, Status.BRIEFED_LATE),
    (
        Came(delegate=there((0, 60)), briefed_at=at(-1), delegate_level="frontline"),
        False,
        Status.BELOW_LEVEL,
    ),
    (Came(delegate=there((0, 60)), **BRIEFED, delegations_before=1), True, Status.BY_DELEGATE),
    (Came(delegate=there((0, 60)), **BRIEFED, delegations_before=2), False, Status.OVER_LIMIT),
    (Came(holder=there((0, 40)), delegate=there((0, 60))), True, Status.PRESENT),
]


@pytest.mark.parametrize(("came", "counted", "status"), CASES)
def test_the_rule_by_its_cases(came, counted, status):
    verdict = count(came, ITEMS, START, Terms(minimum_level="management"))
    assert (verdict.counted, verdict.status) == (counted, status)
    assert verdict.by_delegate == (status.value in {*DELEGATED})


DELEGATED = {"by_delegate", "present_unbriefed", "briefed_late", "below_level", "over_limit"}


def test_where_only_the_holder_counts_no_delegate_does():
    came = Came(delegate=there((0, 60)), **BRIEFED)
    verdict = count(came, ITEMS, START, Terms(takes_delegates=False))
    assert verdict == (False, Status.NO_DELEGATES, "management", True)


def test_the_level_shown_is_of_who_came():
    holder = Came(holder=there((0, 60)), level="executive", delegate_level="frontline")
    assert count(holder, ITEMS, START, Terms()).level == "executive"
    sent = Came(delegate=there((0, 60)), briefed_at=at(-1), delegate_level="frontline")
    assert count(sent, ITEMS, START, Terms()).level == "frontline"


def test_of_a_meeting_without_items_any_presence_is_enough():
    assert is_enough(there((0, 1)), [])
    assert not is_enough([], [])


STRETCHES = st.lists(
    st.tuples(st.integers(0, 90), st.integers(0, 90)).map(lambda p: tuple(sorted(p))), max_size=6
)


def minutes(pairs):
    return {m for a, b in pairs for m in range(a, b)}


@given(STRETCHES, STRETCHES)
def test_overlaps_are_those_counted_minute_by_minute(one, other):
    a, b = there(*one), there(*other)
    assert overlap(a, b) == 60 * len(minutes(one) & minutes(other))
    assert overlap(a, b) == overlap(b, a)
    whole = minutes(other)
    slow = bool(minutes(one)) and 2 * len(minutes(one) & whole) >= len(whole)
    assert is_enough(a, b) == slow


@given(STRETCHES)
def test_merged_stretches_do_not_touch(pairs):
    found = merged(there(*pairs))
    assert all(x.end < y.start for x, y in pairwise(found))
    assert minutes(pairs) == {
        m for each in found for m in minutes([(_minute(each.start), _minute(each.end))])
    }


def _minute(moment):
    return int((moment - START).total_seconds() // 60)


@given(STRETCHES, STRETCHES, st.booleans(), st.integers(0, 4))
def test_more_presence_never_counts_less(holder, more, briefed, before):
    terms = Terms()
    extra = {"briefed_at": at(-5) if briefed else None, "delegations_before": before}
    first = count(Came(holder=there(*holder), **extra), ITEMS, START, terms)
    second = count(Came(holder=there(*holder, *more), **extra), ITEMS, START, terms)
    assert second.counted >= first.counted

"""How far views lie apart: between 0 and 1, the same from every direction, nothing where all agree."""

from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from agenda.arithmetic.divergence import (
    Measured,
    View,
    distance,
    measure,
    same_issue_index,
    two_sides,
)

WORDS = st.frozensets(st.sampled_from(["a", "b", "c", "d", "e"]), min_size=1)
IMPORTANCE = st.integers(0, 3)
LISTS = st.builds(View, importance=IMPORTANCE, chosen=WORDS)
NUMBERS = st.builds(View, importance=IMPORTANCE, number=st.fractions(0, 25, max_denominator=4))
FACET = st.one_of(st.lists(LISTS, max_size=8), st.lists(NUMBERS, max_size=8))


def chosen(words, importance=1):
    return View(importance, frozenset(words))


def number(value, importance=1):
    return View(importance, number=Fraction(value))


@given(FACET)
def test_divergence_and_index_are_bounded(views):
    measured = measure(views)
    index = same_issue_index([measured])
    assert measured.divergence is None or 0 <= measured.divergence <= 1
    assert 0 <= measured.importance <= 3
    assert index is None or 0 <= index <= 1


@given(FACET, st.randoms())
def test_no_order_changes_anything(views, random):
    shuffled = list(views)
    random.shuffle(shuffled)
    assert measure(views) == measure(shuffled)


@given(st.lists(FACET, max_size=5), st.randoms())
def test_no_order_of_facets_changes_the_index(facets, random):
    measured = [measure(each) for each in facets]
    index = same_issue_index(measured)
    random.shuffle(measured)
    assert same_issue_index(measured) == index


@given(st.one_of(st.tuples(LISTS, LISTS), st.tuples(NUMBERS, NUMBERS)))
def test_distance_is_symmetric(pair):
    one, other = pair
    span = Fraction(25)
    assert distance(one, other, span) == distance(other, one, span)
    assert distance(one, one, span) == 0


@given(LISTS, st.integers(2, 6))
def test_all_alike_is_one_issue(view, times):
    measured = measure([view] * times)
    assert measured.divergence == 0
    assert same_issue_index([measured]) == 1


@given(FACET, LISTS)
def test_who_finds_it_unimportant_changes_no_divergence(views, view):
    silent = View(0, chosen=view.chosen) if all(e.number is None for e in views) else None
    if silent and sum(each.importance > 0 for each in views) > 1:
        assert measure([*views, silent]).divergence == measure(views).divergence


def test_jaccard_and_range():
    assert distance(chosen("ab"), chosen("bc"), Fraction(0)) == Fraction(2, 3)
    assert distance(number(5), number(15), Fraction(25)) == Fraction(2, 5)
    assert distance(number(5), number(5), Fraction(0)) == 0


def test_one_view_is_compared_with_nothing():
    assert measure([chosen("a")]).divergence is None
    assert same_issue_index([measure([chosen("a")]), measure([])]) is None


def test_importance_weighs():
    apart = measure([chosen("a", 3), chosen("b", 3), chosen("a", 1)])
    # pairs: a-b 9·1, a-a 3·0, b-a 3·1 of 15
    assert apart.divergence == Fraction(12, 15)


def test_six_early_literacy_organizations():
    """The design's example: four of six name reading as a goal, a third of the issue is shared."""
    facets = {"cause": ".85", "population": ".75", "goal": ".64", "place": ".60", "horizon": ".38"}
    alike = [Measured(Fraction(each), Fraction(2)) for each in facets.values()]
    assert same_issue_index(alike) == pytest.approx(0.356, abs=0.001)
    weighed = [
        Measured(Fraction(each), Fraction(weight))
        for each, weight in zip(facets.values(), ("2.8", "2.5", "3", "2", "1.9"), strict=True)
    ]
    assert round(float(same_issue_index(weighed)), 2) == 0.34


@given(
    st.one_of(st.lists(LISTS, min_size=2, max_size=8), st.lists(NUMBERS, min_size=2, max_size=8))
)
def test_two_sides_part_what_lies_farthest_apart(views):
    sides = two_sides(views)
    assert len(sides) == len(views)
    assert set(sides) <= {0, 1}
    if measure(views).divergence:
        assert set(sides) == {0, 1}

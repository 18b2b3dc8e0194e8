"""Whether it is working, in a sentence."""

from decimal import Decimal

import pytest

from measures.selectors.aims import Start
from measures.selectors.answers import is_it_working
from tests.measures.test_figures import figure, goal, point

MET = {"points": (50,), "reported": 2}
OPEN = {"points": (35,), "reported": 2}
EARLY = {"points": (35,), "reported": 1}
WORSE = {"points": (20,), "reported": 2}


MANY = {"points": (50,), "reported": 9, "expected": 10, "kind": "ratio"}


def told(points, reported, expected=2, kind="count"):
    amounts = [point(2024, each, reported=reported, expected=expected) for each in points]
    return figure(*amounts, kind=kind, goals=(goal(2024, 45),), baseline=Start("2020", Decimal(30)))


@pytest.mark.parametrize(
    ("figures", "answer"),
    [
        ([], ""),
        ([MET], "The target is met."),
        ([MET, MET], "All 2 targets are met."),
        ([MANY], "The target is met so far."),
        ([MET, MANY, OPEN], "2 of 3 targets are met so far."),
        ([MET, OPEN], "1 of 2 targets is met."),
        ([OPEN], "The target is not met yet."),
        ([OPEN, EARLY], "None of the 2 targets is met yet; for 1 it is too early to say."),
        (
            [MET, MET, WORSE, EARLY],
            "2 of 4 targets are met; for 1 it is too early to say; 1 is farther away than at the start.",
        ),
        (
            [EARLY],
            "It is too early to say whether the target is met: not enough have reported.",
        ),
        (
            [EARLY, EARLY],
            "It is too early to say whether any of the 2 targets is met: not enough have reported.",
        ),
    ],
)
def test_what_became_of_the_targets_is_said(figures, answer):
    assert is_it_working([told(**each) for each in figures]) == answer


def test_a_number_without_a_target_in_force_answers_nothing():
    assert not is_it_working(
        [figure(point(2024, 5)), figure(point(2024, 5), goals=(goal(2025, 9),))]
    )

"""What waits for whom: submissions to write for reporters, submissions to review for who collects."""

import pytest

from initiatives import today
from initiatives.tenancy import scope
from measures.services import submissions
from tests.measures.test_submissions import World, Written

pytestmark = pytest.mark.django_db(transaction=True)


def texts(membership):
    return [(each.text, each.note, each.number) for each in today.waiting(membership)]


def test_a_submission_waits_for_its_writer_then_for_its_reviewer():
    world = World()
    with scope(world.initiative.pk):
        assert texts(world.reporter) == [("Report 2025", "2 numbers", 1)]
        assert texts(world.keeper) == [("2025: 1 organization has not handed in", "", 1)]
        world.save(Written(world.count.pk, value=5))
        world.submit()
        assert texts(world.reporter) == []
        assert texts(world.keeper) == [("Review the numbers of 2025", "1 form waits for you", 1)]
        submissions.return_submission(
            actor=world.keeper, submission=world.submission, reason="Count again"
        )
        assert texts(world.reporter) == [("Look again at 2025", "Count again", 1)]
        assert texts(world.keeper) == [("2025: 1 organization has not handed in", "", 1)]

"""One group alone is not all there is: the form asks for the rest, the number says what it rests on."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from initiatives.tenancy import scope
from measures import rollups
from measures.models import Cell, CellLeaf, Partition
from measures.services.checks import findings_of
from measures.services.submissions import Written
from tests.measures.test_submissions import World

pytestmark = pytest.mark.django_db(transaction=True)
GAPS = "count as all there is"
SAID = "One organization gave some groups and no total"


@pytest.fixture
def world():
    made = World()
    with scope(made.initiative.pk):
        partition = made.row(Partition, code="sex")
        for name in ("Women", "Men", "Not stated"):
            cell = made.row(
                Cell,
                partition=partition,
                key=f"sex={name}",
                name=name,
                is_not_stated=name == "Not stated",
            )
            made.row(CellLeaf, cell=cell, leaf=cell)
            setattr(made, name.split()[0].lower(), cell.pk)
        made.count.partition = partition
        made.count.save()
    return made


def given(world, cell, value, **more):
    return Written(world.count.pk, cell, value=Decimal(value), **more)


def texts(world):
    return [each.text for each in findings_of(world.submission)]


def test_some_groups_without_a_total_need_a_word(world):
    with scope(world.initiative.pk):
        world.save(given(world, world.women, 3))
        (found,) = findings_of(world.submission)
        assert found.is_warning
        assert GAPS in found.text
        assert "nothing is said of Men." in found.text
        with pytest.raises(ValidationError, match=GAPS):
            world.submit()
        world.save(given(world, world.women, 3, note="Men are counted elsewhere"))
        world.submit()
        assert world.submission.state == "submitted"


def test_with_the_total_or_all_groups_nothing_is_asked(world):
    with scope(world.initiative.pk):
        world.save(given(world, world.women, 3), given(world, None, 9))
        assert texts(world) == []
        world.save(Written(world.count.pk), given(world, world.men, 6))
        assert texts(world) == []


def test_who_says_that_a_group_has_no_number_is_not_asked(world):
    with scope(world.initiative.pk):
        world.save(
            given(world, world.women, 3), Written(world.count.pk, world.men, status="missing")
        )
        assert texts(world) == []


def test_a_form_that_nobody_wrote_on_is_not_asked(world):
    with scope(world.initiative.pk):
        assert texts(world) == []


@pytest.mark.parametrize(("also", "is_said"), [("men", False), ("", True), (None, False)])
def test_how_it_was_computed_says_that_a_number_rests_on_some_groups(client, world, also, is_said):
    written = [given(world, world.women, 3, note="Only they were counted")]
    if also is None:
        written.append(given(world, None, 9, note="And all"))
    elif also:
        written.append(given(world, getattr(world, also), 4))
    with scope(world.initiative.pk):
        world.save(*written)
        world.submit()
        world.accept()
        rollups.drain()
    client.force_login(world.keeper.user)
    page = reverse("measures:computed", args=["here", world.count.pk, world.period.pk])
    for query in ("", f"?organization={world.org.pk}"):
        assert (SAID in client.get(page + query).content.decode()) == is_said
    of_group = client.get(f"{page}?cell={world.women}").content.decode()
    assert SAID not in of_group

"""Each act of the agenda is told in words."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from agenda.choices import AmendmentState, DifferenceState, TermState
from initiatives.templatetags.acts import WORDS

JOBS = {"agenda.compare_positions", "agenda.find_uses", "agenda.settle"}
STEPS = {
    "amendment": set(AmendmentState) - {"draft", "evaluating"},
    "difference": set(DifferenceState) - {"resolved"},
    "term": set(TermState) - {"candidate"},
}


def said() -> set[str]:
    """Every act that a service of the agenda may record."""
    sources = "".join(
        each.read_text() for each in Path(settings.BASE_DIR, "agenda/services").rglob("*.py")
    )
    found = set(re.findall(r'"(agenda\.[a-z_]+)"', sources)) - JOBS
    computed = set(re.findall(r'f"agenda\.([a-z]+)_\{(?:state|to)\}"', sources))
    assert computed == set(STEPS)
    assert len(re.findall(r'f"agenda\.', sources)) == len(computed) + 1  # and drafted or proposed
    found |= {f"agenda.{what}_{step}" for what, steps in STEPS.items() for step in steps}
    return found | {"agenda.amendment_drafted", "agenda.amendment_proposed"}


@pytest.mark.parametrize("action", sorted(said()))
def test_an_act_has_words(action):
    assert action in WORDS


def test_no_words_for_what_nobody_does():
    assert {each for each in WORDS if each.startswith("agenda.")} <= said()

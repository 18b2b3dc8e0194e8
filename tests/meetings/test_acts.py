"""What is done in meetings is told in words people would use, each act in its own."""

import ast
from pathlib import Path

import meetings
from initiatives.templatetags.acts import WORDS

# What an act is called by a state that is written down with it.
BY_STATE = {
    "meetings.action_": {"claimed_done", "accepted"},
    "meetings.decision_": {"reaffirmed", "revoked"},
    "meetings.delegation_": {"lapsed", "void"},
}


def acts():
    """The names of all acts that the services of meetings write down."""
    for path in sorted(Path(meetings.__path__[0]).rglob("services/*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"record", "_stored"}:
                yield from names_in(node)


def names_in(call):
    for each in call.args:
        for part in ast.walk(each):
            if isinstance(part, ast.JoinedStr):
                head = part.values[0].value
                yield from (head + state for state in BY_STATE[head])
            elif str(getattr(part, "value", "")).startswith("meetings."):
                yield from {part.value} - set(BY_STATE)


def test_every_act_of_meetings_has_words_of_its_own():
    found = set(acts())
    assert {"meetings.decided", "meetings.action_claimed_done", "meetings.series_given"} <= found
    assert found - set(WORDS) == set()
    said = [str(WORDS[each]) for each in found]
    assert len(set(said)) == len(said)

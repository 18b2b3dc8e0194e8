"""Which passwords are refused: those that others try first, in whatever disguise."""

import hashlib
import time

import pytest
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    get_default_password_validators,
    validate_password,
)
from django.core.exceptions import ImproperlyConfigured, ValidationError
from hypothesis import given, settings as runs, strategies as st

from initiatives.models import User
from initiatives.passwords import CommonCoreValidator, LeakedValidator

SHORTEST = 12
WORN = [
    *("Password12345", "password1234!", "P@ssw0rd1234", "monkeymonkey", "monkey-monkey-monkey"),
    *("Dragon!!Dragon!!", "Passw0rd Passw0rd", "abc123abc123", "iloveyou2026", "letmein!!!!!!!"),
    *("123456789012", "202611292026", "000000000000", "!!!!!!!!!!!!", "ababababcabc"),
    *("Concert2026!!", "concertconcert", "!!!Backbone123"),
]
GOOD = [
    *("a quiet choir sings", "correct horse battery staple", "k3vin.likes.trees"),
    *("JQlMCxuIL9XH", "83649201-monkey-77120934", "monkeys eat my blue hat", "übung macht den"),
]


@pytest.mark.parametrize("password", WORN)
def test_a_common_password_in_disguise_is_refused(password):
    assert len(password) >= SHORTEST
    with pytest.raises(ValidationError) as refused:
        CommonCoreValidator().validate(password)
    assert refused.value.code == "password_too_common"


@pytest.mark.parametrize("password", GOOD)
def test_others_are_taken(password):
    validate_password(password, User(email="mia@example.org", name="Mia"))


def test_three_thousand_common_ones_of_our_length_are_refused():
    """ASVS V6.2.4 counts those that the other rules would let through."""
    ours, common = CommonCoreValidator(), CommonPasswordValidator().passwords
    long_enough = {f"{word}{'2026!' if len(word) >= 7 else word}" for word in common}
    refused = sum(is_refused(ours, each) for each in long_enough if len(each) >= SHORTEST)
    assert refused > 3_000


def is_refused(validator, password):
    try:
        validator.validate(password)
    except ValidationError:
        return True
    return False


@pytest.mark.parametrize("letters", ["ab", "x1", "1", "ab "])
def test_a_password_without_end_is_judged_at_once(letters):
    began = time.monotonic()
    is_refused(CommonCoreValidator(), letters * 1_000_000 + "z")
    assert time.monotonic() - began < 2


def line(password, count=3):
    return f"{hashlib.sha1(password.encode()).hexdigest().upper()}:{count}"  # noqa: S324


@pytest.fixture
def leaked(tmp_path, settings):
    def write(passwords, end="\n"):
        path = tmp_path / "leaked.txt"
        path.write_text(end.join(sorted(map(line, passwords))) + end)
        settings.LEAKED_PASSWORDS = str(path)
        get_default_password_validators.cache_clear()
        return LeakedValidator()

    yield write
    get_default_password_validators.cache_clear()


def finds(validator, password):
    try:
        validator.validate(password)
    except ValidationError as error:
        return error.code == "password_leaked"
    return False


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_each_of_a_list_of_stolen_ones_is_found_and_no_other(leaked, size, end):
    stolen = [f"stolen sentence {n}" for n in range(size)]
    validator = leaked(stolen, end)
    assert all(finds(validator, each) for each in stolen)
    assert not any(finds(validator, f"another sentence {n}") for n in range(200))


def test_a_stolen_one_is_refused_wherever_one_is_chosen(leaked):
    leaked(["a quiet choir sings"])
    with pytest.raises(ValidationError, match="stolen"):
        validate_password("a quiet choir sings", User(email="mia@example.org"))
    validate_password("another quiet choir sings", User(email="mia@example.org"))


def test_without_a_list_nothing_is_looked_up_and_a_missing_one_is_told(settings, tmp_path):
    settings.LEAKED_PASSWORDS = ""
    assert not finds(LeakedValidator(), "a quiet choir sings")
    settings.LEAKED_PASSWORDS = str(tmp_path / "nowhere.txt")
    with pytest.raises(ImproperlyConfigured):
        LeakedValidator()


@runs(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_whatever_is_typed_is_judged_and_no_error(password):
    try:
        CommonCoreValidator().validate(password)
    except ValidationError:
        return

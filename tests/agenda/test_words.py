"""Terms are found as whole words in any script, the longest first, and nothing gets lost."""

import unicodedata

from hypothesis import given, strategies as st

from agenda.arithmetic.words import split_by_terms


def found(text, *terms):
    pieces = split_by_terms(text, [(term, number) for number, term in enumerate(terms)])
    return [each.text for each in pieces if each.key is not None]


@given(st.text(max_size=60), st.lists(st.text(max_size=6), max_size=5))
def test_put_together_the_pieces_are_the_text(text, terms):
    pieces = list(split_by_terms(text, [(term, number) for number, term in enumerate(terms)]))
    assert "".join(each.text for each in pieces) == unicodedata.normalize("NFC", text)


def test_whole_words_only():
    assert found("A home, homes and homeless people", "home") == ["home"]
    assert found("rehome home_less home", "home") == ["home"]


def test_the_longest_comes_first():
    assert found(
        "chronic homelessness is homelessness", "homelessness", "chronic homelessness"
    ) == [
        "chronic homelessness",
        "homelessness",
    ]
    assert found("homeless veterans", "homeless", "homeless veteran") == ["homeless"]


def test_capitals_do_not_matter_and_are_kept():
    assert found("Veterans and VETERANS", "veterans") == ["Veterans", "VETERANS"]


def test_in_any_script():
    assert found("Дом и бездомный", "дом") == ["Дом"]
    assert found("शब्दों और शब्द", "शब्द") == ["शब्द"]
    assert found("我们讨论无家可归的问题", "无家可归") == ["无家可归"]
    assert found("بيت وبيوت", "بيت") == ["بيت"]
    assert found("Café and cafe", "cafe\u0301") == ["Café"]


def test_what_looks_like_a_pattern_is_a_word():
    assert found("C++ (a*b) and a.b", "a.b", "(a*b)") == ["(a*b)", "a.b"]

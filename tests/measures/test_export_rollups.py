"""What the export writes into a cell."""

from decimal import Decimal

import pytest

from measures.arithmetic.texts import plain


@pytest.mark.parametrize("text", ["=1+1", "+1", "-a", "@x", "\t=1", ' "=1', "\uff1d1"])
def test_a_text_that_looks_like_a_formula_is_made_inert(text):
    assert plain(text) == f"'{text}"


def test_numbers_and_ordinary_texts_stay_what_they_are():
    assert plain(Decimal("-1.500")) == "-1.5"
    assert plain(Decimal("1E+3")) == "1000"
    assert plain("phase=Primary") == "phase=Primary"
    assert not plain(None)
    assert plain(0) == 0

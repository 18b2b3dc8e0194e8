"""Which known name an unknown one was meant to be."""

from measures.imports.keys import nearest


def test_the_nearest_name_looks_past_accents_and_quotation_marks():
    assert nearest("rio grande", ["Río Grande", "Rio Bravo"]) == "Río Grande"
    assert not nearest("zzz", ["Río Grande"])

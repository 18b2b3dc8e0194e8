"""Every form of the product, sent with the oddest texts in every field. B3.

Some 27 000 requests, the longest work of all tests: in shares, which processes take side by side
(``tests/conftest.py``). Which share tries a form is told by the name of its address alone, so that
it is the same whoever asks, and no form is between two.
"""

import pytest
from django.urls import resolve

from tests.isolation import pages
from tests.isolation.odd import ODD
from tests.isolation.test_forms import PAGES, forms, send

SHARES = 3
NAMES = sorted(row["name"] for row in PAGES)
LONG = "L" * 1_000_000
EVERY = 40  # of the texts goes alone through each field


def share_of(form):
    return NAMES.index(resolve(form.action).view_name) % SHARES


def test_every_form_is_in_a_share(client, twins):
    found = forms(client, twins[0])
    tried = [form for share in range(SHARES) for form in found if share_of(form) == share]
    assert sorted(form.key for form in tried) == sorted(form.key for form in found)


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARES))
def test_b3_odd_texts_in_every_field_are_never_an_error(client, twins, share):
    """Two hundred odd texts, one after the other through every field that is typed."""
    mine, _theirs = twins
    said, texts = [], odd_texts()
    assert len(texts) >= 200
    for form in forms(client, mine):
        typed = [each for each in form.fields if each.is_typed or each.kind in {"hidden", "submit"}]
        typed = [each for each in typed if each.name not in pages.OWN]
        if form.method != "post" or not typed or share_of(form) != share:
            continue
        for text in texts:
            values = form.values() | {each.name: [encodable(text)] for each in typed}
            said += complaints(send(client, form, values), form, text)
        for each in typed:  # one wrong field among right ones goes further than all wrong at once
            for text in texts[::EVERY]:
                answer = send(client, form, form.values() | {each.name: [encodable(text)]})
                said += complaints(answer, form, text)
    assert said == []


def encodable(text):
    """What a browser would make of a lone surrogate is bytes; the test client refuses it."""
    return text.encode("utf-8", "surrogatepass")


def odd_texts():
    wrapped = [f"a {text} z" for text in ODD[:90]]
    return [*ODD, *wrapped, LONG]


def complaints(answer, form, text):
    said = f"{form.action} {text[:40]!r}: {answer.status_code}"
    if answer.status_code >= 500:
        return [said]
    body = answer.content.decode()
    raw = ("<script>alert(1)", "<img src=x", "</textarea><b>")
    return [f"{said} raw"] if any(each in body for each in raw if each in text) else []

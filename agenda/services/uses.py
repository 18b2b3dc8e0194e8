"""Where terms are used: found anew from all texts, whenever a term or a text has changed."""

from django.db import transaction

from agenda.arithmetic.words import split_by_terms
from agenda.models import TermUse
from agenda.selectors.glossary import written_forms
from agenda.selectors.texts import all_texts


def find_uses() -> int:
    """Note which agreed terms stand in which texts of the initiative in scope; how many.

    Doing it twice is doing it once: what stands there is noted, what does not is forgotten.
    """
    forms = list(written_forms())
    found = {
        (piece.key, text.object_type, text.object_id, text.field)
        for text in all_texts()
        for piece in split_by_terms(text.text, forms)
        if piece.key is not None
    }
    with transaction.atomic():
        there = {
            (row.term_id, row.object_type, row.object_id, row.field): row.pk
            for row in TermUse.objects.all()
        }
        gone = [pk for key, pk in there.items() if key not in found]
        TermUse.objects.filter(pk__in=gone).delete()
        TermUse.objects.bulk_create(
            [
                TermUse.here(term_id=term, object_type=kind, object_id=pk, field=field)
                for term, kind, pk, field in sorted(found - set(there))
            ],
            ignore_conflicts=True,
        )
    return len(found)

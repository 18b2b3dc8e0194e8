"""An indicator is agreed only in words that are agreed (A11)."""

from django.core.exceptions import ValidationError
from django.utils.translation import ngettext

from agenda.models import GlossaryTerm
from measures.choices import IndicatorState
from measures.models import Indicator
from measures.selectors.terms import unsettled_terms


class UnsettledTermsError(ValidationError):
    """What everyone counts would rest on words by which not everyone means the same."""

    def __init__(self, terms: list[GlossaryTerm], name: str) -> None:
        """``terms``: what is not agreed; ``name``: of the indicator in whose texts they stand."""
        self.terms = terms
        super().__init__(
            ngettext(
                "“%(name)s” uses a word of the glossary that is not agreed yet: %(terms)s. Agree on"
                " what it means first, or say it in other words.",
                "“%(name)s” uses words of the glossary that are not agreed yet: %(terms)s. Agree on"
                " what they mean first, or say it in other words.",
                len(terms),
            ),
            params={"name": name, "terms": ", ".join(f"“{each}”" for each in terms)},
        )


def check_terms(indicator: Indicator) -> None:
    """Refuse what an indicator that is agreed says in terms that are not.

    :raises UnsettledTermsError: there are such terms.
    """
    if indicator.state != IndicatorState.AGREED:
        return
    if found := unsettled_terms(indicator):
        raise UnsettledTermsError(found, indicator.name)

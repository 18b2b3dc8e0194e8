"""The texts of the measures in which the agenda's terms are looked for."""

from collections.abc import Iterator

from agenda.models import GlossaryTerm
from agenda.selectors.glossary import unsettled_in
from agenda.selectors.texts import Text, texts
from measures.models import Indicator, IndicatorVersion

FIELDS = ("definition", "numerator_text", "denominator_text", "inclusion", "exclusion")


def texts_of(indicator: Indicator) -> list[str]:
    """What an indicator is called and means, from its first day to its last."""
    versions = IndicatorVersion.objects.filter(indicator=indicator)
    return [indicator.name, *(getattr(each, field) for each in versions for field in FIELDS)]


def unsettled_terms(indicator: Indicator) -> list[GlossaryTerm]:
    """The terms of an indicator that are not agreed: they keep it from being agreed (A11)."""
    return unsettled_in(texts_of(indicator))


@texts
def of_indicators() -> Iterator[Text]:
    """What indicators are called and mean, in all their versions."""
    for pk, name in Indicator.objects.values_list("pk", "name"):
        yield Text("measures.indicator", pk, "name", name)
    for version in IndicatorVersion.objects.all():
        for field in FIELDS:
            yield Text("measures.indicatorversion", version.pk, field, getattr(version, field))

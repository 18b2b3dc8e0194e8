"""The texts of the measures in which the agenda's terms are looked for."""

from collections.abc import Iterator

from agenda.selectors.texts import Text, texts
from measures.models import Indicator, IndicatorVersion

FIELDS = ("definition", "numerator_text", "denominator_text", "inclusion", "exclusion")


@texts
def of_indicators() -> Iterator[Text]:
    """What indicators are called and mean, in all their versions."""
    for pk, name in Indicator.objects.values_list("pk", "name"):
        yield Text("measures.indicator", pk, "name", name)
    for version in IndicatorVersion.objects.all():
        for field in FIELDS:
            yield Text("measures.indicatorversion", version.pk, field, getattr(version, field))

"""The closed lists of shared measurement."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CalendarKind(TextChoices):
    GREGORIAN = "gregorian", _("Calendar years")
    SCHOOL = "school", _("School years")
    FISCAL = "fiscal", _("Fiscal years")


class Frequency(TextChoices):
    """From the shortest to the longest; a year is one of its calendar's years."""

    MONTH = "month", _("month")
    QUARTER = "quarter", _("quarter")
    HALF_YEAR = "half_year", _("half-year")
    YEAR = "year", _("year")


class IndicatorKind(TextChoices):
    COUNT = "count", _("Count")
    STOCK = "stock", _("Stock")
    RATIO = "ratio", _("Ratio")
    MEAN = "mean", _("Mean")


class Direction(TextChoices):
    INCREASE = "increase", _("should increase")
    DECREASE = "decrease", _("should decrease")
    MAINTAIN = "maintain", _("should stay in range")


class IndicatorLevel(TextChoices):
    ORGANIZATION = "organization", _("Reported by partners")
    COMMUNITY = "community", _("One source for the community")


class IndicatorState(TextChoices):
    DRAFT = "draft", _("Draft")
    PROPOSED = "proposed", _("Proposed")
    AGREED = "agreed", _("Agreed")
    RETIRED = "retired", _("Retired")


class CellOperator(TextChoices):
    SUM = "sum", _("sum")
    NONE = "none", _("none")


class TimeOperator(TextChoices):
    SUM = "sum", _("sum")
    LAST = "last", _("last")
    NONE = "none", _("none")


class OrganizationOperator(TextChoices):
    SUM = "sum", _("sum")
    MEAN = "mean", _("mean")
    NONE = "none", _("none")


class RoundState(TextChoices):
    PLANNED = "planned", _("Planned")
    OPEN = "open", _("Open")
    DUE = "due", _("Due")
    GRACE = "grace", _("In grace")
    CLOSED = "closed", _("Closed")


class SubmissionState(TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    RETURNED = "returned", _("Returned")
    ACCEPTED = "accepted", _("Accepted")


class ImportState(TextChoices):
    """Where a file that was sent in stands."""

    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked")
    IMPORTING = "importing", _("Being imported")
    IMPORTED = "imported", _("Imported")
    REFUSED = "refused", _("Refused")
    FAILED = "failed", _("Failed")
    DROPPED = "dropped", _("Dropped")


class FileColumn(TextChoices):
    """The columns a file of values may have, and what they are for who chooses among them."""

    ORGANIZATION_CODE = "organization_code", _("Organization, by its code or name")
    ORGANIZATION_NAME = "organization_name", _("The name of the organization, beside its code")
    INDICATOR_CODE = "indicator_code", _("Indicator, by its code or name")
    PERIOD = "period", _("Period")
    VALUE = "value", _("The number")
    NUMERATOR = "numerator", _("The numerator of a share, or the sum of a mean")
    DENOMINATOR = "denominator", _("The denominator of a share, or how many a mean is about")
    HOW_SURE = "how_sure", _("How sure the number is: final, provisional or estimated")
    COMMENT = "comment", _("Comment")


class DecimalMark(TextChoices):
    """How a file writes its decimals, where that has to be said."""

    POINT = "point", _("a point: 1,234.5")
    COMMA = "comma", _("a comma: 1.234,5")


class FactStatus(TextChoices):
    """The words of SDMX OBS_STATUS that a fact may have."""

    NORMAL = "normal", _("Normal")
    PROVISIONAL = "provisional", _("Provisional")
    ESTIMATED = "estimated", _("Estimated")
    MISSING = "missing", _("Missing")
    SUPPRESSED = "suppressed", _("Suppressed by the source")


class CorrectionReason(TextChoices):
    ENTRY = "entry", _("A slip when entering")
    SOURCE = "source", _("The source changed")
    METHOD = "method", _("Counted differently")
    LATE = "late", _("Data came late")
    IMPORT = "import", _("Replaced by an import")
    OTHER = "other", _("Another reason")


class ScopeKind(TextChoices):
    """Over whom a rollup is taken."""

    ORGANIZATION = "organization", _("Organization")
    PLACE = "place", _("Place")
    INITIATIVE = "initiative", _("Initiative")


# What a column of a file may be told to be, besides a canonical name.
DIMENSION = "dimension:"  # with the dimension's code behind it
LEFT_OUT = "-"

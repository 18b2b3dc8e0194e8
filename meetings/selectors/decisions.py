"""The register of decisions, what one still needs, and numbers as they stood."""

from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector
from django.utils.translation import gettext as _

from initiatives.models import Membership
from measures.choices import ScopeKind
from measures.models import Indicator, Period, Rollup
from meetings.models import Decision, DecisionOption, Evidence, Interest, Meeting, Score
from meetings.selectors.attendance import quorum
from meetings.selectors.pre_reads import is_notice_kept

CONFIG = "simple"  # organizations write in many languages: words as they are


def frozen_number(indicator: Indicator, period: Period | None = None) -> dict[str, Any] | None:
    """The initiative's number as it stands, to be kept; the latest period's without ``period``."""
    rows = Rollup.objects.filter(
        indicator=indicator,
        scope=ScopeKind.INITIATIVE,
        cell=None,
        value__isnull=False,
        period__frequency=indicator.frequency,
    ).select_related("period")
    if period is not None:
        rows = rows.filter(period=period)
    row = rows.order_by("-period__starts_on").first()
    if row is None:
        return None
    return {
        "indicator": indicator.name,
        "unit": indicator.unit,
        "decimals": indicator.decimals,
        "period": row.period.name,
        "period_id": row.period_id,
        "value": str(row.value),
        "expected": row.expected,
        "reported": row.reported,
        "status": row.status,
        "version_id": row.version_id,
        "computed_at": row.computed_at.isoformat(),
    }


def missing_for(decision: Decision, *, rationale: str, dissent: str) -> list[str]:
    """What still stands in the way of deciding, each in plain words; nothing when it may be."""
    problems = []
    if DecisionOption.objects.filter(decision=decision).count() < 2:  # noqa: PLR2004 - two or more
        problems.append(_("A decision has two or more options."))
    evidence = Evidence.objects.filter(decision=decision).exists()
    if not evidence and not decision.evidence_waiver:
        problems.append(_("Add at least one piece of evidence, or record why there is none."))
    undeclared = Interest.objects.filter(decision=decision, is_beneficiary=True, text="")
    names = list(undeclared.values_list("organization__name", flat=True))
    if names:
        text = _("These organizations gain and have not declared how: %s.")
        problems.append(text % ", ".join(names))
    if not rationale.strip():
        problems.append(_("Say why this option."))
    if not dissent.strip():
        problems.append(_('Write down the dissent, or "none".'))
    if decision.meeting is not None:
        problems += _of_meeting(decision, decision.meeting)
    return problems


def _of_meeting(decision: Decision, meeting: Meeting) -> list[str]:
    problems = []
    found = quorum(meeting)
    if not found.is_there:
        text = _("%(needed)d organizations are needed to decide; %(counted)d count now.")
        problems.append(text % {"needed": found.needed, "counted": found.counted})
    if decision.item is not None and not is_notice_kept(decision.item):
        problems.append(
            _(
                "The papers came late. Every organization present must waive, or it is only discussed."
            )
        )
    return problems


def register(membership: Membership, *, words: str = "") -> Any:
    """The decisions one may see, latest first; with ``words``, the best match first."""
    rows = Decision.objects.visible_to(membership).select_related("body", "outcome", "meeting")
    words = words.strip()
    if not words:
        return rows.order_by("-decided_at", "-id")
    if words.upper().startswith("D-"):
        return rows.filter(pk__in=[each.pk for each in rows if each.cite == words.upper()])
    text = SearchVector("question", weight="A", config=CONFIG) + SearchVector(
        "background", "rationale", "dissent", "outcome__text", weight="B", config=CONFIG
    )
    query = SearchQuery(words, config=CONFIG, search_type="websearch")
    return (
        rows.annotate(found=text, rank=SearchRank(text, query))
        .filter(found=query)
        .order_by("-rank", "-id")
    )


def sums_of(decision: Decision) -> dict[int, tuple[int, int]]:
    """By option, the weighted score and the most it could be. For reading, never for deciding."""
    criteria = {each.pk: each.weight for each in decision.criteria.all()}
    most = 5 * sum(criteria.values())
    found = {each.pk: 0 for each in decision.options.all()}
    for score in Score.objects.filter(option__in=found):
        found[score.option_id] += score.value * criteria.get(score.criterion_id, 0)
    return {option: (value, most) for option, value in found.items()}

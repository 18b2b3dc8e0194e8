"""How many minutes were asked of whom this month: by announcements, meetings, forms and versions
of the agenda.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Min, OuterRef, Q, Subquery, Sum

from agenda.models import AgendaVersion
from agenda.selectors.ratification_waiting import ANSWER_TAKES
from agenda.selectors.silent import ASKING
from initiatives.choices import NoticeState
from initiatives.models import InitiativeProfile, Notice
from measures.choices import IndicatorState
from measures.models import Assignment, Submission
from measures.selectors.submissions import MINUTES_A_NUMBER
from meetings.models import AskedMinutes, PreRead

MINUTES_TO_ANSWER = 3  # a seat says whether it comes, and whether this is its agenda
FORM = "round_due"  # the letter that asks for a paper; a reminder of it asks for nothing more


def asked_this_month(now: datetime) -> dict[int, int]:
    """Minutes asked of each person since the month began, by the initiative's clock."""
    since = month_begin(now)
    rows = AskedMinutes.objects.filter(at__gte=since, at__lte=now)
    found = Counter(dict(rows.order_by().values_list("user_id").annotate(Sum("minutes"))))
    return dict(found + _by_forms(since, now) + _by_ratifications(since, now))


def month_begin(now: datetime) -> datetime:
    profile = InitiativeProfile.objects.first()
    local = now.astimezone(profile.zone) if profile else now
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)


def minutes_of_letter(papers: Iterable[PreRead]) -> int:
    """What the letter before a meeting asks of one seat: to answer, and to read ``papers``."""
    return MINUTES_TO_ANSWER + sum(each.minutes for each in papers)


def _by_forms(since: datetime, now: datetime) -> Counter[int]:
    """By person, the minutes of the papers they were asked to fill."""
    letters = Notice.objects.filter(
        kind=FORM,
        subject_type=Submission._meta.label_lower,
        user__isnull=False,
        created_at__gte=since,
        created_at__lte=now,
    ).exclude(state=NoticeState.CANCELLED)
    asked = set(letters.values_list("user_id", "subject_id"))
    if not asked:
        return Counter()
    period = "round__period"
    numbers = Assignment.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=OuterRef(f"{period}__starts_on")),
        organization=OuterRef("organization"),
        starts_on__lt=OuterRef(f"{period}__ends_on"),
        indicator__state=IndicatorState.AGREED,
        indicator__calendar=OuterRef(f"{period}__calendar"),
        indicator__frequency=OuterRef(f"{period}__frequency"),
    )
    counted = (
        numbers.order_by().values("organization").annotate(n=Count("indicator", distinct=True))
    )
    papers = Submission.objects.filter(pk__in={each for _user, each in asked})
    cost = dict(papers.annotate(n=Subquery(counted.values("n"))).values_list("pk", "n"))
    found: Counter[int] = Counter()
    for user_id, paper_id in asked:
        if paper_id in cost:
            found[user_id] += (cost[paper_id] or 1) * MINUTES_A_NUMBER
    return found


def _by_ratifications(since: datetime, now: datetime) -> Counter[int]:
    """By person, the minutes to answer versions of the agenda: each once, however often reminded.

    The first letter asks, be it the opening's or a reminder to who came later.
    """
    letters = Notice.objects.filter(
        kind__in=ASKING,
        subject_type=AgendaVersion._meta.label_lower,
        user__isnull=False,
        created_at__lte=now,
    ).exclude(state=NoticeState.CANCELLED)
    first = letters.order_by().values("user_id", "subject_id").annotate(at=Min("created_at"))
    asked = first.filter(at__gte=since).values_list("user_id", flat=True)
    return Counter({user: n * ANSWER_TAKES for user, n in Counter(asked).items()})

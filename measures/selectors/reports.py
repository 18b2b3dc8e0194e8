"""What a reader from outside is given: a page that is set like print, and words to quote."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from initiatives.models import Initiative, InitiativeProfile, Membership
from measures.selectors.dashboards import Dashboard
from measures.selectors.figures import Figure


@dataclass(frozen=True, slots=True)
class Report:
    """An initiative in two minutes."""

    title: str
    description: str
    figures: tuple[Figure, ...]


def base_for(membership: Membership) -> str:
    """The page that a number stands on."""
    return "base_report.html" if membership.is_reader else "base.html"


def report(membership: Membership, dashboard: Dashboard) -> Report:
    """The dashboard as a page to read from top to bottom: what has a number comes first."""
    profile = InitiativeProfile.objects.first()
    unknown = tuple(figure for figure in dashboard.figures if not figure.known)
    return Report(
        title=(profile.question if profile else "") or membership.initiative.name,
        description=profile.description if profile else "",
        figures=(*dashboard.known, *unknown),
    )


def citation(initiative: Initiative, figure: Figure, *, whose: str = "", address: str = "") -> str:
    """Words that say a number so that it can be found again; nothing where there is none.

    ``address``: where a reader without an account saw it, who can open no other page; the moment
    is then said to the minute, since what a link shows changes.
    """
    latest = figure.latest
    if latest is None or latest.value is None:
        return ""
    path = reverse("measures:indicator", args=[initiative.slug, figure.indicator.pk])
    moment = timezone.localtime(latest.computed_at)
    day = formats.date_format(moment, "DATETIME_FORMAT" if address else "DATE_FORMAT")
    name = f"{figure.indicator.name} ({whose})" if whose else figure.indicator.name
    return _(
        "%(name)s: %(value)s, %(period)s; %(coverage)s. %(initiative)s, as of %(day)s. %(url)s"
    ) % {
        "name": name,
        "value": figure.said(latest.value),
        "period": latest.period,
        "coverage": latest.coverage,
        "initiative": initiative.name,
        "day": day,
        "url": address or settings.SITE_URL + path,
    }

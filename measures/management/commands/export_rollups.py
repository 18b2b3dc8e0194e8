"""``manage.py export_rollups SLUG [--as-of DATE]``: the rollups as CSV."""

import csv
from argparse import ArgumentParser
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from initiatives.models import Initiative, InitiativeProfile
from initiatives.tenancy import scope
from measures import rollups
from measures.arithmetic.texts import plain

HEADINGS = (
    *("indicator", "period", "scope kind", "scope code", "cell", "numerator", "denominator"),
    *("value", "expected", "reported", "status"),
)


class Command(BaseCommand):
    help = "Write the rollups of an initiative as CSV, as stored or as they were known at a date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("initiative", help="its address (slug)")
        parser.add_argument(
            "--as-of",
            type=moment_of,
            metavar="DATE",
            help="what was known at the end of this day, or at this moment (ISO 8601)",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        slug = options["initiative"]
        initiative = Initiative.objects.filter(slug=slug).first()
        if initiative is None:
            raise CommandError(f"There is no initiative {slug!r}.")
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow(HEADINGS)
        with scope(initiative.pk):
            asked = options["as_of"]
            found = rollups.table() if asked is None else as_known(asked)
            writer.writerows([plain(field) for field in row] for row in found)


def moment_of(text: str) -> date | datetime:
    """Read a day or a moment. A ValueError is told to who called."""
    return date.fromisoformat(text) if len(text) <= len("2026-01-01") else moment(text)


def moment(text: str) -> datetime:
    given = datetime.fromisoformat(text)
    return given if given.tzinfo else given.replace(tzinfo=UTC)


def as_known(asked: date | datetime) -> Any:
    if isinstance(asked, datetime):
        return rollups.table_as_known(asked)
    profile = InitiativeProfile.objects.first()
    zone = profile.zone if profile else UTC
    end = datetime.combine(asked + timedelta(days=1), time.min, zone) - timedelta(microseconds=1)
    return rollups.table_as_known(end, today=asked)

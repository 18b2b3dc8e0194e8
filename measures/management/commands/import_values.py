"""``manage.py import_values SLUG FILE``: read a table of values into an initiative."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from initiatives.choices import Means
from initiatives.models import Initiative
from initiatives.tenancy import BusyError, scope, steadily
from measures.imports.amounts import Outcome
from measures.imports.columns import key_of
from measures.imports.numbers import Style
from measures.imports.report import Report
from measures.services.imports import import_values

STYLES = {".": Style.POINT, ",": Style.COMMA}
UNEXPLAINED = 2  # the exit code where nothing but a reason is missing
BUSY = 3  # where others held what the import needs, for as long as it waited
TRIES = 4


class Command(BaseCommand):
    help = (
        "Read a CSV file of values: all of it or nothing. Answers in JSON, row by row. Ends with 1 "
        "where the file is refused, with 2 where only --reason is missing, with 3 where others "
        "are writing the same submissions."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="only say what would become")
        parser.add_argument("--accept", action="store_true", help="as accepted facts, at once")
        parser.add_argument(
            "--reason", default="", help="why accepted numbers change; needed where any would"
        )
        parser.add_argument("--partial", action="store_true", help="store the good rows")
        parser.add_argument("--decimal", choices=tuple(STYLES), help="the file's decimal mark")

        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="HEADING=MEANING",
            help="what an unknown heading is: period, dimension:CODE, value:CODE of an indicator "
            "that has a column of its own (numerator:CODE, denominator:CODE), or - for nothing",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        initiative = Initiative.objects.filter(slug=options["slug"]).first()
        if initiative is None:
            raise CommandError(f"There is no initiative “{options['slug']}”.")
        report = self._patiently(initiative.pk, options)
        self.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False))
        if report.needs_reason:
            self._ask_why(report)
        if report.refused:
            raise CommandError("Nothing was stored: see the errors.", returncode=1)

    def _patiently(self, initiative_id: int, options: dict[str, Any]) -> Report:
        """Read the file; again, where somebody else is writing the same submissions just now."""
        for left in reversed(range(TRIES)):
            try:
                return steadily(lambda: self._read(initiative_id, options))
            except OSError as error:
                raise CommandError(f"{options['file']}: {error.strerror}") from error
            except BusyError as error:
                if not left:
                    words = "The initiative is being written to; nothing was stored. Try again."
                    raise CommandError(words, returncode=BUSY) from error
        raise AssertionError

    def _ask_why(self, report: Report) -> None:
        """A correction is kept with its reason, and nobody but who imports knows it."""
        words = f"Accepted numbers would change ({report.changed}): say why with --reason TEXT."
        if report.refused and report.tally[Outcome.REJECT] == report.changed:
            raise CommandError(f"{words} Nothing was stored.", returncode=UNEXPLAINED)
        self.stderr.write(words)

    @staticmethod
    def _columns(given: list[str]) -> dict[str, str]:
        """The headings that were told, as the import knows them."""
        pairs = [each.rpartition("=") for each in given]
        return {key_of(heading): meaning.strip() for heading, _mark, meaning in pairs}

    @classmethod
    def _read(cls, initiative_id: int, options: dict[str, Any]) -> Report:
        with options["file"].open("rb") as file, scope(initiative_id):
            return import_values(
                actor=None,
                file=file,
                name=options["file"].name,
                style=STYLES.get(options["decimal"] or ""),
                accept=options["accept"],
                reason=options["reason"],
                partial=options["partial"],
                columns=cls._columns(options["column"]),
                dry_run=options["dry_run"],
                means=Means.COMMAND,
            )

"""``manage.py verify_acts``: whether the record of what was done is as it was written."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from initiatives.audit import Verdict, seals_among, verify
from initiatives.models import Initiative
from initiatives.tenancy import scope


class Command(BaseCommand):
    """Recompute the chains of acts; a broken one is an error."""

    help = "Recompute the chain of acts of one initiative or of all; fails if one is broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--initiative", metavar="SLUG", help="this one only")
        parser.add_argument(
            "--seal", action="append", default=[], help="one that a letter or the log told; repeat"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object per initiative")

    def handle(self, *args: Any, **options: Any) -> None:
        found = Initiative.objects.order_by("slug")
        if options["initiative"]:
            found = found.filter(slug=options["initiative"])
            if not found:
                raise CommandError(f"There is no initiative {options['initiative']}.")
        broken, missing = 0, set(options["seal"])
        for initiative in found:
            with scope(initiative.pk):
                verdict = verify()
                missing -= seals_among(missing)
            broken += verdict.broken_at is not None
            self.stdout.write(_said(initiative, verdict, as_json=options["json"]))
        if broken:
            raise CommandError(f"Broken chains: {broken}.")
        if missing:
            raise CommandError(f"In no chain any more: {', '.join(sorted(missing))}.")


def _said(initiative: Initiative, verdict: Verdict, *, as_json: bool) -> str:
    if as_json:
        return json.dumps({"initiative": initiative.slug, **asdict(verdict)})
    state = "whole" if verdict.broken_at is None else f"BROKEN at {verdict.broken_at}"
    head = verdict.head[:16] or "none"
    return (
        f"{initiative.slug}: {state}, {verdict.sealed} sealed, {verdict.unsealed} not yet,"
        f" head {head}"
    )

"""``manage.py rollup SLUG [--all] [--check]``: recompute what is marked, or everything, or compare."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Max

from initiatives.models import Initiative
from initiatives.tenancy import scope
from measures import rollups
from measures.models import DirtyKey, Indicator, Rollup
from measures.rollups.auditing import compare
from measures.services import auditing

PATIENCE = 120.0  # seconds for what a worker holds
PAUSE = 0.1


class Command(BaseCommand):
    help = "Recompute the rollups of an initiative that are out of date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("initiative", help="its address (slug)")
        parser.add_argument("--all", action="store_true", help="recompute everything")
        parser.add_argument(
            "--check",
            action="store_true",
            help="compare everything with the arithmetic; change nothing",
        )
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        slug = options["initiative"]
        initiative = Initiative.objects.filter(slug=slug).first()
        if initiative is None:
            raise CommandError(f"There is no initiative {slug!r}.")
        if options["check"]:
            self._check(initiative, as_json=options["json"])
            return
        with scope(initiative.pk):
            last = DirtyKey.objects.aggregate(last=Max("id"))["last"] or 0
            changed = rollups.rebuild() if options["all"] else rollups.drain()
        changed += self._rest(initiative, last)
        with scope(initiative.pk):
            told = {
                "initiative": slug,
                "changed": changed,
                "rollups": Rollup.objects.count(),
                "waiting": DirtyKey.objects.count(),
            }
        if options["json"]:
            self.stdout.write(json.dumps(told))
        else:
            self.stdout.write(
                f"{slug}: {changed} rollups changed, {told['rollups']} stored,"
                f" {told['waiting']} marks waiting"
            )

    def _rest(self, initiative: Initiative, last: int) -> int:
        """See what a worker holds just now to its end: who asked may export right after this."""
        changed, until = 0, time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with scope(initiative.pk):
                if not DirtyKey.objects.filter(id__lte=last).exists():
                    break
                changed += rollups.drain()
            time.sleep(PAUSE)
        return changed

    def _check(self, initiative: Initiative, *, as_json: bool) -> None:
        """Hold every rollup against the facts, and fail if one differs."""
        compared, passed_over, differing = 0, [], []
        with scope(initiative.pk):
            for indicator in Indicator.objects.order_by("id"):
                found = compare(indicator)
                if found is None:
                    passed_over.append(indicator.code)
                    continue
                compared += found.compared
                differing += [auditing.example(indicator, each) for each in found.differences]
        told = {
            "initiative": initiative.slug,
            "compared": compared,
            "passed_over": passed_over,
            "differing": differing,
        }
        if as_json:
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            self.stdout.write(f"{initiative.slug}: {len(differing)} of {compared} rollups differ")
            for each in differing:
                self.stdout.write("  {indicator}, {where}: {stored}, not {computed}".format(**each))
        if differing:
            raise CommandError("Stored rollups are not what the facts make them.", returncode=1)

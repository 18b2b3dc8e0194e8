"""``manage.py rollup SLUG [--all]``: recompute what is marked, or everything."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from initiatives.models import Initiative
from initiatives.tenancy import scope
from measures import rollups
from measures.models import DirtyKey, Rollup


class Command(BaseCommand):
    help = "Recompute the rollups of an initiative that are out of date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("initiative", help="its address (slug)")
        parser.add_argument("--all", action="store_true", help="recompute everything")
        parser.add_argument("--json", action="store_true", help="answer in JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        slug = options["initiative"]
        initiative = Initiative.objects.filter(slug=slug).first()
        if initiative is None:
            raise CommandError(f"There is no initiative {slug!r}.")
        with scope(initiative.pk):
            changed = rollups.rebuild() if options["all"] else rollups.drain()
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
